"""Measures of how goods travel: to the buyer in time, to the warehouse, through customs.

A package counts on the shop day it was paid (of the order, where payment is unknown), so late news change
the day concerned and no other. What is due only when time has passed (a promise of delivery, 24 business
hours) is told by the roll-up's instant `%(at)s`; `kpis.services.due_days` marks the days of what fell due.
"""

from __future__ import annotations

from connectors.types import Family
from kpis.catalog.holidays import all_rest_days
from kpis.engine.histogram import DAYS, HOURS, Histogram, histogram
from kpis.engine.measures import FactSource, Measure, OverDays
from kpis.types import Basis, Unit

DELIVERY_LAG_DAYS = 7
_REST = ", ".join(f"('{market}', date '{day}')" for market, day in all_rest_days())

# For each market and calendar day the first open day on or after it, and the next open day after it.
_CALENDAR = f"""
  rest (market, on_day) as materialized (values {_REST}),
  calendar as materialized (
    select m.market, d.on_day,
           min(d.on_day) filter (where x.is_open) over (
             partition by m.market order by d.on_day
             rows between current row and unbounded following) as opens_on,
           min(d.on_day) filter (where x.is_open) over (
             partition by m.market order by d.on_day
             rows between 1 following and unbounded following) as next_on
    from (select distinct market from day) m
    cross join (select b.first_on + n as on_day
                from (select min(business_on) - 2 as first_on, max(business_on) + 24 as last_on from day) b
                cross join lateral generate_series(0, b.last_on - b.first_on) n) d
    left join rest r on r.market = m.market and r.on_day = d.on_day
    cross join lateral (
      select r.on_day is null and extract(isodow from d.on_day) < 6 as is_open) x)"""  # noqa: S608

# Paid on an open day, 24 business hours end at the same wall clock time of the next open day; paid on a
# closed one, they are the whole next open day.
ORDERS_SHIPPED = FactSource(
    key="orders_shipped",
    table="fact_shipment",
    families=frozenset({Family.SHIPMENTS}),
    rows=f"""
  with {_CALENDAR},
  part as (
    select p.store_id, d.business_on, d.currency, p.channel, p.paid_at, p.shipped_at, p.cancelled_by,
           p.is_complete, p.channel = 'merchant' and p.cancelled_by = '' as is_ours,
           coalesce(nullif(p.platform_order_id, ''), p.shipment_key) as order_key,
           case when c.opens_on = c.on_day
                then (c.next_on + (p.paid_at at time zone s.time_zone)::time) at time zone s.time_zone
                else (c.opens_on + 1)::timestamp at time zone s.time_zone end as due_at
    from day d
    join fact_shipment p using (store_id, business_on)
    join connectors_store s on s.id = p.store_id
    left join calendar c on c.market = d.market and c.on_day = (p.paid_at at time zone s.time_zone)::date
    where p.store_id = any(%(store_set)s) and p.business_on = any(%(day_set)s))
  select store_id, business_on, currency, order_key,
         bool_or(channel = 'merchant') as is_own,
         bool_or(cancelled_by = 'seller' and shipped_at is null and channel = 'merchant') as is_refused,
         bool_or(paid_at is not null) and not bool_and(cancelled_by = 'buyer') as is_wanted,
         coalesce(bool_and(is_complete and shipped_at is not null)
                    filter (where cancelled_by <> 'buyer'), false) as is_fulfilled,
         coalesce(bool_and(shipped_at is not null or due_at <= %(at)s)
                    filter (where is_ours and due_at is not null), false) as is_due,
         coalesce(bool_and(shipped_at is not null and shipped_at <= due_at)
                    filter (where is_ours and due_at is not null), false) as is_swift
  from part
  group by store_id, business_on, currency, order_key""",  # noqa: S608 - constants only
)

PACKAGES = FactSource(
    key="packages",
    table="fact_shipment",
    families=frozenset({Family.SHIPMENTS}),
    rows=f"""
  select p.store_id, d.business_on, d.currency, p.quantity, p.lost_units + p.damaged_units as harmed_units,
         p.shipped_at is not null as is_shipped, p.is_tracked, p.channel = 'merchant' as is_own,
         p.is_tracked and p.channel = 'merchant' and p.cancelled_by = ''
           and p.promised_at + interval '{DELIVERY_LAG_DAYS} days' <= %(at)s as is_judged,
         coalesce(p.delivered_at <= p.promised_at, false) as is_punctual,
         extract(epoch from p.accepted_at - p.paid_at) / 3600 as handling_hours,
         extract(epoch from p.delivered_at - p.accepted_at) / 86400 as last_mile_days
  from day d join fact_shipment p using (store_id, business_on)
  where p.store_id = any(%(store_set)s) and p.business_on = any(%(day_set)s)""",  # noqa: S608 - constants only
)

# A departure of a recent week cannot have arrived yet, so transit is told by the day of receipt: of the goods
# received in the 90 days up to the reference day, whenever they left in the half year before.
FIRST_LEG_DAYS_BACK = 270
INBOUND_LEGS = FactSource(
    key="inbound_legs",
    table="fact_inbound_shipment",
    families=frozenset({Family.INBOUND}),
    trailing_days=FIRST_LEG_DAYS_BACK,
    rows=f"""
  with leg as materialized (
    select i.store_id, i.inbound_key, min(i.business_on) as business_on,
           (max(i.received_at) at time zone max(s.time_zone))::date as received_on,
           extract(epoch from max(i.received_at) - min(i.departed_at)) / 86400 as transit_days
    from fact_inbound_shipment i join connectors_store s on s.id = i.store_id
    where i.store_id = any(%(store_set)s)
      and i.business_on > (select min(x) from unnest(%(day_set)s::date[]) x) - {FIRST_LEG_DAYS_BACK}
    group by i.store_id, i.inbound_key
    having bool_and(i.received_at is not null))
  select d.store_id, d.business_on, d.currency, l.transit_days
  from day d
  left join leg l on l.store_id = d.store_id and l.received_on between d.business_on - 89 and d.business_on
    and l.business_on > d.business_on - {FIRST_LEG_DAYS_BACK}""",  # noqa: S608 - constants only
)

