"""The SQL of the roll-up, generated from the measures: one statement per fact table, set-based throughout.

Each statement computes every measure of its source for the given (store, day)s, compares with the open rows
and closes and opens only those whose value changed, all in one round trip. Named parameters (psycopg's
`%(name)s`): stores, days, markets, currencies (parallel arrays, one element per (store, day)), store_set and
day_set (the different ones among them), reporting (currency), measures (keys of the source), at
(known_from/known_to), batch.

The planner knows nothing of the size of intermediate results before a new client's tables were analysed, and
then joins them in nested loops: minutes, not seconds. So statements are made to run without nested loops
(`PLANNER_SETTINGS`): facts are reached by arrays of stores and days, everything else is hashed.
"""

from __future__ import annotations

from collections.abc import Sequence

from kpis.engine.measures import FactSource, Measure
from kpis.types import Unit

FX_MAX_AGE_DAYS = 7

PLANNER_SETTINGS = {"enable_nestloop": "off"}

LANDED_LINES = "'purchase', 'first_leg', 'duty', 'import_tax', 'inbound'"

_DAY = """
day as materialized (
  select distinct d.store_id, d.business_on, d.market, d.currency
  from unnest(%(stores)s::bigint[], %(days)s::date[], %(markets)s::text[], %(currencies)s::text[])
    as d(store_id, business_on, market, currency))"""

# The sheet in force is found by date ranges, so that a year of days costs one join and not one look-up each.
# A market's own sheet goes before the general one, and within a market that of the row's sales channel; of
# one date the highest version counts.
_SHEETS = f"""
sheet as (
  select distinct on (s.sku, s.market, s.channel, s.effective_on)
         s.id, s.sku, s.market, s.channel, s.effective_on
  from fact_cost_sheet s
  where s.sku in (select n.sku from needed n)
  order by s.sku, s.market, s.channel, s.effective_on, s.version desc),
sheet_range as materialized (
  select id, sku, market, channel, effective_on as first_on,
         coalesce(lead(effective_on) over (partition by sku, market, channel order by effective_on),
                  'infinity'::date) as next_on
  from sheet),
sheet_cost as materialized (
  select l.sheet_id, l.currency,
         coalesce(sum(l.amount) filter (where l.line in ({LANDED_LINES})), 0) as landed,
         coalesce(sum(l.amount) filter (where l.line not in ({LANDED_LINES})), 0) as other
  from fact_cost_line l join sheet_range s on s.id = l.sheet_id
  group by l.sheet_id, l.currency),
in_force as materialized (
  select distinct on (n.store_id, n.sku, n.business_on, n.channel)
         n.store_id, n.sku, n.business_on, n.channel, n.currency, s.id as sheet_id
  from needed n
  join sheet_range s on s.sku = n.sku and s.market in ('', n.market) and s.channel in ('', n.channel)
    and n.business_on >= s.first_on and n.business_on < s.next_on
  order by n.store_id, n.sku, n.business_on, n.channel, s.market = '', s.channel = '')"""  # noqa: S608 - constants only


def _needed(source: FactSource) -> str:
    """The SKUs and days that need a cost: the day of the row, which is not always the day it counts on."""
    return f"""
needed as materialized (
  select distinct r.store_id, r.sku, r.{source.dated_by} as business_on, {source.cost_channel} as channel,
         d.market, d.currency
  from fact_rows r join day d using (store_id, business_on))"""  # noqa: S608 - a column of the catalogue


_UNIT_COST = """
unit_cost as materialized (
  select i.store_id, i.sku, i.business_on, i.channel,
         case when count(x.rate) = count(*) then sum(c.landed * x.rate) end as unit_landed,
         case when count(x.rate) = count(*) then sum(c.other * x.rate) end as unit_other
  from in_force i
  join sheet_cost c using (sheet_id)
  left join fx x on x.frm = c.currency and x.into = i.currency and x.business_on = i.business_on
  group by i.store_id, i.sku, i.business_on, i.channel)"""


def _fx(source: FactSource) -> str:
    """The exchange rate of every currency pair and day in play: the last one published on a day that has both
    currencies, at most seven days old. EUR is the base of the table and has no rows of its own."""
    cost_pairs = (
        "union select c.currency, i.currency, i.business_on"
        " from in_force i join sheet_cost c using (sheet_id)"
        if source.uses_costs
        else ""
    )
    return f"""
pair as materialized (
  select d.currency::text as frm, %(reporting)s::text as into, d.business_on from day d
  union select r.currency, d.currency, r.{source.dated_by}
  from fact_rows r join day d using (store_id, business_on)
  {cost_pairs}),
fx as materialized (
  select p.frm, p.into, p.business_on, x.rate, x.rate_on
  from pair p
  cross join lateral (
    select 1::numeric as rate, p.business_on as rate_on where p.frm = p.into
    union all
    (select r.rate, r.rate_on
     from (select a.rate_on,
                  case when p.frm = 'EUR' then a.per_eur
                       when p.into = 'EUR' then 1::numeric(48, 30) / a.per_eur
                       else (select b.per_eur::numeric(48, 30) / a.per_eur from public.tenants_fxrate b
                             where b.source = 'ecb' and b.currency = p.into and b.rate_on = a.rate_on)
                  end as rate
           from public.tenants_fxrate a
           where p.frm <> p.into and a.source = 'ecb'
             and a.currency = case when p.frm = 'EUR' then p.into else p.frm end
             and a.rate_on between p.business_on - {FX_MAX_AGE_DAYS} and p.business_on
           order by a.rate_on desc) r
     where r.rate is not null limit 1)
  ) x)"""  # noqa: S608 - constants only


