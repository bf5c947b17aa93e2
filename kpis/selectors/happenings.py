"""Which events and holidays a store's days fell on: what makes a day unlike another of the same weekday."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from config.lib.calendars import business_day
from connectors.facts.happenings import Event
from connectors.records import EventKind
from connectors.types import StoreRef
from kpis.catalog.holidays import rest_days
from kpis.engine.alignment import Events

# Events of single SKUs and edits move a SKU; these move the whole store.
_STORE_WIDE = (EventKind.PROMOTION, EventKind.HOLIDAY, EventKind.EMERGENCY)
_LONGEST = timedelta(days=60)
REST_DAY = "holiday"


def list_events(stores: Sequence[StoreRef], first: date, last: date) -> dict[int, Events]:
    """Return the names of the events on each day from `first` to `last` by store: promotions and holidays
    recorded for the whole store, and the rest days of its market; holidays bear the name "holiday" too.

    An emergency is named `emergency:<its first day>` and lasts, up to 60 days, until its end is recorded.
    """
    found: dict[int, dict[date, frozenset[str]]] = {store.id: {} for store in stores}
    zones = {store.id: store.time_zone for store in stores}
    for store in stores:
        for year in range(first.year, last.year + 1):
            for day in rest_days(store.market, year):
                if first <= day <= last:
                    found[store.id][day] = frozenset({REST_DAY})
    rows = Event.objects.filter(
        store_id__in=zones,
        sku="",
        kind__in=[kind.value for kind in _STORE_WIDE],
        business_on__range=(first - _LONGEST, last),
    ).values_list("store_id", "business_on", "ended_at", "kind", "title")
    for store_id, begins, ended_at, kind, title in rows:
        names = {title, REST_DAY} if kind == EventKind.HOLIDAY else {title}
        days = _days(begins, ended_at, zones[store_id])
        if kind == EventKind.EMERGENCY:
            names = {f"{kind}:{begins.isoformat()}"}
            days = days if ended_at is not None else _open_days(begins)
        for day in days:
            if first <= day <= last:
                found[store_id][day] = found[store_id].get(day, frozenset()) | names
    return dict(found)


def _days(begins: date, ended_at: datetime | None, time_zone: str) -> list[date]:
    ends = begins if ended_at is None else max(begins, business_day(ended_at, time_zone))
    return [begins + timedelta(days=n) for n in range(min(ends - begins, _LONGEST).days + 1)]


def _open_days(begins: date) -> list[date]:
    return [begins + timedelta(days=n) for n in range(_LONGEST.days + 1)]
