"""What a scorecard of the present is made of: stores with streams, targets with baselines, formulas, sums.

One small statement asks for the version of each part (connectors.selectors.versions). A part that this
process has read under that version is taken from memory, any other is read. So nothing is ever older than
the statement, and an answer costs the database hardly more than finding a row by its key.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Generic, TypeVar

from config.lib.calendars import Period
from config.lib.errors import NotFound
from connectors.selectors.freshness import StoredStates, read_stored_states, stored_version
from connectors.selectors.prepared import fetch_prepared
from connectors.selectors.versions import SERVER, among
from connectors.types import StoreRef
from kpis.catalog import CATALOG
from kpis.selectors.definitions import read_formulas
from kpis.selectors.measures import (
    DAYS_VERSION,
    KEPT_KINDS,
    Kept,
    kept_parameters,
    kept_version,
    list_kept_totals,
    list_packed_sums,
)
from kpis.selectors.plans import PlanTexts, find_versioned_plan, plan_version, read_plan
from tenants.context import require_client

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Reading:
    """The parts as they are stored now; `kept` is empty where the sums must come from the days."""

    stored: StoredStates
    plan: str
    formulas: str
    kept: Kept


class Memory(Generic[Part]):
    """Parts by what they are about and by their version; the least recently used are forgotten."""

    def __init__(self, size: int) -> None:
        self._parts: OrderedDict[Hashable, Part] = OrderedDict()
        self._size = size
        self._lock = Lock()

    def recall(self, about: Hashable, version: str, read: Callable[[], tuple[str | None, Part]]) -> Part:
        """Return the part of this version, or what `read` finds, kept under the version read with it."""
        with self._lock:
            if (about, version) in self._parts:
                self._parts.move_to_end((about, version))
                return self._parts[about, version]
        found, part = read()
        with self._lock:
            self._parts[about, found] = part
            if len(self._parts) > self._size:
                self._parts.popitem(last=False)
        return part

    def __len__(self) -> int:
        with self._lock:
            return len(self._parts)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._parts.clear()


# At most some 15 MB in all: a part has a few kB, and most plans are one and the same text.
STATES: Memory[StoredStates] = Memory(1024)
PLANS: Memory[PlanTexts] = Memory(1024)
TOTALS: Memory[Kept] = Memory(1024)


def forget() -> None:
    """Read everything anew."""
    for memory in (STATES, PLANS, TOTALS):
        memory.clear()


def read_present(store_ids: Sequence[int], periods: Sequence[Period]) -> Reading:
    """Return the parts for these stores (none named: all active ones); `NotFound` names absent stores.

    `periods` are of one kind; what is in force on the last day of the first one counts.
    """
    server, states, plan, sums_version = _look(store_ids, periods)
    client = require_client()
    stored = STATES.recall((server, client.id, tuple(store_ids)), states or "", lambda: _states(store_ids))
    ids = tuple(store.id for store in named(stored.stores, store_ids))
    windows = tuple((period.start, period.end) for period in periods)
    last = periods[0].end
    plan_text, own = PLANS.recall(
        (server, client.id, ids, last), plan, lambda: find_versioned_plan(ids, last)
    )
    about = (server, client.id, ids, periods[0].kind, windows, client.reporting_currency)
    is_kept = periods[0].kind in KEPT_KINDS
    if is_kept and sums_version is not None:
        sums = TOTALS.recall(about, sums_version, lambda: list_kept_totals(ids, periods))
    else:
        # Nothing is kept of these periods, or not yet: the sums stand until the next roll-up.
        days = (_days_version() if is_kept else sums_version) or ""
        sums = TOTALS.recall(
            (*about, plan_text, own),
            days,
            lambda: (days, list_packed_sums(ids, periods, needed_measures(plan_text, own))),
        )
    return Reading(stored, plan_text, own, sums)


@lru_cache(maxsize=256)
def needed_measures(plan: str, formulas: str) -> frozenset[str]:
    """Return the measures that the KPIs of a plan are made of; without a plan those of all KPIs."""
    own = read_formulas(formulas)
    keys = {line.target.kpi for line in read_plan(plan, formulas)} or {*CATALOG, *own}
    found = (CATALOG.get(key) or own.get(key) for key in keys)
    return frozenset().union(*(kpi.inputs for kpi in found if kpi is not None))


def named(stores: Sequence[StoreRef], store_ids: Sequence[int]) -> list[StoreRef]:
    """The stores of these ids (none: all); NotFound names those that are not there."""
    absent = set(store_ids) - {store.id for store in stores}
    if absent:
        raise NotFound(f"there is no store {', '.join(map(str, sorted(absent)))}")
    wanted = set(store_ids)
    return [store for store in stores if not wanted or store.id in wanted]


def _look(store_ids: Sequence[int], periods: Sequence[Period]) -> tuple[str, str | None, str, str | None]:
    """The server and the versions of the parts; null where there is no store, no kept sum or no roll-up."""
    stores, parameters = among(store_ids)
    is_kept = periods[0].kind in KEPT_KINDS
    rows = fetch_prepared(
        _statement(stores, len(periods) if is_kept else 0),
        {**parameters, **kept_parameters(periods), "on": periods[0].end},
    )
    server, states, plan, sums = rows[0]
    return server, states, plan, sums


@lru_cache(maxsize=64)
def _statement(stores: str, kept_periods: int) -> str:
    sums = kept_version(stores, kept_periods) if kept_periods else DAYS_VERSION
    return f"select {SERVER}, {stored_version(stores)}, {plan_version(stores)}, {sums}"


def _days_version() -> str | None:
    ((version,),) = fetch_prepared(f"select {DAYS_VERSION}", {})
    return None if version is None else str(version)


def _states(store_ids: Sequence[int]) -> tuple[str | None, StoredStates]:
    found = read_stored_states(store_ids or None)
    return found.version, found
