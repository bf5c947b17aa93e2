"""Sums of daily measures in which each day counts as much as it is told to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal

from django.db import connection

from kpis.catalog import ALL_MEASURES
from kpis.engine.measures import OverDays
from kpis.engine.totals import StoreTotals, Total
from kpis.selectors.window_sql import LAST_MEASURES

_MEAN_MEASURES = [measure.key for measure in ALL_MEASURES if measure.over_days is OverDays.MEAN]

# A mean is read as the sum over the days that have a row, so a weighted one is scaled to that.
_SUMS = """
select w.store_id, w.n, m.measure,
       case when m.measure = any(%(last)s::text[]) then (array_agg(m.value order by w.day desc))[1]
            when count(m.value) < count(*) then null
            when m.measure = any(%(mean)s::text[]) then sum(m.value * w.weight) * count(*) / sum(w.weight)
            else sum(m.value * w.weight) end,
       case when m.measure = any(%(last)s::text[]) then (array_agg(m.reporting_value order by w.day desc))[1]
            when count(m.reporting_value) < count(*) then null
            when m.measure = any(%(mean)s::text[])
            then sum(m.reporting_value * w.weight) * count(*) / sum(w.weight)
            else sum(m.reporting_value * w.weight) end,
       count(*)
from unnest(%(stores)s::bigint[], %(ns)s::int[], %(days)s::date[], %(weights)s::numeric[])
     as w(store_id, n, day, weight)
cross join unnest(%(measures)s::text[]) as k(measure)
join kpis_daily_measure m on m.store_id = w.store_id and m.measure = k.measure and m.business_on = w.day
where m.known_to is null
group by w.store_id, w.n, m.measure"""

# Store, number of the sum, day and weight.
WeightedDay = tuple[int, int, date, Decimal]


def list_weighted_sums(
    days: Iterable[WeightedDay], measures: Collection[str], sums: int
) -> list[dict[int, StoreTotals]]:
    """Return so many sums, each by store, from one query; a store without any row in one has no entry there.

    Of measures that are snapshots the last day counts whatever its weight, as in any window.
    """
    rows = list(days)
    with connection.cursor() as cursor:
        cursor.execute(
            _SUMS,
            {
                "stores": [row[0] for row in rows],
                "ns": [row[1] for row in rows],
                "days": [row[2] for row in rows],
                "weights": [row[3] for row in rows],
                "measures": sorted(measures),
                "last": LAST_MEASURES,
                "mean": _MEAN_MEASURES,
            },
        )
        found = cursor.fetchall()
    totals: list[dict[int, dict[str, Total]]] = [{} for _ in range(sums)]
    for store_id, n, measure, value, reporting, count in found:
        totals[n].setdefault(store_id, {})[measure] = Total(value, reporting, count)
    return [{store: StoreTotals(held) for store, held in each.items()} for each in totals]
