"""The sums of measures over windows: from the kept totals where there are any, from the days otherwise."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection

from config.lib.calendars import Period, PeriodKind
from connectors.selectors.prepared import fetch_prepared
from connectors.selectors.versions import among, rows_version
from kpis.catalog import MEASURES
from kpis.engine.totals import StoreTotals, Total
from kpis.selectors.window_sql import AS_KNOWN, LAST_MEASURES, OPEN, STORES_AND_WINDOWS, window_sums
from tenants.context import require_client

# One entry per period asked for; each maps a store to its totals. A store without facts has no entry.
Sums = list[dict[int, StoreTotals]]

# Of which kinds of period totals are kept.
KEPT_KINDS = (PeriodKind.WEEK, PeriodKind.MONTH)

# A kept row as it was read: store, first day, totals and rates, both still text.
Kept = tuple[tuple[int, date, str, str], ...]

# A text that differs after every roll-up that changed a day; null before the first one.
DAYS_VERSION = "(select max(b.number)::text from kpis_rollupbatch b)"

_DAILY = window_sums(STORES_AND_WINDOWS, OPEN)
_DAILY_AS_KNOWN = window_sums(STORES_AND_WINDOWS, AS_KNOWN)

# The sums of the days in the form of kept totals; a store without facts has an empty row.
_PACKED = f"""
with wanted as materialized ({STORES_AND_WINDOWS}),
sums as materialized ({window_sums("select * from wanted", OPEN)}),
packed as (
  select store_id, n,
         json_object_agg(measure, json_build_array(value::text, reporting::text, days)) as totals,
         json_build_array(min(first_rate_on), max(last_rate_on)) as rates
  from sums group by store_id, n)
select w.store_id, w.starts_on, coalesce(p.totals::text, '{{}}'), coalesce(p.rates::text, '[null, null]')
from wanted w left join packed p on p.store_id = w.store_id and p.n = w.n
order by w.store_id, w.starts_on"""  # noqa: S608 - our own


def list_packed_sums(store_ids: Sequence[int], periods: Sequence[Period], measures: Collection[str]) -> Kept:
    """Sum some measures over periods of any kind from the days, in the form in which totals are kept."""
    with connection.cursor() as cursor:
        cursor.execute(_PACKED, _window_parameters(store_ids, [(p.start, p.end) for p in periods], measures))
        return tuple(cursor.fetchall())


def list_period_sums(
    store_ids: Sequence[int], periods: Sequence[Period], *, as_known_at: datetime | None = None
) -> Sums:
    """Sum every measure over each of `periods` (all of one kind) for each store.

    One query for weeks and months of the present, one over the days for any other kind or a past instant.
    The days serve too until the first roll-up after a change of the client's first day of the week, when no
    kept row fits.
    """
    kept = () if as_known_at is not None else list_kept_totals(store_ids, periods)[1]
    if kept:
        return read_kept_totals(kept, periods)
    return list_window_sums(store_ids, [(p.start, p.end) for p in periods], MEASURES, as_known_at=as_known_at)


def kept_version(stores: str, periods: int = 3) -> str:
    """SQL of a text that differs whenever the kept totals of some periods do; null where nothing is kept.

    `stores` is what follows `in`, the parameters are those of `kept_parameters`.
    """
    return f"(select {rows_version('k')} from kpis_period_totals k where {_kept(stores, periods)})"  # noqa: S608


def _kept(stores: str, periods: int) -> str:
    """The condition on a row `k`; one parameter per period, as for stores."""
    starts = ", ".join(f"%(start{n})s::date" for n in range(periods))
    return f"""k.store_id in {stores} and k.kind = %(kind)s and k.starts_on in ({starts})
  and k.reporting_currency = %(reporting)s"""


def kept_parameters(periods: Sequence[Period]) -> dict[str, Any]:
    """What the kept totals of periods (all of one kind) are found by."""
    starts = {f"start{n}": period.start for n, period in enumerate(periods)}
    return {**starts, "kind": periods[0].kind.value, "reporting": require_client().reporting_currency}


def list_kept_totals(store_ids: Sequence[int], periods: Sequence[Period]) -> tuple[str | None, Kept]:
    """Return the kept totals of periods (all of one kind) as they are stored, with their `kept_version`; only
    weeks and months are kept."""
    if not store_ids or periods[0].kind not in KEPT_KINDS:
        return None, ()
    stores, parameters = among(store_ids)
    rows = fetch_prepared(
        f"""
