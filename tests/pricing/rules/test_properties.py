"""What no listing and no rule set can bring about, whatever they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricing.engine.clearance import Avoided, clearance_structure
from pricing.engine.contribution import keeps
from pricing.rules.actions import ACTIONS
from pricing.rules.evaluate import run
from pricing.rules.intervals import point
from pricing.rules.parse import dump_rule_set, parse_rule_set
from pricing.rules.syntax import RuleSet
from pricing.structure import CostStructure
from pricing.types import Outcome, PricingContext, Tier
from tests.pricing.rules.worlds import contexts, rule_sets

_MANY = settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))


def _costs(context: PricingContext) -> CostStructure:
    """The costs by which the floor is measured: without what is sunk where the product is cleared."""
    return (
        clearance_structure(context.structure, Avoided())
        if context.tier is Tier.CLEARANCE
        else context.structure
    )


def _broken(context: PricingContext, rules: RuleSet, price: Decimal) -> list[str]:
    """Every promise a suggested price breaks, by the definitions and not by the code under test."""
    current, limits, bounds = context.price or Decimal(0), rules.limits, context.bounds
    floor = max(context.floor_margin, limits.floor_margin)
    start = context.day_start_price or current
    since = None if context.last_changed_at is None else context.at - context.last_changed_at
    promises = {
        "floor": keeps(_costs(context), price, floor),
        "tick": price % context.structure.tick == 0,
        "step": abs(price - current) <= limits.max_step * current,
        "day": abs(price - start) <= limits.max_day_move * start,
        "lowest": bounds.lowest is None or price >= bounds.lowest,
        "highest": bounds.highest is None or price <= bounds.highest,
        "map": context.market != "US" or bounds.advertised is None or price >= bounds.advertised,
        "family": context.family_below is None or price >= context.family_below,
        "cadence": since is None or since >= timedelta(hours=limits.cadence_hours),
        "changes": context.changes_today < limits.changes_per_day,
        "unlocked": not context.locks,
        "fresh": all(age.is_fresh for age in context.ages),
        "stock": bool(context.stock_units),
        "a change": price != current,
    }
    return [name for name, is_kept in promises.items() if not is_kept]


@_MANY
@given(context=contexts(), rules=rule_sets())
def test_no_suggestion_breaks_a_promise(context: PricingContext, rules: RuleSet) -> None:
    """Never below the floor at the exact tick, never in a cadence window, never past any limit."""
    found = run(context, rules)
    assert (found.price is None) == (found.outcome is not Outcome.SUGGEST)
    assert found.reasons
    if found.price is not None:
        assert _broken(context, rules, found.price) == []


@settings(_MANY, max_examples=200)
@given(context=contexts(), rules=rule_sets(), order=st.randoms(use_true_random=False))
def test_no_order_of_the_rules_crosses_the_floor(
    context: PricingContext, rules: RuleSet, order: object
) -> None:
    """However the rules of a set are shuffled, and the same input gives the same output, trace included."""
    shuffled = list(rules.rules)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    mixed = replace(rules, rules=tuple(shuffled))
    found = run(context, mixed)
    assert found == run(context, mixed)
    if found.price is not None:
        assert _broken(context, mixed, found.price) == []


@settings(_MANY, max_examples=300)
@given(context=contexts(), rules=rule_sets())
def test_an_action_proposes_nothing_outside_the_interval_it_declares(
    context: PricingContext, rules: RuleSet
) -> None:
    """What the proof reasons with contains what happens, but for the rounding to a tick."""
    if context.price is None:
        return
    own, rivals = context.rivals.own_landed or context.price, context.rivals
    for rule in rules.rules:
        ranges = {
            key: (gap - Decimal("0.0001"), gap + Decimal("0.0001"))
            for key, rival in (("competitor_gap", rivals.lowest), ("featured_gap", rivals.featured))
            if rival is not None
            for gap in [(own - rival) / context.price]
        }
        action = ACTIONS[rule.then.action]
        price = action.propose(context, rule.then.values).price
        if price is None:
            continue
        for known in ({}, ranges):
            declared = action.interval(point(context.price), rule.then.values, known)
            assert price in declared.widened(context.structure.tick), (rule.then, price, declared)


@settings(_MANY, max_examples=300)
@given(rules=rule_sets())
def test_a_rule_set_survives_being_written_and_read(rules: RuleSet) -> None:
    """parse(dump(x)) == x: what is stored is what was checked."""
    assert parse_rule_set(dump_rule_set(rules)) == rules
