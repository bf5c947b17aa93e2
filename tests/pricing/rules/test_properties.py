"""What no listing and no rule set can bring about, whatever they are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricing.engine.clearance import Avoided, clearance_structure
from pricing.engine.contribution import keeps
from pricing.rules import evaluate
from pricing.rules.actions import ACTIONS
from pricing.rules.evaluate import run
from pricing.rules.intervals import point
from pricing.rules.parse import dump_rule_set, parse_rule_set
from pricing.rules.syntax import RuleSet
from pricing.structure import CostStructure
from pricing.types import Outcome, PricingContext, Tier
from tests.pricing.rules.worlds import contexts, draw_context, draw_rule_set, rule_sets

_RULE_SETS_EACH = 4
_MANY = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


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


@dataclass
class _Found:
    """What was seen of so many listings × rule sets."""

    cases: int = 0
    suggested: int = 0
    broken: Counter[str] = field(default_factory=Counter)
    unsteady: int = 0


def _look(rng: Random, found: _Found, *, listings: int = 25) -> None:
    """Ask rule sets of listings, each in a shuffled order of its rules too and twice, and note what broke."""
    for _ in range(listings):
        context = draw_context(rng)
        for _ in range(_RULE_SETS_EACH):
            rules = draw_rule_set(rng)
            shuffled = list(rules.rules)
            rng.shuffle(shuffled)
            found.cases += 1
            mixed = replace(rules, rules=tuple(shuffled))
            for asked in (rules, mixed) if mixed != rules else (rules,):
                told = run(context, asked)
                found.unsteady += told != run(context, asked)
                assert (told.price is None) == (told.outcome is not Outcome.SUGGEST)
                assert told.reasons
                if told.price is not None:
                    found.suggested += 1
                    found.broken.update(_broken(context, asked, told.price))


def test_ten_thousand_cases_break_no_promise() -> None:
    """Over 10,000 cost structures × rule sets, rules in any order: never below the floor at the exact
    tick, never inside a cadence window, never past any limit, and the same input gives the same output."""
    found = _Found()

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**64 - 1))
    def batch(seed: int) -> None:
        seen = _Found()
        _look(Random(seed), seen)
        assert (seen.broken, seen.unsteady) == (Counter(), 0)
        found.cases += seen.cases
        found.suggested += seen.suggested

    batch()
    assert found.cases >= 10_000
    assert found.suggested >= 2_000, "too few of the cases say anything of prices"


@pytest.mark.parametrize(
    ("stage", "taken", "promise"),
    [
        ("PIPELINE", "floor", "floor"),
        ("GATES", "cadence", "cadence"),
        ("PIPELINE", "max_step", "step"),
    ],
)
def test_a_missing_limit_is_noticed(
    stage: str, taken: str, promise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search would see a floor, a cadence or a step that is not kept."""
    kept = tuple(each for each in getattr(evaluate, stage) if each.key != taken)
    assert len(kept) == len(getattr(evaluate, stage)) - 1
    monkeypatch.setattr(evaluate, stage, kept)
    found = _Found()
    _look(Random(4), found, listings=150)
    assert found.broken[promise] > 0


@_MANY
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


@_MANY
@given(rules=rule_sets())
def test_a_rule_set_survives_being_written_and_read(rules: RuleSet) -> None:
    """parse(dump(x)) == x: what is stored is what was checked."""
    assert parse_rule_set(dump_rule_set(rules)) == rules
