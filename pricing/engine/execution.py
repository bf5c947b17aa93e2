"""What an observed price says of the approved one: carried out, half-way, something else."""

from __future__ import annotations

from decimal import Decimal

from pricing.types import RecommendationState

FREEZE_ABOVE = Decimal("0.40")
"""A change nobody approved that is larger is taken for an accident until a person has looked."""
TOLERANCE = Decimal("0.005")
"""How far a live price may be from the approved one and still count as carried out in the KPI."""


def classify(
    before: Decimal | None, approved: Decimal, observed: Decimal, tick: Decimal
) -> RecommendationState:
    """Return what an approved recommendation becomes when `observed` replaces `before`.

    EXECUTED within one tick of `approved`; PARTIAL strictly between `before` and `approved`; else DEVIATED.
    """
    if abs(observed - approved) <= tick:
        return RecommendationState.EXECUTED
    if before is not None and min(before, approved) < observed < max(before, approved):
        return RecommendationState.PARTIAL
    return RecommendationState.DEVIATED


def is_drastic(before: Decimal | None, after: Decimal) -> bool:
    """Whether a change is so large (more than 40 % of the price before) that the listing is frozen."""
    return before is not None and before > 0 and abs(after - before) > FREEZE_ABOVE * before


def is_on_price(approved: Decimal, live: Decimal) -> bool:
    """Whether a live price is at most 0.5 % away from the approved one."""
    return abs(live - approved) <= TOLERANCE * approved