select k.store_id, k.starts_on, k.totals::text, k.rates::text, {kept_version(stores, len(periods))}
from kpis_period_totals k where {_kept(stores, len(periods))}
order by k.store_id, k.starts_on""",  # noqa: S608 - our own
        parameters | kept_parameters(periods),
    )
    return rows[0][-1] if rows else None, tuple(row[:-1] for row in rows)


def read_kept_totals(kept: Kept, periods: Sequence[Period]) -> Sums:
    """Return the totals of each period by store."""
    sums: dict[date, dict[int, StoreTotals]] = {period.start: {} for period in periods}
    for store_id, starts_on, totals, rates in kept:
        sums[starts_on][store_id] = _unpack(orjson.loads(totals), orjson.loads(rates))
    return [sums[period.start] for period in periods]


def list_window_sums(
    store_ids: Sequence[int],
    windows: Sequence[tuple[date, date]],
    measures: Collection[str],
    *,
    as_known_at: datetime | None = None,
) -> Sums:
    """Sum some measures over any windows (first and last day included) from the daily rows, in one query."""
    parameters = {**_window_parameters(store_ids, windows, measures), "at": as_known_at}
    with connection.cursor() as cursor:
        if as_known_at is not None:
            _wait_for_running_rollup(cursor)
        cursor.execute(_DAILY if as_known_at is None else _DAILY_AS_KNOWN, parameters)
        rows = cursor.fetchall()
    return _group(rows, len(windows))


def _window_parameters(
    store_ids: Sequence[int], windows: Sequence[tuple[date, date]], measures: Collection[str]
) -> dict[str, Any]:
    return {
        "stores": list(store_ids),
        "starts": [start for start, _ in windows],
        "ends": [end for _, end in windows],
        "measures": list(measures),
        "last_measures": LAST_MEASURES,
    }


def _wait_for_running_rollup(cursor: Any) -> None:
    """A roll-up under way may carry a `known_from` before the instant asked for; once it has committed, the
    past can no longer change. Later roll-ups start after now."""
    cursor.execute(
        "select pg_advisory_xact_lock_shared(hashtextextended(%s, 0))",
        [lock_name(require_client().id)],
    )


def lock_name(client_id: int) -> str:
    """The name under which a client's roll-ups exclude each other; readers of the past wait for it too."""
    return f"kpis.rollup:{client_id}"


def _unpack(totals: dict[str, list[Any]], rates: list[str | None]) -> StoreTotals:
    first, last = (None if day is None else date.fromisoformat(day) for day in rates)
    return StoreTotals(
        {
            key: Total(
                None if value is None else Decimal(value),
                None if reporting is None else Decimal(reporting),
                days,
            )
            for key, (value, reporting, days) in totals.items()
        },
        first,
        last,
    )


def _group(rows: Sequence[tuple[Any, ...]], windows: int) -> Sums:
    found: list[dict[int, dict[str, Total]]] = [{} for _ in range(windows)]
    rates: dict[tuple[int, int], list[date]] = {}
    for store_id, n, measure, value, reporting, days, first_on, last_on in rows:
        found[n - 1].setdefault(store_id, {})[measure] = Total(value, reporting, days)
        rates.setdefault((n - 1, store_id), []).extend(day for day in (first_on, last_on) if day)
    return [
        {
            store_id: StoreTotals(
                totals, min(rates[n, store_id], default=None), max(rates[n, store_id], default=None)
            )
            for store_id, totals in stores.items()
        }
        for n, stores in enumerate(found)
    ]
