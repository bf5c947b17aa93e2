"""Measures of buyers over time: who came back, who is new, what new ones bought.

Only orders whose buyer is known by a keyed hash count; marketplaces hide their buyers, own shops do not. A
buyer is new when no order of theirs is known in the 365 days before (Amazon's new-to-brand look-back).

Every order changes the counts on two days: when it enters a window and when it leaves it. Summing these
changes gives the count on any day, so no order is joined to every reference day that sees it.
"""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.measures import FactSource, Measure, OverDays
from kpis.types import Basis, Unit

YEAR, MONTH = 365, 30
LOOK_BACK = 2 * YEAR

BUYERS = FactSource(
    key="buyers",
    table="fact_order_line",
    families=frozenset({Family.ORDERS}),
    trailing_days=LOOK_BACK,
    rows=f"""
  with purchase as materialized (
    select l.store_id, l.buyer_hash, l.business_on, l.platform_order_id,
           sum(l.gross_amount - l.tax_amount - l.discount_amount - l.points_amount)
             filter (where l.currency = s.currency) as sales
    from fact_order_line l join (select distinct store_id, currency from day) s on s.store_id = l.store_id
    where l.buyer_hash <> '' and l.status <> 'cancelled' and not l.is_replacement
      and l.store_id = any(%(store_set)s)
      and l.business_on > (select min(business_on) from day) - {LOOK_BACK}
      and l.business_on <= (select max(business_on) from day)
    group by l.store_id, l.buyer_hash, l.business_on, l.platform_order_id),
  sequence as (
    select p.*, lag(business_on) over own as before_on, lead(business_on) over own as next_on
    from purchase p
    window own as (partition by store_id, buyer_hash order by business_on, platform_order_id)),
  flagged as (
    select *, before_on is null or business_on - before_on > {YEAR} as is_new from sequence),
  spell as (
    select *, max(business_on) filter (where is_new) over (
                partition by store_id, buyer_hash order by business_on, platform_order_id) as first_on
    from flagged),
  change (store_id, changes_on, buyers, repeaters, known_orders, first_orders, new_buyers, new_sales) as (
    select store_id, business_on, 1, 0, 0, 0, 0, 0::numeric from spell
    union all
    select store_id, least(next_on, business_on + {YEAR}), -1, 0, 0, 0, 0, 0 from spell
    union all
    select store_id, business_on, 0, 1, 0, 0, 0, 0 from spell where before_on + {YEAR} > business_on
    union all
    select store_id, least(next_on, before_on + {YEAR}), 0, -1, 0, 0, 0, 0
    from spell where before_on + {YEAR} > business_on
    union all
    select store_id, business_on, 0, 0, 1, is_new::int, 0, 0 from spell
    union all
    select store_id, business_on + {MONTH}, 0, 0, -1, -is_new::int, 0, 0 from spell
    union all
    select store_id, business_on, 0, 0, 0, 0, 1, 0 from spell where is_new
    union all
    select store_id, business_on + {YEAR}, 0, 0, 0, 0, -1, 0 from spell where is_new
    union all
    select store_id, business_on, 0, 0, 0, 0, 0, sales from spell where first_on + {YEAR} > business_on
    union all
    select store_id, first_on + {YEAR}, 0, 0, 0, 0, 0, -sales
    from spell where first_on + {YEAR} > business_on),
  daily as materialized (
    select store_id, changes_on, sum(buyers) as buyers, sum(repeaters) as repeaters,
           sum(known_orders) as known_orders, sum(first_orders) as first_orders,
           sum(new_buyers) as new_buyers, sum(new_sales) as new_sales
    from change group by store_id, changes_on)
  select d.store_id, d.business_on, d.currency, sum(c.buyers) as buyers, sum(c.repeaters) as repeaters,
         sum(c.known_orders) as known_orders, sum(c.first_orders) as first_orders,
         sum(c.new_buyers) as new_buyers, sum(c.new_sales) as new_sales
  from day d left join daily c on c.store_id = d.store_id and c.changes_on <= d.business_on
  group by d.store_id, d.business_on, d.currency""",  # noqa: S608 - constants only
)


def _count(key: str, column: str, meaning: str) -> Measure:
    return Measure(
        key=key,
        source=BUYERS.key,
        unit=Unit.COUNT,
        basis=Basis.ORDER,
        expression=f"coalesce(sum({column}), 0)",
        meaning=meaning,
        over_days=OverDays.LAST,
    )


GROWTH_MEASURES = (
    _count("buyers", "buyers", "Buyers with an order in 365 days"),
    _count("repeat_buyers", "repeaters", "Buyers with two orders or more in 365 days"),
    _count("known_orders", "known_orders", "Orders of known buyers in 30 days"),
    _count("first_orders", "first_orders", "Orders of 30 days whose buyer had none in the 365 days before"),
    _count("new_buyers", "new_buyers", "Buyers won in 365 days"),
    Measure(
        key="sales_of_new_buyers",
        source=BUYERS.key,
        unit=Unit.MONEY,
        basis=Basis.ORDER,
        expression="coalesce(sum(new_sales * rate), 0)",
        meaning="What the buyers won in 365 days bought so far, ex tax, before refunds",
        over_days=OverDays.LAST,
    ),
)
