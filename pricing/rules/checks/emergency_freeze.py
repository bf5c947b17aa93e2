"""Price gouging: while an emergency is declared where the buyers live, no price goes up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck

EVENT = "emergency"
BEFORE_DAYS = 30
CAP = Decimal("1.10")
"""What the states that give a number allow over the average before the emergency."""


def check(given: Given) -> PriceCheck | None:
    """Block an increase under the emergency flag, and any price over 110 % of what was usual before it.

    The flag is an event `emergency` or `emergency:YYYY-MM-DD` (its first day) of the listing, or the claim's
    `emergency_since`.
    """
    in_force, since = _flag(given)
    if not in_force:
        return None
    before = given.history.usual(since, BEFORE_DAYS) if given.history is not None and since else None
    is_raised = given.context.price is not None and given.price > given.context.price
    is_over_cap = before is not None and given.paid > CAP * before
    is_unknown = given.context.price is None and before is None
    if not (is_raised or is_over_cap or is_unknown):
        return None
    return PriceCheck(
        code="emergency_freeze",
        blocks=True,
        text="An emergency is declared: prices are not raised while it lasts.",
        reference="Cal. Penal Code § 396 (10 % over the price before); similar laws of other states",
        values={
            "price": str(given.price),
            "current": "" if given.context.price is None else str(given.context.price),
            "usual_before": "" if before is None else str(before),
        },
    )


def _flag(given: Given) -> tuple[bool, date | None]:
    if given.claim.emergency_since is not None:
        return True, given.claim.emergency_since
    for event in given.context.events:
        name, _, day = event.partition(":")
        if name == EVENT:
            return True, _day(day)
    return False, None


def _day(text: str) -> date | None:
    """The day of an event's name; None where it names none, for the freeze holds all the same."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
