"""What a bundle tells beside calls and runs: changes, abnormal figures with their rows, and hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from alerts.engine.work import kpi_of
from config.lib.calendars import Period, business_day
from config.lib.errors import Invalid
from config.lib.redact import redact
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from kpis.selectors.rows import find_rows, shown
from kpis.selectors.series import get_series
from kpis.types import Grain
from tenants.selectors.ledger import audit_rows

_MOST = 100
_MOST_KPIS = 5
_MOST_ROWS = 50

Row = dict[str, Any]


def list_changes(first: datetime, last: datetime) -> list[Row]:
    """Return the newest audit entries of a time, without values and names, which need the right to read the
    audit: `seq` and `entry_hash` find the whole entry."""
    rows = audit_rows(since=first, until=last).order_by("-seq")[:_MOST]
    names = ("seq", "at", "actor_kind", "verb", "target_type", "target_id", "request_id")
    return [
        {**{name: row[name] for name in names}, "entry_hash": bytes(row["entry_hash"]).hex()} for row in rows
    ]


def list_figures(
    store_id: int, alerts: Sequence[tuple[str, str]], first: datetime, last: datetime
) -> list[Row]:
    """Return the KPIs that alerts (subject, detector) are about by day, with facts behind the last day."""
    store = get_store(store_id)
    found = [kpi_of(subject, detector) for subject, detector in alerts]
    keys = list(dict.fromkeys(key for key in found if key is not None))[:_MOST_KPIS]
    return [_figure(key, store, first, last) for key in keys]


def seal_parts(bundle: Mapping[str, Any]) -> Row:
    """A bundle as plain JSON values without secrets, with the SHA-256 of each part under `sha256`.

    A part's hash is over its JSON with sorted keys and no blanks.
    """
    plain: Row = orjson.loads(orjson.dumps(redact(bundle), default=str, option=orjson.OPT_UTC_Z))
    return {**plain, "sha256": {name: digest_of(part) for name, part in plain.items()}}


def digest_of(part: Any) -> str:
    """SHA-256 over JSON with sorted keys and no blanks, in hexadecimal."""
    return hashlib.sha256(orjson.dumps(part, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _figure(key: str, store: StoreRef, first: datetime, last: datetime) -> Row:
    start, end = business_day(first, store.time_zone), business_day(last, store.time_zone)
    series = get_series(key, first=start, last=end, grain=Grain.DAY, store_ids=[store.id])
    told: Row = {"kpi": key, "points": series["points"], "day": end}
    try:
        rows = find_rows(key, Period.containing(end, "day"), [store.id])
    except Invalid as why:
        return {**told, "rows": [], "rows_of": 0, "why_no_rows": why.detail}
    return {**told, "rows": [shown(row) for row in rows.order_by("id")[:_MOST_ROWS]], "rows_of": rows.count()}
