"""What can only be known by having asked: figures Amazon tells of the moment, never of the past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from connectors.simulator.world import World


@dataclass(frozen=True, slots=True)
class Observed:
    """Which momentary figures of one store somebody asked for, by shop day.

    `stock_now` and `estimates` hold what was answered per (day, SKU); `planning` are the days age reports
    spoke of, `offers` the (day, ASIN)s asked for, `health` the days the account report was asked for.
    """

    stock_now: Mapping[tuple[date, str], str] = field(default_factory=dict)
    planning: frozenset[date] = frozenset()
    offers: frozenset[tuple[date, str]] = frozenset()
    health: frozenset[date] = frozenset()
    estimates: Mapping[tuple[date, str], str] = field(default_factory=dict)


def everything_once(world: World, store_key: str, at: datetime) -> Observed:
    """As if every momentary figure had been asked for once, at `at` (but stock: the ledger has it)."""
    store = world.stores[store_key]
    today = store.today(at)
    return Observed(
        planning=frozenset({today - timedelta(days=1)}),
        offers=frozenset((today, product.asin) for product in store.products),
        health=frozenset({today}),
    )
