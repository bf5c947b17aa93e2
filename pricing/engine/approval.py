"""Whose signature a price needs, and whether somebody may give it: the approval matrix, without a database.

The proposed defaults are those of the domain reference (approval ranges): changes of at most 5 % that keep
the target margin are an operator's, of at most 10 % an account manager's, everything else the client's.
Below the landed floor only a clearance price may go, with the signature of somebody who may clear stock and
then the client's. All comparisons are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pricing.types import Reason

DAYS_OF_MONTH = 30


class Level(StrEnum):
    """A position in the matrix."""

    OPERATOR = "operator"
    MANAGER = "account_manager"
    CLIENT = "client"
    CLEARANCE = "clearance"
    """Somebody of the agency who may clear stock; never enough alone."""


RANK: dict[Level, int] = {Level.OPERATOR: 1, Level.MANAGER: 2, Level.CLIENT: 3}
CLEARANCE_LEVELS = (Level.CLEARANCE, Level.CLIENT)


@dataclass(frozen=True, slots=True)
class Range:
    """What a level may approve alone, or together with `second`.

    `largest_change` is a fraction of the present price, `least_margin` a margin, `needs_target` asks for the
    listing's own target margin. The values are the change per unit, and per 30 days at the present pace, in
    the store's currency. None sets no limit.
    """

    level: Level
    largest_change: Decimal | None = None
    least_margin: Decimal | None = None
    needs_target: bool = False
    largest_unit_value: Decimal | None = None
    largest_month_value: Decimal | None = None
    second: Level | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The price in question and what is known of it; None: nobody knows."""

    price: Decimal
    current: Decimal | None
    margin: Decimal | None
    target_margin: Decimal
    keeps_floor: bool
    is_clearance: bool
    units_per_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Needed:
    """The signatures a price needs, in order, and why no lower level is enough; without any it is refused."""

    levels: tuple[Level, ...]
    why: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Decider:
    """A person about to sign: None as level for roles that decide on no price."""

    person_id: int
    level: Level | None
    can_clear: bool = False


DEFAULT_RANGES = (
    Range(Level.OPERATOR, largest_change=Decimal("0.05"), needs_target=True),
    Range(Level.MANAGER, largest_change=Decimal("0.10"), needs_target=True),
    Range(Level.CLIENT),
)


def level_for(ranges: tuple[Range, ...], case: Case) -> Needed:
    """Return whose signatures `case` needs: the lowest range that covers it, the client where none does."""
    if not case.keeps_floor:
        reason = Reason("below_floor", f"The price {case.price} is below the landed floor.", {})
        return Needed(CLEARANCE_LEVELS if case.is_clearance else (), (reason,))
    why: list[Reason] = []
    for each in sorted(ranges, key=lambda one: RANK[one.level]):
        exceeded = exceeds(each, case)
        if not exceeded:
            return Needed((each.level,) if each.second is None else (each.level, each.second), tuple(why))
        why.extend(exceeded)
    return Needed((Level.CLIENT,), tuple(why))


def exceeds(limit: Range, case: Case) -> list[Reason]:
    """Return each way in which `case` is outside a range; what nobody knows is outside every limit on it."""
    change = None if case.current is None else abs(case.price - case.current)
    month = None if change is None or case.units_per_day is None else change * case.units_per_day
    found = []
    if limit.largest_change is not None and not (
        change is not None and case.current and change <= limit.largest_change * case.current
    ):
        found.append(_reason(limit, "change", f"changes the price by more than {limit.largest_change}"))
    if limit.least_margin is not None and not (case.margin is not None and case.margin >= limit.least_margin):
        found.append(_reason(limit, "margin", f"keeps less than the margin {limit.least_margin}"))
    if limit.needs_target and not (case.margin is not None and case.margin >= case.target_margin):
        found.append(_reason(limit, "target_margin", f"keeps less than the target {case.target_margin}"))
    if limit.largest_unit_value is not None and not (
        change is not None and change <= limit.largest_unit_value
    ):
        found.append(_reason(limit, "unit_value", f"moves more than {limit.largest_unit_value} per unit"))
    if limit.largest_month_value is not None and not (
        month is not None and month * DAYS_OF_MONTH <= limit.largest_month_value
    ):
        found.append(_reason(limit, "month_value", f"moves more than {limit.largest_month_value} a month"))
    return found


def may_decide(
    needed: Needed, decider: Decider, signed: tuple[int, ...], *, four_eyes: bool, author_id: int | None
) -> Reason | None:
    """Say why `decider` may not give the next signature; None: they may.

    `signed` are the persons who signed before, `author_id` who proposed the price by hand. A higher level may
    sign for a lower one. Nobody signs twice; with `four_eyes` nobody signs second for a price of their own.
    """
    if not needed.levels:
        return Reason("below_floor", "Nobody can approve a price below the landed floor.", {})
    level = needed.levels[min(len(signed), len(needed.levels) - 1)]
    if decider.person_id in signed:
        return Reason("signed_already", "A second signature has to be another person's.", {})
    if four_eyes and author_id == decider.person_id and (signed or len(needed.levels) == 1):
        return Reason("own_proposal", "Who proposed the price may not give the deciding signature.", {})
    if level is Level.CLEARANCE:
        covers = decider.can_clear
    else:
        covers = decider.level is not None and RANK.get(decider.level, 0) >= RANK[level]
    if covers:
        return None
    return Reason("outside_your_range", f"This price is for the level {level.value}.", {"level": level.value})


def _reason(limit: Range, code: str, text: str) -> Reason:
    return Reason(f"{limit.level.value}_{code}", f"It {text}, the limit of {limit.level.value}.", {})
