"""The one SQL that sums daily measures over windows, for the present and as known at a past instant."""

from __future__ import annotations

from kpis.catalog import ALL_MEASURES
from kpis.engine.measures import OverDays

LAST_MEASURES = [measure.key for measure in ALL_MEASURES if measure.over_days is OverDays.LAST]

OPEN = "m.known_to is null"
AS_KNOWN = "m.known_from <= %(at)s and (m.known_to is null or m.known_to > %(at)s)"

# Every store with every window; n counts the windows from 1.
STORES_AND_WINDOWS = """
  select s.store_id, p.n, p.starts_on, p.ends_on
  from unnest(%(stores)s::bigint[]) as s(store_id)
  cross join unnest(%(starts)s::date[], %(ends)s::date[]) with ordinality as p(starts_on, ends_on, n)"""


def window_sums(windows: str, known: str) -> str:
    """SELECT store_id, n, measure, value, reporting, days, first_rate_on, last_rate_on.

    `windows` yields store_id, n, starts_on, ends_on (both days included). Parameters besides its own:
    `measures` text[] (which to sum), `last_measures` text[] (those of which the last day counts) and `at` for
    AS_KNOWN. A sum with an unknown part is null, `days` counts the days that have a row. Trailing zeros are
    cut, so that a number reads the same whether it comes from kept totals or from the days.
    """
    return f"""
select w.store_id, w.n, m.measure,
       trim_scale(case when m.measure = any(%(last_measures)s::text[])
                       then (array_agg(m.value order by m.business_on desc))[1]
                       when count(m.value) = count(*) then sum(m.value) end) as value,
       trim_scale(case when m.measure = any(%(last_measures)s::text[])
                       then (array_agg(m.reporting_value order by m.business_on desc))[1]
                       when count(m.reporting_value) = count(*) then sum(m.reporting_value) end) as reporting,
       count(*) as days, min(m.rate_on) as first_rate_on, max(m.rate_on) as last_rate_on
from ({windows}) w
cross join unnest(%(measures)s::text[]) as k(measure)
join kpis_daily_measure m on m.store_id = w.store_id and m.measure = k.measure
  and m.business_on between w.starts_on and w.ends_on
where {known}
group by w.store_id, w.n, m.measure"""  # noqa: S608 - both parts are constants of this module's callers
