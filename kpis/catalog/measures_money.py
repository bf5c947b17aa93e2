"""Measures of money on its way to the bank, and of how units answer to our own price."""

from __future__ import annotations

from connectors.types import Family
from kpis.catalog.measures_trailing import reach
from kpis.engine.measures import FactSource, Measure, OverDays
from kpis.types import Basis, Unit

# A payout that was exchanged tells the share of its value that the exchange cost, whatever the home currency:
# 1 − rate paid / rate booked.
PAYOUTS = FactSource(
    key="payouts",
    table="fact_payout",
    families=frozenset({Family.PAYOUTS}),
    rows="""
  select p.store_id, d.business_on, p.currency, p.expected_amount, p.paid_amount, p.mean_days,
         case when p.booked_rate > 0 then 1 - p.paid_rate / p.booked_rate end as lost_share
  from day d join fact_payout p using (store_id, business_on)
  where p.store_id = any(%(store_set)s) and p.business_on = any(%(day_set)s)""",
)

# Thirteen full weeks back from the reference day, because days without a sale have no logarithm. Within a
# SKU the deviations from its own means are kept: dear and cheap SKUs are never compared with one another.
ELASTICITY_DAYS = 91
# Logarithms are taken of floats (the exact ones are fifty times as slow) and rounded, so that what is summed
# is exact again and does not depend on the order of the rows.
OWN_PRICES = FactSource(
    key="own_prices",
    table="fact_order_line",
    families=frozenset({Family.ORDERS}),
    trailing_days=ELASTICITY_DAYS,
    rows=f"""
  with {reach(ELASTICITY_DAYS)},
  sold as materialized (
    select l.store_id, l.sku, l.business_on as fact_on, sum(l.quantity) as units,
           sum(l.gross_amount - l.tax_amount - l.discount_amount - l.points_amount) as paid
    from fact_order_line l
    join (select distinct store_id, currency from day) s
      on s.store_id = l.store_id and s.currency = l.currency
    where l.status <> 'cancelled' and not l.is_replacement and l.quantity > 0
      and l.store_id = any(%(store_set)s) and l.business_on = any((select days from seen)::date[])
    group by l.store_id, l.sku, l.business_on),
  week as materialized (
    select r.store_id, r.business_on, l.sku, (r.business_on - r.fact_on) / 7 as weeks_back,
           round(ln(sum(l.units)::float8)::numeric, 12) as log_units,
           round(ln((sum(l.paid) / sum(l.units))::float8)::numeric, 12) as log_price
    from reach r join sold l using (store_id, fact_on)
    group by r.store_id, r.business_on, l.sku, weeks_back
    having sum(l.paid) > 0),
  point as materialized (
    select store_id, business_on, sku,
           log_units - avg(log_units) over same as units_off,
           log_price - avg(log_price) over same as price_off
    from week window same as (partition by store_id, business_on, sku))
  select d.store_id, d.business_on, d.currency, p.sku, p.units_off, p.price_off
  from day d left join point p on p.store_id = d.store_id and p.business_on = d.business_on""",  # noqa: S608 - constants only
)

# The sums are kept in millionths, so that rounding them for storage does not show in their quotient.
MICRO = 1_000_000


def _money(key: str, expression: str, meaning: str) -> Measure:
    return Measure(
        key=key,
        source=PAYOUTS.key,
        unit=Unit.MONEY,
        basis=Basis.POSTED,
        expression=expression,
        meaning=meaning,
    )


def _moment(key: str, expression: str, meaning: str, unit: Unit = Unit.NUMBER) -> Measure:
    return Measure(
        key=key,
        source=OWN_PRICES.key,
        unit=unit,
        basis=Basis.ORDER,
        expression=expression,
        meaning=meaning,
        over_days=OverDays.LAST,
    )


MONEY_MEASURES = (
    _money("payouts_expected", "sum(abs(expected_amount) * rate)", "Payouts as they were expected"),
    _money(
        "payouts_gap",
        "sum(abs(expected_amount - paid_amount) * rate)",
        "Σ |expected − paid| over payouts; gaps of opposite sign do not hide each other",
    ),
    _money(
        "payouts_received",
        "sum(paid_amount * rate) filter (where paid_amount > 0)",
        "Money that reached the bank",
    ),
    _money(
        "payouts_waited",
        "sum(paid_amount * mean_days * rate) filter (where paid_amount > 0)",
        "Σ amount × days from order to bank",
    ),
    _money(
        "exchange_loss",
        "coalesce(sum(paid_amount * lost_share * rate), 0)",
        "Money at the booked rate less money at the payout's rate; negative where the exchange gained",
    ),
    _moment(
        "price_moment",
        f"coalesce(sum(price_off * price_off), 0) * {MICRO}",
        "Σ (ln price − mean)² over SKU-weeks of 13 weeks, in millionths",
    ),
    _moment(
        "price_units_moment",
        f"coalesce(sum(price_off * units_off), 0) * {MICRO}",
        "Σ (ln price − mean)(ln units − mean) over SKU-weeks of 13 weeks, in millionths",
    ),
    _moment(
        "units_moment",
        f"coalesce(sum(units_off * units_off), 0) * {MICRO}",
        "Σ (ln units − mean)² over SKU-weeks of 13 weeks, in millionths",
    ),
    _moment("price_weeks", "count(sku)", "SKU-weeks with a sale in 13 weeks", Unit.COUNT),
    _moment("price_skus", "count(distinct sku)", "SKUs with a sale in 13 weeks", Unit.COUNT),
)
MONEY_SOURCES = (PAYOUTS, OWN_PRICES)
