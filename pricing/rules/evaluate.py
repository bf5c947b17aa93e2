"""What a rule set says of a listing: gates, the first rule that holds, its action, then every limit.

Pure and deterministic: the same listing and rule set give the same proposal, with every step on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from pricing.engine.contribution import evaluate
from pricing.engine.solve import find_dead_zones
from pricing.rules.actions import ACTIONS
from pricing.rules.conditions import holds, signals_in
from pricing.rules.floors import floor_of
from pricing.rules.limits import GATES, PIPELINE
from pricing.rules.limits.base import Draft, Verdict
from pricing.rules.signals import read_signals, told
from pricing.rules.syntax import Rule, RuleSet
from pricing.types import Outcome, PriceCheck, PricingContext, Proposal, Reason, TraceStep

Checks = Callable[[PricingContext, Decimal], tuple[PriceCheck, ...]]
"""What laws and platforms say to a price."""


def no_checks(context: PricingContext, price: Decimal) -> tuple[PriceCheck, ...]:
    """Say nothing."""
    return ()


def run(context: PricingContext, rule_set: RuleSet, *, checks: Checks = no_checks) -> Proposal:
    """Return what the rule set would do with the listing's price now.

    SUGGEST with a price that keeps every limit; HOLD, BLOCKED (an input is missing or stale) or REFUSED (a
    check blocks the price) without one. The reasons name why; the trace has every gate, rule and limit.
    """
    path = _Path()
    outcome, reasons = _gates(context, rule_set, path)
    if outcome is not None or context.price is None:
        return path.ends(outcome or Outcome.BLOCKED, reasons)
    rule = _first_rule(context, rule_set, path)
    if rule is None:
        return path.ends(Outcome.HOLD, (Reason("no_rule", "condition false"),))
    move = ACTIONS[rule.then.action].propose(context, rule.then.values)
    path.adds("rule", rule.key, context.price, move.price, move.reason)
    if move.price is None:
        return path.ends(Outcome.HOLD, (move.reason,))
    verdict = _limits(_draft(context, rule_set, rule, context.price, move.price), path)
    if verdict.outcome is not None:
        return path.ends(verdict.outcome, (verdict.reason, move.reason))
    price = verdict.draft.price
    blocking = _checks(context, price, checks, path)
    if blocking:
        return path.ends(Outcome.REFUSED, blocking)
    return path.ends(Outcome.SUGGEST, (_named(rule, move.reason), *path.clamps, _kept(context, price)), price)


@dataclass(slots=True)
class _Path:
    """The steps so far, and the reasons of those that moved the price."""

    steps: list[TraceStep] = field(default_factory=list)
    clamps: list[Reason] = field(default_factory=list)

    def adds(
        self, stage: str, name: str, before: Decimal | None, after: Decimal | None, reason: Reason
    ) -> None:
        self.steps.append(TraceStep(stage, name, before, after, reason))

    def ends(self, outcome: Outcome, reasons: tuple[Reason, ...], price: Decimal | None = None) -> Proposal:
        return Proposal(outcome, price, reasons, tuple(self.steps))


def _gates(
    context: PricingContext, rule_set: RuleSet, path: _Path
) -> tuple[Outcome | None, tuple[Reason, ...]]:
    """Ask every gate, so that all reasons are told at once; what blocks weighs more than what holds."""
    found: list[tuple[Outcome, Reason]] = []
    for gate in GATES:
        reasons = gate.check(context, rule_set)
        found += [(gate.outcome, reason) for reason in reasons]
        for reason in reasons or (Reason("passed", gate.meaning),):
            path.adds("gate", gate.key, context.price, context.price, reason)
    outcomes = {outcome for outcome, _ in found}
    worst = next((each for each in (Outcome.BLOCKED, Outcome.HOLD) if each in outcomes), None)
    return worst, tuple(reason for outcome, reason in found if outcome is worst)


def _first_rule(context: PricingContext, rule_set: RuleSet, path: _Path) -> Rule | None:
    """Return the first rule whose condition holds; each asked leaves the signals it looked at."""
    for rule in rule_set.rules:
        values = read_signals(context, signals_in(rule.when))
        is_met = holds(rule.when, values)
        code, text = (
            ("condition_true", "condition true") if is_met else ("condition_false", "condition false")
        )
        read = {signal: told(value) for signal, value in values.items()}
        path.adds("rule", rule.key, context.price, context.price, Reason(code, text, read))
        if is_met:
            return rule
    return None


def _draft(context: PricingContext, rule_set: RuleSet, rule: Rule, current: Decimal, price: Decimal) -> Draft:
    return Draft(
        context=context,
        rule_set=rule_set,
        rule=rule,
        current=current,
        price=price,
        low=context.structure.tick,
        high=context.structure.highest,
        floor=floor_of(context, rule_set),
        zones=find_dead_zones(context.structure),
    )


def _limits(draft: Draft, path: _Path) -> Verdict:
    """Take a draft through every limit, in their order, until one stops it."""
    verdict = Verdict(draft, Reason("within", ""))
    for limit in PIPELINE:
        before = verdict.draft.price
        verdict = limit.apply(verdict.draft)
        after = verdict.draft.price if verdict.outcome is None else None
        path.adds(limit.stage, limit.key, before, after, verdict.reason)
        if verdict.outcome is not None:
            return verdict
        if after != before:
            path.clamps.append(verdict.reason)
    return verdict


def _checks(context: PricingContext, price: Decimal, checks: Checks, path: _Path) -> tuple[Reason, ...]:
    """Return the reasons of the checks that block the price; every check leaves a step."""
    blocking = []
    for check in checks(context, price):
        reason = Reason(check.code, check.text, {**check.values, "reference": check.reference})
        path.adds("check", check.code, price, None if check.blocks else price, reason)
        if check.blocks:
            blocking.append(reason)
    return tuple(blocking)


def _named(rule: Rule, reason: Reason) -> Reason:
    """The action's reason, under the words of whoever wrote the rule where there are any."""
    values = {**reason.values, "rule": rule.key}
    return Reason(reason.code, f"{reason.text} ({rule.reason})" if rule.reason else reason.text, values)


def _kept(context: PricingContext, price: Decimal) -> Reason:
    """What the price leaves, with the fees of exactly this price."""
    found = evaluate(context.structure, price)
    margin = "unknown" if found.margin is None else f"{found.margin:.4f}"
    text = f"leaves {found.contribution:.2f} a unit, a margin of {margin}"
    return Reason("leaves", text, {"contribution": f"{found.contribution:f}", "margin": margin})
