"""The totals per week and month that scorecards read, renewed in the transaction that changed a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection

from config.lib.calendars import Period, PeriodKind
from kpis.catalog import MEASURES
from kpis.selectors.window_sql import LAST_MEASURES, OPEN, window_sums

KINDS = (PeriodKind.WEEK, PeriodKind.MONTH)

# Left join: a period whose last measure went keeps an empty row, which says "known to be nothing" where a
# missing row would say "not computed yet".
_RENEW = f"""
with touched as materialized (
  select t.store_id, t.n, t.kind, t.starts_on, t.ends_on
  from unnest(%(stores)s::bigint[], %(kinds)s::text[], %(starts)s::date[], %(ends)s::date[])
    with ordinality as t(store_id, kind, starts_on, ends_on, n)),
sums as materialized ({window_sums("select store_id, n, starts_on, ends_on from touched", OPEN)}),
packed as (
  select n,
         jsonb_object_agg(measure, jsonb_build_array(value::text, reporting::text, days)) as totals,
         jsonb_build_array(min(first_rate_on), max(last_rate_on)) as rates
  from sums group by n)
insert into kpis_period_totals as old (store_id, kind, starts_on, reporting_currency, totals, rates, batch)
select t.store_id, t.kind, t.starts_on, %(reporting)s, coalesce(p.totals, '{{}}'),
       coalesce(p.rates, '[null, null]'), %(batch)s
from touched t
left join packed p using (n)
on conflict (store_id, kind, starts_on) do update
set reporting_currency = excluded.reporting_currency, totals = excluded.totals, rates = excluded.rates,
    batch = excluded.batch
where (old.reporting_currency, old.totals, old.rates)
      is distinct from (excluded.reporting_currency, excluded.totals, excluded.rates)"""  # noqa: S608

# After a change of the client's first day of the week, all weeks are made anew at once: readers may then take
# a week without a row for a week without facts as soon as they find any row of the present kind of week.
_DROP_FORMER_WEEKS = """
delete from kpis_period_totals where kind = 'week' and extract(isodow from starts_on) <> %s
returning store_id, starts_on"""

_HAS_FORMER_WEEKS = """
select exists (select from kpis_period_totals
               where kind = 'week' and extract(isodow from starts_on) <> %s)"""


def weeks_have_moved(week_start: int) -> bool:
    """Did the client's first day of the week change since the last roll-up that changed anything?"""
    with connection.cursor() as cursor:
        cursor.execute(_HAS_FORMER_WEEKS, [week_start])
        return bool(cursor.fetchone()[0])


def renew_period_totals(
    *, days: Iterable[tuple[int, date]], reporting: str, week_start: int, batch: int
) -> None:
    """Sum the week and the month of every (store, day) anew, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP_FORMER_WEEKS, [week_start])
        former = [
            (store_id, start + timedelta(days=n)) for store_id, start in cursor.fetchall() for n in range(7)
        ]
        touched = _periods({*days, *former}, week_start)
        cursor.execute(
            _RENEW,
            {
                "stores": [row[0] for row in touched],
                "kinds": [row[1] for row in touched],
                "starts": [row[2] for row in touched],
                "ends": [row[3] for row in touched],
                "measures": list(MEASURES),
                "last_measures": LAST_MEASURES,
                "reporting": reporting,
                "batch": batch,
            },
        )


def _periods(days: Iterable[tuple[int, date]], week_start: int) -> list[tuple[int, str, date, date]]:
    """Every (store, kind, first day, last day) that holds one of the days."""
    return sorted(
        {
            (store_id, kind.value, period.start, period.end)
            for store_id, day in days
            for kind in KINDS
            for period in (Period.containing(day, kind, week_start),)
        }
    )
