"""How far the facts of a store are known: what detectors that read facts ask before they claim anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from alerts.detectors.base import Scope
from config.lib import clock
from config.lib.calendars import business_day
from connectors.selectors.freshness import list_freshness
from connectors.types import FreshnessState, StoreRef, StreamFreshness

ORDERS = ("orders", "orders_report")
INVENTORY = ("inventory", "inventory_ledger")
ADS = ("sp_advertised_product",)
LISTINGS = ("listings", "offers")
REVIEWS = ("reviews",)
FEEDBACK = ("seller_feedback",)
SHIPMENTS = ("shipments",)
INBOUND = ("inbound",)
CUSTOMS = ("customs",)


@dataclass(frozen=True, slots=True)
class Known:
    """Up to which shop day facts are known. `problem` "" if they may be judged, else the code of why not."""

    through: date | None
    as_of: datetime | None
    problem: str = ""


def known_of(scope: Scope[Any], *groups: Sequence[str]) -> dict[int, Known]:
    """Return for every store how far all of these groups are known; of a group one stream is enough.

    In a past instant nothing counts as late: what covers the day before is good enough.
    """
    streams = tuple(dict.fromkeys(stream for group in groups for stream in group))
    found: list[StreamFreshness] = scope.reads.once(
        ("freshness", scope.store_ids, streams), lambda: list_freshness(scope.store_ids, streams)
    )
    by_key = {(item.store_id, item.stream): item for item in found}
    is_past = scope.at < clock.now() - timedelta(hours=1)
    return {
        store.id: _all_of([_one_of(store, group, by_key, scope.at, is_past) for group in groups])
        for store in scope.stores
    }


def _one_of(
    store: StoreRef,
    group: Sequence[str],
    by_key: dict[tuple[int, str], StreamFreshness],
    at: datetime,
    is_past: bool,
) -> Known:
    """The best of a group's streams."""
    day = business_day(at, store.time_zone)
    candidates = []
    for stream in group:
        item = by_key.get((store.id, stream))
        if item is None or item.state is FreshnessState.NEVER:
            continue
        through = min(item.covered_through, day) if item.covered_through is not None else None
        as_of = min(item.data_as_of, at) if item.data_as_of is not None else None
        if is_past:
            reaches = through is not None and through >= day - timedelta(days=1)
            candidates.append(Known(through, as_of, "" if reaches else "coverage_incomplete"))
        else:
            candidates.append(
                Known(through, as_of, "" if item.state is FreshnessState.FRESH else item.state.value)
            )
    if not candidates:
        return Known(None, None, "never_synced")
    return min(candidates, key=lambda each: (bool(each.problem), -(each.through or date.min).toordinal()))


def _all_of(parts: Sequence[Known]) -> Known:
    """What all groups together allow: the first problem, the earliest day, the oldest instant."""
    through = [each.through for each in parts]
    instants = [each.as_of for each in parts]
    return Known(
        min((day for day in through if day is not None), default=None) if None not in through else None,
        min((at for at in instants if at is not None), default=None) if None not in instants else None,
        next((each.problem for each in parts if each.problem), ""),
    )
