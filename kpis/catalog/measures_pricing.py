"""Measures of our prices against competitors', and of exchange rates."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.measures import FactSource, Measure, OverDays
from kpis.types import Basis, Unit

# Only the day's last observation of a product counts, and only where it shows us beside a competitor.
OFFERS = FactSource(
    key="offers",
    table="fact_offer_snapshot",
    families=frozenset({Family.OFFERS}),
    rows="""
  with seen as materialized (
    select o.store_id, o.business_on, o.product_id, o.is_own, o.landed_amount, o.currency,
           o.observed_at = max(o.observed_at) over (partition by o.store_id, o.business_on, o.product_id)
             as is_last
    from day d join fact_offer_snapshot o using (store_id, business_on)
    where lower(o.condition) = 'new'
      and o.store_id = any(%(store_set)s) and o.business_on = any(%(day_set)s))
  select s.store_id, s.business_on, s.currency,
         min(s.landed_amount) filter (where s.is_own) as own,
         min(s.landed_amount) filter (where not s.is_own) as rival
  from seen s
  where s.is_last
  group by s.store_id, s.business_on, s.product_id, s.currency
  having min(s.landed_amount) filter (where s.is_own) > 0
     and min(s.landed_amount) filter (where not s.is_own) > 0""",
)

# Rates have no store of their own; they are noted on every day on which anything of a store changed.
EXCHANGE = FactSource(
    key="exchange",
    table="tenants_fxrate",
    families=frozenset(Family),
    rows="""
  select d.store_id, d.business_on, %(reporting)s::text as currency, d.currency as native
  from day d where d.currency <> %(reporting)s""",
)

PRICING_MEASURES = (
    Measure(
        key="price_log_sum",
        source="offers",
        unit=Unit.INDEX,
        basis=Basis.OBSERVED,
        expression="sum(ln(own / rival))",
        meaning="Σ ln(our landed price / lowest competitor's) over product-days",
    ),
    Measure(
        key="price_comparisons",
        source="offers",
        unit=Unit.COUNT,
        basis=Basis.OBSERVED,
        expression="count(*)",
        meaning="Product-days on which both prices were seen",
    ),
    Measure(
        key="fx_level",
        source="exchange",
        unit=Unit.INDEX,
        basis=Basis.RATE,
        expression="max(rate)",
        meaning="Units of the store's currency for one of the client's reporting currency",
        over_days=OverDays.LAST,
    ),
)
