"""Which fees a client stated itself, and which of them hold for a listing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from config.lib.errors import NotFound
from pricing.fees.parameters import PARAMETERS
from pricing.fees.query import Override
from pricing.fees.units import read_stated
from pricing.models import FeeOverride

ANY_STORE = 0
COLUMNS = (
    "id",
    "key",
    "store_id",
    "category",
    "sku",
    "version",
    "effective_on",
    "value",
    "reason",
    "recorded_at",
    "recorded_by",
)


@dataclass(frozen=True, slots=True)
class Scope:
    """For which listings a value is stated; the defaults mean any."""

    store_id: int = ANY_STORE
    category: str = ""
    sku: str = ""

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """How narrow it is: a SKU's value goes before a category's, that before a store's."""
        return bool(self.sku), bool(self.category), self.store_id != ANY_STORE


@dataclass(frozen=True, slots=True)
class StatedFee:
    """A version of an override as it was recorded; a `value` of None withdraws it."""

    id: int
    key: str
    scope: Scope
    version: int
    effective_on: date
    value: Any
    reason: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class StatedFees:
    """The overrides of a store in force on a day, the widest first."""

    on: date
    _found: tuple[tuple[str, Scope, Override], ...] = ()

    def of(self, *, sku: str = "", category: str = "") -> dict[str, Override]:
        """Return the overrides that hold for a listing, by key; the narrowest scope wins."""
        return {
            key: override
            for key, scope, override in self._found
            if scope.sku in ("", sku) and scope.category in ("", category)
        }


def load_overrides(store_id: int, on: date) -> StatedFees:
    """Return what is stated for a store's listings on a day, in one query."""
    rows = FeeOverride.objects.filter(
        Q(store_id=ANY_STORE) | Q(store_id=store_id), effective_on__lte=on
    ).order_by("effective_on", "version")
    latest = {(row["key"], _scope(row)): row for row in rows.values(*COLUMNS)}
    found = [(key, scope, _override(row)) for (key, scope), row in latest.items() if row["value"] is not None]
    return StatedFees(on, tuple(sorted(found, key=lambda each: each[1].rank)))


def find_override(key: str, scope: Scope) -> StatedFee | None:
    """Return the last recorded version for exactly this scope."""
    rows = overrides_query().filter(key=key, store_id=scope.store_id, category=scope.category, sku=scope.sku)
    row = rows.order_by("-version").first()
    return None if row is None else to_stated(row)


def get_override(key: str, scope: Scope) -> StatedFee:
    """Return the last recorded version for exactly this scope; `NotFound` if there is none."""
    PARAMETERS.get(key)
    found = find_override(key, scope)
    if found is None:
        raise NotFound(f"nothing is stated in place of {key} for this scope")
    return found


def overrides_query(*, key: str = "", store_id: int | None = None) -> QuerySet[Any, dict[str, Any]]:
    """Return every recorded version as rows, the newest first where they are paged."""
    rows: QuerySet[Any, dict[str, Any]] = FeeOverride.objects.values(*COLUMNS)
    if key:
        rows = rows.filter(key=key)
    return rows if store_id is None else rows.filter(store_id__in=(ANY_STORE, store_id))


def to_stated(row: Mapping[str, Any]) -> StatedFee:
    """Make the value of a row."""
    rest = {name: row[name] for name in COLUMNS if name not in ("store_id", "category", "sku")}
    return StatedFee(scope=_scope(row), **rest)


def hypothetical(stated: StatedFees, key: str, override: Override) -> StatedFees:
    """Return the same with one value put in place of every other of its key, for a what-if."""
    kept = tuple(each for each in stated._found if each[0] != key)
    return replace(stated, _found=(*kept, (key, Scope(), override)))


def _scope(row: Mapping[str, Any]) -> Scope:
    return Scope(row["store_id"], row["category"], row["sku"])


def _override(row: Mapping[str, Any]) -> Override:
    unit = PARAMETERS.get(row["key"]).unit
    return Override(
        read_stated(unit, row["value"], row["key"]), row["effective_on"], row["reason"], row["recorded_by"]
    )
