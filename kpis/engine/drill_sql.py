"""The SQL that breaks measures down to SKUs: the roll-up's own rows, costs and rates, grouped and only read.

It is generated from the same definitions as the roll-up (rollup_sql.py), so that what it finds adds up to
what is stored. Named parameters: stores, days, markets, currencies (parallel arrays, one element per (store,
day)), store_set, day_set and reporting, as there.
"""

from __future__ import annotations

from collections.abc import Sequence

from kpis.engine.measures import FactSource, Measure
from kpis.engine.rollup_sql import _DAY, _SHEETS, _UNIT_COST, _fx, _needed
from kpis.types import Unit


def drill_statement(source: FactSource, measures: Sequence[Measure], by: Sequence[str] = ("sku",)) -> str:
    """SELECT store_id, the columns of `by`, measure, value, reporting, over all days asked for.

    `by` names columns of the source's rows. Money is in the store's currency (`value`) and in the reporting
    currency, each day at its own rate; null where a rate is missing. Measures must add up over days.
    """
    return "with " + ",".join(_steps(source)) + "," + _grouped(source, measures, by)


def cost_lines_statement(source: FactSource, units: str) -> str:
    """SELECT store_id, line, value, reporting: what each line of the cost sheets came to, in both currencies.

    `units` is an SQL expression over a row: how many units of it count, with their sign. Lines whose rate is
    missing are left out, as the whole unit cost is in the roll-up.
    """
    steps = ",".join(_steps(source))
    return f"""
with {steps},
unit_line as materialized (
  select i.store_id, i.sku, i.business_on, i.channel, l.line, sum(l.amount * x.rate) as amount
  from in_force i
  join fact_cost_line l using (sheet_id)
  join unit_cost c on c.store_id = i.store_id and c.sku = i.sku and c.business_on = i.business_on
    and c.channel = i.channel and c.unit_landed is not null
  join fx x on x.frm = l.currency and x.into = i.currency and x.business_on = i.business_on
  group by i.store_id, i.sku, i.business_on, i.channel, l.line)
select r.store_id, u.line, sum({units} * u.amount) as value, sum({units} * u.amount * x.rate) as reporting
from fact_rows r
join day d using (store_id, business_on)
join unit_line u on u.store_id = r.store_id and u.sku = r.sku
  and u.business_on = r.{source.dated_by} and u.channel = {source.cost_channel}
left join fx x on x.frm = d.currency and x.into = %(reporting)s and x.business_on = d.business_on
group by r.store_id, u.line"""  # noqa: S608 - expressions of the catalogue


def _steps(source: FactSource) -> list[str]:
    """The days, rows, costs and rates that the roll-up works with."""
    steps = [_DAY, f"\nfact_rows as materialized ({source.rows})"]
    if source.uses_costs:
        steps += [_needed(source), _SHEETS]
    steps.append(_fx(source))
    if source.uses_costs:
        steps.append(_UNIT_COST)
    return steps


def _grouped(source: FactSource, measures: Sequence[Measure], by: Sequence[str]) -> str:
    costs, join_costs = "", ""
    if source.uses_costs:
        costs = (
            ", u.unit_landed, u.unit_other, u.store_id is not null and u.unit_landed is null as lacks_rate"
        )
        join_costs = (
            "left join unit_cost u on u.store_id = r.store_id and u.sku = r.sku"
            f" and u.business_on = r.{source.dated_by} and u.channel = {source.cost_channel}"
        )
    own = [column for column in by if column != "business_on"]
    inner = ", ".join(["store_id", "business_on", *own])
    outer = ", ".join(f"a.{column}" for column in ("store_id", *by))
    columns = ",\n         ".join(f"{m.expression} as m{n}" for n, m in enumerate(measures))
    values = ", ".join(
        f"('{m.key}', a.m{n}::numeric, {'true' if m.unit is Unit.MONEY else 'false'})"
        for n, m in enumerate(measures)
    )
    return f"""
priced as (
  select r.*, d.currency as store_currency, x.rate, x.rate is null as has_gap{costs}
  from fact_rows r
  join day d using (store_id, business_on)
  left join fx x on x.frm = r.currency and x.into = d.currency and x.business_on = r.{source.dated_by}
  {join_costs}),
aggregated as (
  select {inner}, bool_or(has_gap) as has_gap,
         {columns}
  from priced group by {inner}),
valued as (
  select {outer}, v.measure,
         case when v.is_money and a.has_gap then null else v.value end as value,
         case when not v.is_money then v.value when not a.has_gap then v.value * x.rate end as reporting
  from aggregated a
  join day d using (store_id, business_on)
  left join fx x on x.frm = d.currency and x.into = %(reporting)s and x.business_on = a.business_on
  cross join lateral (values {values}) as v(measure, value, is_money)
  where v.value is not null or (v.is_money and a.has_gap))
select {outer}, a.measure,
       case when count(a.value) = count(*) then sum(a.value) end as value,
       case when count(a.reporting) = count(*) then sum(a.reporting) end as reporting
from valued a group by {outer}, a.measure"""  # noqa: S608 - expressions of the catalogue