CUSTOMS = FactSource(
    key="customs",
    table="fact_customs_declaration",
    families=frozenset({Family.CUSTOMS}),
    rows="""
  select c.store_id, d.business_on, d.currency, c.outcome, c.documents_required, c.documents_valid
  from day d join fact_customs_declaration c using (store_id, business_on)
  where c.store_id = any(%(store_set)s) and c.business_on = any(%(day_set)s)""",
)

HANDLING = Histogram("handling_hours", HOURS)
LAST_MILE = Histogram("last_mile_days", DAYS)
FIRST_LEG = Histogram("first_leg_days", DAYS)


def _count(source: FactSource, key: str, condition: str, meaning: str, basis: Basis = Basis.ORDER) -> Measure:
    return Measure(
        key=key,
        source=source.key,
        unit=Unit.COUNT,
        basis=basis,
        expression=f"count(*) filter (where {condition})",
        meaning=meaning,
    )


def _sum(source: FactSource, key: str, expression: str, meaning: str, basis: Basis = Basis.ORDER) -> Measure:
    return Measure(
        key=key, source=source.key, unit=Unit.COUNT, basis=basis, expression=expression, meaning=meaning
    )


SHIPMENT_MEASURES = (
    _count(
        ORDERS_SHIPPED,
        "orders_due_24h",
        "is_due",
        "Seller-fulfilled orders that were shipped or whose 24 business hours after payment are over",
    ),
    _count(
        ORDERS_SHIPPED,
        "orders_shipped_24h",
        "is_due and is_swift",
        "Seller-fulfilled orders shipped completely within 24 business hours after payment",
    ),
    _count(ORDERS_SHIPPED, "orders_to_ship", "is_own", "Seller-fulfilled orders, cancelled ones included"),
    _count(
        ORDERS_SHIPPED,
        "orders_refused",
        "is_refused",
        "Seller-fulfilled orders of which the seller cancelled something before it was shipped",
    ),
    _count(
        ORDERS_SHIPPED,
        "orders_wanted",
        "is_wanted",
        "Paid orders that the buyer did not cancel",
    ),
    _count(
        ORDERS_SHIPPED,
        "orders_fulfilled",
        "is_wanted and is_fulfilled",
        "Of these, the ones shipped completely",
    ),
    _count(
        PACKAGES,
        "packages_shipped",
        "is_shipped and is_own",
        "Seller-fulfilled packages confirmed as shipped",
    ),
    _count(
        PACKAGES,
        "packages_tracked",
        "is_shipped and is_own and is_tracked",
        "Of these, the ones with a valid tracking number that was scanned",
    ),
    _count(
        PACKAGES,
        "packages_promised",
        "is_judged",
        f"Tracked seller-fulfilled packages whose promised delivery is {DELIVERY_LAG_DAYS} days past",
    ),
    _count(
        PACKAGES, "packages_punctual", "is_judged and is_punctual", "Of these, the ones delivered by then"
    ),
    _sum(
        PACKAGES,
        "units_sent",
        "sum(quantity) filter (where is_shipped)",
        "Units in packages confirmed as shipped, of every channel",
    ),
    _sum(
        PACKAGES,
        "units_harmed",
        "sum(harmed_units) filter (where is_shipped)",
        "Of these, units that were lost or damaged",
    ),
    *histogram(
        HANDLING.key,
        PACKAGES.key,
        "handling_hours",
        HOURS,
        basis=Basis.ORDER,
        meaning="Seller-fulfilled packages by hours from payment to the carrier's first scan",
        where="is_own",
    ),
    *histogram(
        LAST_MILE.key,
        PACKAGES.key,
        "last_mile_days",
        DAYS,
        basis=Basis.ORDER,
        meaning="Packages by days from the carrier's first scan to delivery",
    ),
    *histogram(
        FIRST_LEG.key,
        INBOUND_LEGS.key,
        "transit_days",
        DAYS,
        basis=Basis.OBSERVED,
        over_days=OverDays.LAST,
        meaning="Inbound shipments received in the last 90 days by days from departure to receipt",
    ),
    _count(
        CUSTOMS,
        "customs_decided",
        "outcome <> 'pending'",
        "Declarations that customs decided on",
        Basis.OBSERVED,
    ),
    _count(
        CUSTOMS,
        "customs_failed",
        "outcome in ('held', 'rejected', 'returned')",
        "Declarations held, rejected or returned",
        Basis.OBSERVED,
    ),
    _count(
        CUSTOMS,
        "customs_released",
        "outcome = 'released'",
        "Declarations released without a query",
        Basis.OBSERVED,
    ),
    _sum(
        CUSTOMS,
        "customs_papers_required",
        "sum(documents_required)",
        "Papers that declarations needed",
        Basis.OBSERVED,
    ),
    _sum(
        CUSTOMS,
        "customs_papers_valid",
        "sum(documents_valid)",
        "Of these, papers present and valid at departure",
        Basis.OBSERVED,
    ),
)
SHIPMENT_SOURCES = (ORDERS_SHIPPED, PACKAGES, INBOUND_LEGS, CUSTOMS)
