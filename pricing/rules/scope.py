"""Which listings a rule set is for, and which of several is the one that counts for a listing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pricing.rules.faults import Faults, pointer, read_choice, read_each, read_list, read_object, read_text
from pricing.types import Tier

MARKETS = ("US", "JP", "MX")
_MEMBERS = ("stores", "markets", "tiers", "skus")
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Scope:
    """The listings that match every list; an empty list matches all."""

    stores: tuple[int, ...] = ()
    markets: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()

    def covers(self, *, store_id: int, market: str, tier: str, sku: str) -> bool:
        """Is a listing in it?"""
        pairs = ((self.stores, store_id), (self.markets, market), (self.tiers, tier), (self.skus, sku))
        return all(not wanted or value in wanted for wanted, value in pairs)

    @property
    def weight(self) -> tuple[bool, bool, bool, bool]:
        """How narrow it is: a SKU weighs more than a store, that more than a tier, that than a market."""
        return bool(self.skus), bool(self.stores), bool(self.tiers), bool(self.markets)


def parse_scope(document: Mapping[str, Any], *, at: str = "/scope") -> Scope:
    """Read a scope; `Invalid` names every fault."""
    faults = Faults()
    document = read_object(document, at, faults, known=_MEMBERS, required=())

    def several(name: str, read: Any) -> tuple[Any, ...]:
        place = pointer(at, name)
        values = read_list(document.get(name, []), place, faults, most=_MOST)
        return tuple(dict.fromkeys(read_each(values, place, faults, read)))

    scope = Scope(
        stores=several("stores", _read_store),
        markets=several("markets", lambda value, place, found: read_choice(value, place, found, MARKETS)),
        tiers=several(
            "tiers",
            lambda value, place, found: read_choice(value, place, found, tuple(tier.value for tier in Tier)),
        ),
        skus=several("skus", lambda value, place, found: read_text(value, place, found, least=1, most=100)),
    )
    faults.refuse()
    return scope


def dump_scope(scope: Scope) -> dict[str, Any]:
    """Write a scope as a document."""
    return {name: list(getattr(scope, name)) for name in _MEMBERS}


def _read_store(value: Any, at: str, faults: Faults) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        faults.add(at, "type", "This must be the id of a store.")
        return None
    return value