def _computed(source: FactSource, measures: Sequence[Measure]) -> str:
    """Every measure of every (store, day), unpivoted; money that met a missing rate is null with why."""
    costs = (
        ", u.unit_landed, u.unit_other, u.store_id is not null and u.unit_landed is null as lacks_rate"
        if source.uses_costs
        else ""
    )
    join_costs = (
        "left join unit_cost u on u.store_id = r.store_id and u.sku = r.sku"
        f" and u.business_on = r.{source.dated_by} and u.channel = {source.cost_channel}"
        if source.uses_costs
        else ""
    )
    columns = ",\n         ".join(f"{m.expression} as m{n}" for n, m in enumerate(measures))
    values = ", ".join(
        f"('{m.key}', a.m{n}::numeric, {_sql(m.unit is Unit.MONEY)}, {_sql(m.counts_missing_rates)})"
        for n, m in enumerate(measures)
    )
    per_part = ", ".join(source.parts_by)
    parts = ", ".join(f"{expression} as {name}" for name, expression in source.parts)
    parted = (
        f"""
parted as (
  select store_id, business_on, bool_or(has_gap) as has_gap, {per_part}, {parts}
  from priced group by store_id, business_on, {per_part}),"""  # noqa: S608 - expressions of the catalogue
        if source.parts
        else ""
    )
    return f"""
priced as (
  select r.*, d.currency as store_currency, x.rate, x.rate is null as has_gap{costs}
  from fact_rows r
  join day d using (store_id, business_on)
  left join fx x on x.frm = r.currency and x.into = d.currency and x.business_on = r.{source.dated_by}
  {join_costs}),{parted}
aggregated as (
  select store_id, business_on, bool_or(has_gap) as has_gap,
         {columns}
  from {"parted" if source.parts else "priced"} group by store_id, business_on),
computed as (
  select a.store_id, a.business_on, v.measure,
         case when v.is_money then d.currency else '' end as currency,
         case when v.is_money and a.has_gap then null else round(v.value, 10) end as value,
         case when v.is_money then %(reporting)s else '' end as reporting_currency,
         case when v.is_money and not a.has_gap then round(v.value * x.rate, 10) end as reporting_value,
         case when v.is_money and not a.has_gap then x.rate_on end as rate_on,
         case when v.is_money and (a.has_gap or x.rate is null) or v.is_gap and v.value > 0 then 'fx_missing'
              else '' end as why_missing
  from aggregated a
  join day d using (store_id, business_on)
  left join fx x on x.frm = d.currency and x.into = %(reporting)s and x.business_on = d.business_on
  cross join lateral (values {values}) as v(measure, value, is_money, is_gap)
  where v.value is not null or (v.is_money and a.has_gap))"""  # noqa: S608 - expressions of the catalogue


def _sql(truth: bool) -> str:
    return "true" if truth else "false"


# `opened` reads `closed`, so rows are closed before their successors are opened: the constraint of one open
# row per (store, measure, day) is checked row by row.
_APPLY = """
stored as (
  select m.id, m.store_id, m.business_on, m.measure, m.currency, m.value, m.reporting_currency,
         m.reporting_value, m.rate_on, m.why_missing
  from kpis_daily_measure m
  join day d on d.store_id = m.store_id and d.business_on = m.business_on
  where m.known_to is null and m.measure = any(%(measures)s)
    and m.store_id = any(%(store_set)s) and m.business_on = any(%(day_set)s)),
changed as materialized (
  select coalesce(c.store_id, s.store_id) as store_id, coalesce(c.business_on, s.business_on) as business_on,
         coalesce(c.measure, s.measure) as measure, c.store_id is not null as is_open, s.id as old_id,
         c.currency, c.value, c.reporting_currency, c.reporting_value, c.rate_on, c.why_missing
  from computed c
  full join stored s on s.store_id = c.store_id and s.business_on = c.business_on and s.measure = c.measure
  where s.id is null or c.store_id is null
     or (c.currency, c.value, c.reporting_currency, c.reporting_value, c.rate_on, c.why_missing)
        is distinct from
        (s.currency, s.value, s.reporting_currency, s.reporting_value, s.rate_on, s.why_missing)),
closed as (
  update kpis_daily_measure m set known_to = %(at)s
  where m.id = any(array(select old_id from changed where old_id is not null))
  returning m.id),
opened as (
  insert into kpis_daily_measure (store_id, business_on, measure, currency, value, reporting_currency,
                                  reporting_value, rate_on, why_missing, batch, known_from, known_to)
  select store_id, business_on, measure, currency, value, reporting_currency, reporting_value, rate_on,
         why_missing, %(batch)s, %(at)s, null
  from changed
  where is_open and (select count(*) from closed) >= 0
  returning id)"""

_RESULT = """
select store_id, business_on, measure, is_open, old_id is not null as is_closed,
       (select count(*) from opened) as opened
from changed"""


def rollup_statement(source: FactSource, measures: Sequence[Measure]) -> str:
    """The whole statement of one source: days, rows, costs, rates, sums, comparison, close and open."""
    steps = [_DAY, f"\nfact_rows as materialized ({source.rows})"]
    if source.uses_costs:
        steps += [_needed(source), _SHEETS]
    steps.append(_fx(source))
    if source.uses_costs:
        steps.append(_UNIT_COST)
    steps += [_computed(source, measures), _APPLY]
    return "with " + ",".join(steps) + _RESULT
