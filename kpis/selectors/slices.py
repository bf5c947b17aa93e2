"""Which stores a reader means: named ones, those of a market or brand, or those that somebody answers for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from config.lib.errors import NotFound
from connectors.selectors.stores import list_brands, list_stores
from kpis.selectors.assignments import list_assignments
from kpis.types import Position


@dataclass(frozen=True, slots=True)
class Slice:
    """What of a client a scorecard is about; everything left out means all of it.

    `person` is the id of a user, `position` what somebody is in the team: only the KPIs that they answer for,
    by their share.
    """

    stores: tuple[int, ...] = ()
    market: str = ""
    brand: str = ""
    person: int | None = None
    position: Position | None = None


# What somebody answers for: store, KPI and share in percent.
Shares = tuple[tuple[int, str, Decimal], ...]


def resolve_stores(asked: Slice) -> tuple[int, ...]:
    """Return the ids of the stores of a slice, () for all active ones; `NotFound` where there is none."""
    found: Sequence[int] | None = asked.stores or None
    if asked.market:
        found = _within(found, [each.id for each in list_stores() if each.market == asked.market])
    if asked.brand:
        found = _within(found, [each for each, brand in list_brands().items() if brand == asked.brand])
    if found is not None and not found:
        raise NotFound("no store fits", remedy="See the list of stores with their markets and brands.")
    return tuple(found or ())


def find_shares(
    asked: Slice, on: date, store_ids: Sequence[int], *, as_known_at: datetime | None = None
) -> Shares | None:
    """Return what the person or position of a slice answers for on a day; None where it names neither.

    `NotFound` for one who answers for nothing.
    """
    if asked.person is None and asked.position is None:
        return None
    shares = tuple(
        (view.store_id, view.kpi, view.share)
        for view in list_assignments(on, store_ids=store_ids, as_known_at=as_known_at)
        if (asked.person is None or view.user_id == asked.person)
        and (asked.position is None or view.position is asked.position)
    )
    if not shares:
        raise NotFound("nothing is assigned to them on this day", remedy="See the assignments of the stores.")
    return shares


def _within(chosen: Sequence[int] | None, fitting: Sequence[int]) -> list[int]:
    return [each for each in fitting if chosen is None or each in chosen]
