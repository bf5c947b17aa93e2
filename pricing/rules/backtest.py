"""What a rule set would have done with a listing day by day, had somebody acted on it.

History cannot answer what buyers would have done at other prices; demand is taken to follow a constant
elasticity around the day's own units, so the result says what the assumption implies, and says which.
Without an elasticity units stay as they were, which flatters whoever raises prices: then only the prices, the
clamps and the reasons mean something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from pricing.engine.contribution import evaluate
from pricing.rules.evaluate import Checks, no_checks, run
from pricing.rules.syntax import RuleSet
from pricing.types import Outcome, PricingContext, Proposal

_STEP = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class PastDay:
    """A day as it was: the listing's context at its end, and the units sold on it."""

    context: PricingContext
    units: Decimal


@dataclass(frozen=True, slots=True)
class ReplayedDay:
    """A day as it was and as it would have been; `outcome` is what the rule set said at its end."""

    on: str
    actual_price: Decimal
    price: Decimal
    units: Decimal
    contribution: Decimal
    actual_contribution: Decimal
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Backtest:
    """A replay. `clamps` counts how often each limit moved a price, `silent` why nothing was suggested."""

    days: tuple[ReplayedDay, ...]
    changes: int
    lowest: Decimal | None
    highest: Decimal | None
    contribution: Decimal
    actual_contribution: Decimal
    clamps: Mapping[str, int]
    silent: Mapping[str, int]
    elasticity: Decimal | None


def replay(
    rule_set: RuleSet,
    history: Sequence[PastDay],
    *,
    elasticity: Decimal | None = None,
    checks: Checks = no_checks,
) -> Backtest:
    """Replay a rule set over days in ascending order; a suggestion of one day is the price of the next.

    `elasticity` is d ln units / d ln price (below 0); None: units stay as they were. Days without a price are
    skipped. `checks` may refuse a price as they do in a run. Same history, same result.
    """
    price: Decimal | None = None
    changed_at: datetime | None = None
    days: list[ReplayedDay] = []
    clamps: Counter[str] = Counter()
    silent: Counter[str] = Counter()
    for past in history:
        context = past.context
        if context.price is None:
            continue
        price = context.price if price is None else price
        seen = _as_if(context, price, changed_at)
        proposal = run(seen, rule_set, checks=checks)
        _count(proposal, clamps, silent)
        days.append(_day(past, context.price, price, proposal, elasticity))
        if proposal.price is not None and proposal.price != price:
            price, changed_at = proposal.price, context.at + timedelta(hours=1)
    prices = [day.price for day in days]
    return Backtest(
        tuple(days),
        sum(1 for before, after in pairwise(prices) if before != after),
        min(prices, default=None),
        max(prices, default=None),
        sum((day.contribution for day in days), Decimal(0)),
        sum((day.actual_contribution for day in days), Decimal(0)),
        dict(clamps),
        dict(silent),
        elasticity,
    )


def _as_if(context: PricingContext, price: Decimal, changed_at: datetime | None) -> PricingContext:
    """The day's context had the listing stood at `price`; what tests and people locked does not count."""
    rivals = context.rivals
    beside = Decimal(0)
    if rivals.own_landed is not None and context.price is not None:
        beside = rivals.own_landed - context.price
    own_landed = price + beside
    is_featured = rivals.is_own_featured if price == context.price else None
    if is_featured is None and rivals.lowest is not None:
        is_featured = own_landed <= rivals.lowest
    return replace(
        context,
        price=price,
        rivals=replace(rivals, own_landed=own_landed, is_own_featured=is_featured),
        locks=(),
        last_changed_at=changed_at,
        changes_today=0,
        day_start_price=price,
    )


def _day(
    past: PastDay, actual: Decimal, price: Decimal, proposal: Proposal, elasticity: Decimal | None
) -> ReplayedDay:
    units = past.units
    if elasticity is not None and price != actual:
        units = (past.units * ((price / actual).ln() * elasticity).exp()).quantize(_STEP)
    structure = past.context.structure
    told = proposal.reasons[0].code if proposal.reasons else ""
    return ReplayedDay(
        past.context.on.isoformat(),
        actual,
        price,
        units,
        (units * evaluate(structure, price).contribution).quantize(_STEP),
        (past.units * evaluate(structure, actual).contribution).quantize(_STEP),
        proposal.outcome,
        told,
    )


def _count(proposal: Proposal, clamps: Counter[str], silent: Counter[str]) -> None:
    moved = {step.name for step in proposal.trace if step.stage != "rule" and step.before != step.after}
    clamps.update(sorted(moved))
    if proposal.outcome is not Outcome.SUGGEST and proposal.reasons:
        silent[proposal.reasons[0].code] += 1
