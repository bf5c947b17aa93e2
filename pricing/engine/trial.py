"""The days of a price test: which of them count, when it has to stop, and what may be said in the end.

A day counts only where the price of its arm, and no other, was seen all day; washout days and days without
visits do not. Statistics are floats; which price stood is decided exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pricing.engine.randomisation import Day, TestResult
from pricing.engine.switchback import Arm, Block
from pricing.types import Reason

ALPHA = 0.05
LEAST_DAYS = 3
"""Counted days that either arm needs before a guardrail is asked."""


class TrialState(StrEnum):
    """Where a test stands."""

    PLANNED = "planned"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"


class TrialVerdict(StrEnum):
    """What a test says of the treatment's price against the control's."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no_difference_shown"
    NOT_COMPARABLE = "not_comparable"


class DayState(StrEnum):
    """Whether a day counts, and if not why."""

    COUNTED = "counted"
    WASHOUT = "washout"
    OTHER_PRICE = "other_price"
    PRICE_UNKNOWN = "price_unknown"
    NO_VISITS = "no_visits"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Guardrails:
    """What stops a test before its time: the treatment's days against the control's.

    `least_units_change` is a share of units a day, `least_buy_box_change` a difference of shares.
    """

    least_units_change: Decimal = Decimal("-0.5")
    least_buy_box_change: Decimal = Decimal("-0.10")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was observed of a day: every price that was shown, units sold, visits, share of the Buy Box."""

    prices: frozenset[Decimal] = frozenset()
    units: int = 0
    sessions: int = 0
    buy_box: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TrialDay:
    """A day of a test: the price it is to show, and whether it counts."""

    on: date
    block: int
    arm: Arm
    price: Decimal
    state: DayState
    seen: Seen


def judge_days(
    blocks: Sequence[Block], prices: Mapping[Arm, Decimal], seen: Mapping[date, Seen], today: date
) -> list[TrialDay]:
    """Say of every day of a test whether it counts; days from `today` on are ahead."""
    found = []
    for block in blocks:
        counted = set(block.counted_days())
        for number in range((block.last - block.first).days + 1):
            day = block.first + timedelta(days=number)
            what = seen.get(day, Seen())
            price = prices[block.arm]
            state = _state(day, what, price, is_counted=day in counted, today=today)
            found.append(TrialDay(day, block.number, block.arm, price, state, what))
    return found


def _state(day: date, seen: Seen, price: Decimal, *, is_counted: bool, today: date) -> DayState:
    if day >= today:
        return DayState.AHEAD
    if not is_counted:
        return DayState.WASHOUT
    if not seen.prices:
        return DayState.PRICE_UNKNOWN
    if seen.prices != {price}:
        return DayState.OTHER_PRICE
    return DayState.COUNTED if seen.sessions > 0 else DayState.NO_VISITS


def figures_of(days: Sequence[TrialDay], contribution: Mapping[Arm, Decimal]) -> list[Day]:
    """The counted days as contribution (units × what a unit keeps at the arm's price) and sessions."""
    return [
        Day(day.on, _number(day.seen.units * contribution[day.arm]), _number(Decimal(day.seen.sessions)))
        for day in days
        if day.state is DayState.COUNTED
    ]


def broken_guardrails(days: Sequence[TrialDay], guardrails: Guardrails) -> list[Reason]:
    """Why the treatment hurts too much to go on; nothing while either arm has too few counted days."""
    arms = {
        arm: [day.seen for day in days if day.state is DayState.COUNTED and day.arm is arm] for arm in Arm
    }
    if min(len(seen) for seen in arms.values()) < LEAST_DAYS:
        return []
    found = []
    control, treatment = (
        Decimal(sum(seen.units for seen in arms[arm])) / len(arms[arm])
        for arm in (Arm.CONTROL, Arm.TREATMENT)
    )
    if control > 0 and treatment / control - 1 < guardrails.least_units_change:
        found.append(
            _reason("units_fell", "units a day", treatment / control - 1, guardrails.least_units_change)
        )
    shares = {arm: [one.buy_box for one in seen if one.buy_box is not None] for arm, seen in arms.items()}
    if min(len(each) for each in shares.values()) >= LEAST_DAYS:
        ours, theirs = (
            sum(shares[arm], Decimal(0)) / len(shares[arm]) for arm in (Arm.TREATMENT, Arm.CONTROL)
        )
        if ours - theirs < guardrails.least_buy_box_change:
            least = guardrails.least_buy_box_change
            found.append(_reason("buy_box_fell", "the Buy Box share", ours - theirs, least))
    return found


def conclude(result: TestResult, *, alpha: float = ALPHA) -> tuple[TrialVerdict, str]:
    """The verdict of a comparison and its sentence, with interval and number of days."""
    if result.difference is None or result.p_value is None:
        return (
            TrialVerdict.NOT_COMPARABLE,
            f"a price has no day that counts (n = {result.days} days)",
        )
    interval = f"{_edge(result.low)} to {_edge(result.high)}"
    told = (
        f"{result.difference:+.4f} per session, 95 % interval {interval}, p = {result.p_value:.3f}, "
        f"n = {result.days} days, {result.assignments} possible draws"
    )
    if result.p_value > alpha:
        return TrialVerdict.NO_DIFFERENCE, f"no difference shown: {told}"
    if result.difference > 0:
        return TrialVerdict.BETTER, f"the tested price keeps more: {told}"
    return TrialVerdict.WORSE, f"the tested price keeps less: {told}"


def _reason(code: str, what: str, change: Decimal, least: Decimal) -> Reason:
    text = f"{what} at the tested price changed by {change:.4f} against the other days, less than {least}"
    return Reason(code, text, {"change": f"{change:.4f}", "least": str(least)})


def _edge(value: float | None) -> str:
    return "unbounded" if value is None else f"{value:+.4f}"


def _number(value: Decimal) -> float:
    """For statistics; no amount is decided by it."""
    return float(value)
