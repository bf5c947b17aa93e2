"""How far sales are behind their target, and which band that is.

The bands are those agencies rank their clients by: under 5 % behind is good, 5 to 20 % is to be watched, more
than 20 % is bad. Being ahead is good, however far.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tenants.types import HealthBand, PacingBand

WATCH_FROM = Decimal("0.05")
BAD_ABOVE = Decimal("0.20")
_WORST_FIRST = (HealthBand.BAD, HealthBand.WATCH, HealthBand.GOOD)


def shortfall(actual: Decimal, target: Decimal) -> Decimal | None:
    """Return how far `actual` is behind `target` as a fraction of it, below zero when ahead; None where the
    target is not above zero."""
    return None if target <= 0 else 1 - actual / target


def band_of(behind: Decimal | None) -> PacingBand:
    """Return the band of a shortfall; unknown stays unknown."""
    if behind is None:
        return PacingBand.UNKNOWN
    if behind < WATCH_FROM:
        return PacingBand.GOOD
    return PacingBand.WATCH if behind <= BAD_ABOVE else PacingBand.BAD


def worst_of(bands: Iterable[HealthBand]) -> HealthBand:
    """Return the worst band among those that are known; unknown when none is."""
    found = set(bands)
    return next((band for band in _WORST_FIRST if band in found), HealthBand.UNKNOWN)
