"""How a change is rolled out in stages: who is in, when it widens, and when it stops by itself.

Stages as proposed in the domain reference (pricing.md, section 9): 5 % of the SKUs (at least ten) for
seven days, then 20 %, 50 % and all. It stops when contribution per day falls more than 5 % behind the
control, the Buy Box share falls ten points behind, any price is below its floor, or the data are stale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from pricing.types import Reason

STAGES = (Decimal("0.05"), Decimal("0.20"), Decimal("0.50"), Decimal(1))


class Turn(StrEnum):
    """What is to be done with a pilot."""

    WAIT = "wait"
    WIDEN = "widen"
    FINISH = "finish"
    STOP = "stop"


class PilotState(StrEnum):
    """Where a pilot stands."""

    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Guardrails:
    """What stops a pilot, and how long a stage lasts."""

    days_per_stage: int = 7
    least_skus: int = 10
    least_contribution_change: Decimal = Decimal("-0.05")
    least_buy_box_change: Decimal = Decimal("-0.10")


@dataclass(frozen=True, slots=True)
class Observed:
    """What a stage brought so far. Changes are of the pilot's SKUs against their own days before, less
    the same
    of the control's; shares. None: not known."""

    complete_days: int
    contribution_change: Decimal | None
    buy_box_change: Decimal | None
    below_floor: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done, and why."""

    turn: Turn
    reasons: tuple[Reason, ...]


def members(skus: Sequence[tuple[str, Decimal]], stage: int, *, seed: str, least: int = 10) -> list[str]:
    """Return the SKUs of a stage out of (SKU, units a day), so that a wider stage contains the narrower ones.

    Sellers of every size take part: SKUs are put in order of their sales, cut into groups of as many as the
    first stage takes one of, and in every group a seeded draw decides the order of entry.
    """
    share = STAGES[stage]
    wanted = min(len(skus), max(least, int((len(skus) * share).to_integral_value(ROUND_CEILING))))
    by_size = sorted(skus, key=lambda one: (-one[1], one[0]))
    width = int(1 / STAGES[0])
    groups = [by_size[place : place + width] for place in range(0, len(by_size), width)]
    entry = [
        (turn, place, sku)
        for place, group in enumerate(groups)
        for turn, (sku, _) in enumerate(sorted(group, key=lambda one: _drawn(seed, one[0])))
    ]
    return sorted(sku for _, _, sku in sorted(entry)[:wanted])


def decide(stage: int, observed: Observed, guardrails: Guardrails) -> Decision:
    """Say whether a stage goes on, widens, is finished or stops; a stop goes before everything else."""
    stops = [*_hard_stops(observed), *_soft_stops(observed, guardrails)]
    if stops:
        return Decision(Turn.STOP, tuple(stops))
    if observed.complete_days < guardrails.days_per_stage:
        left = guardrails.days_per_stage - observed.complete_days
        return Decision(Turn.WAIT, (Reason("stage_running", f"{left} more days of this stage"),))
    if observed.contribution_change is None:
        return Decision(Turn.WAIT, (Reason("no_comparison", "neither side sold enough to be compared"),))
    if stage + 1 < len(STAGES):
        told = f"no guardrail was touched in {observed.complete_days} days"
        return Decision(Turn.WIDEN, (Reason("guardrails_kept", told),))
    return Decision(Turn.FINISH, (Reason("all_in", "every SKU has gone through its stage"),))


def _hard_stops(observed: Observed) -> list[Reason]:
    found = []
    if observed.below_floor:
        skus = ", ".join(observed.below_floor[:5])
        found.append(Reason("below_floor", f"{len(observed.below_floor)} prices below their floor: {skus}"))
    if observed.stale:
        found.append(Reason("stale", f"stale: {', '.join(observed.stale)}"))
    return found


def _soft_stops(observed: Observed, guardrails: Guardrails) -> list[Reason]:
    found = []
    for change, least, code, what in (
        (
            observed.contribution_change,
            guardrails.least_contribution_change,
            "contribution_fell",
            "contribution a day",
        ),
        (observed.buy_box_change, guardrails.least_buy_box_change, "buy_box_fell", "the Buy Box share"),
    ):
        if change is not None and change < least:
            text = f"{what} changed by {change:.4f} against the control, less than {least}"
            found.append(Reason(code, text, {"change": f"{change:.4f}", "least": str(least)}))
    return found


def _drawn(seed: str, sku: str) -> str:
    return hashlib.sha256(f"{seed}:{sku}".encode()).hexdigest()
