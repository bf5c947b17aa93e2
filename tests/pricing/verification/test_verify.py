"""What is found in rule sets with a known fault, and that sound ones are found sound."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pricing.engine.price_war import Ending
from pricing.rules.limits import PIPELINE
from pricing.rules.limits.base import Draft, Limit, Verdict, moved
from pricing.rules.museum import EXHIBITS, visit
from pricing.rules.museum.ground import listing
from pricing.rules.parse import parse_rule_set
from pricing.rules.presets import PRESETS
from pricing.rules.prove import prove_floor
from pricing.rules.static import find_problems
from pricing.rules.syntax import RuleSet
from pricing.rules.verdicts import ProofStatus, Severity
from pricing.rules.verify import verify
from pricing.rules.wars import fight, problems_of
from pricing.structure import Cost
from pricing.types import Reason


def _set(*rules: dict[str, Any], **more: Any) -> RuleSet:
    return parse_rule_set({"name": "tried", "rules": list(rules), **more})


def _rule(key: str, when: Any, then: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "when": when, "then": then}


def _is(signal: str, op: str, value: Any) -> dict[str, Any]:
    return {"signal": signal, "op": op, "value": value}


DOWN = {"action": "percent", "by": "-0.03"}
UP = {"action": "percent", "by": "0.03"}
M2E = _set(
    _rule("won", _is("own_featured", "eq", True), {"action": "percent", "by": "0.05"}),
    _rule(
        "lost",
        _is("own_featured", "eq", False),
        {"action": "match", "against": "lowest", "offset_amount": "-0.01"},
    ),
    uses_endings=False,
)


def _codes(rule_set: RuleSet) -> list[tuple[str, str, str]]:
    return [(each.severity.value, each.code, each.pointer) for each in find_problems(rule_set)]


def test_a_condition_that_cannot_be_true_is_an_error() -> None:
    """Rank below 5 and above 10 at once."""
    never = {"all": [_is("rank", "lt", "5"), _is("rank", "gt", "10")]}
    assert _codes(_set(_rule("never", never, DOWN))) == [("error", "never_true", "/rules/0/when")]


def test_a_declared_range_can_make_a_condition_impossible() -> None:
    """What is impossible only within the ranges that were declared is told as well."""
    far = _rule("far", _is("competitor_gap", "gt", "0.5"), DOWN)
    assert _codes(_set(far)) == []
    assert _codes(_set(far, ranges={"competitor_gap": ["0", "0.4"]})) == [
        ("error", "never_true", "/rules/0/when")
    ]


def test_a_rule_behind_others_that_take_every_case_is_unreachable() -> None:
    """Two earlier rules together cover what the third asks for; neither alone does."""
    problems = find_problems(
        _set(
            _rule("top", _is("rank", "le", "10"), DOWN),
            _rule("rest", _is("rank", "gt", "10"), DOWN),
            _rule("late", _is("rank", "ge", "5"), DOWN),
        )
    )
    assert [(each.code, each.pointer) for each in problems] == [("unreachable", "/rules/2/when")]
    assert "top, rest" in problems[0].text


def test_rules_that_pull_both_ways_are_shown_with_inputs_for_which_they_do() -> None:
    """The witness satisfies both conditions."""
    problems = find_problems(
        _set(
            _rule("cheaper", _is("competitor_gap", "ge", "0.05"), DOWN),
            _rule("dearer", _is("fx_move", "ge", "0.02"), UP),
        )
    )
    (problem,) = problems
    assert (problem.severity, problem.code) == (Severity.WARNING, "contradiction")
    assert Decimal(problem.witness["competitor_gap"]) >= Decimal("0.05")
    assert Decimal(problem.witness["fx_move"]) >= Decimal("0.02")


def test_rules_that_exclude_each_other_do_not_contradict() -> None:
    """Down below a threshold, up above it."""
    assert not _codes(
        _set(
            _rule("cheaper", _is("competitor_gap", "ge", "0.05"), DOWN),
            _rule("dearer", _is("competitor_gap", "lt", "0"), UP),
        )
    )


def test_a_target_below_the_floor_is_an_error() -> None:
    """A margin the floor would never let pass."""
    aims = _rule("aims", {"all": []}, {"action": "target_margin", "margin": "0.05"})
    found = _codes(_set(aims, limits={"floor_margin": "0.10"}))
    assert ("error", "target_below_floor", "/rules/0/then/margin") in found


@pytest.mark.parametrize("key", PRESETS)
def test_the_library_s_rule_sets_are_sound(key: str) -> None:
    """Ten of ten disasters survived, the floor proved, nothing that refuses activation."""
    found = verify(parse_rule_set(PRESETS[key].document))
    assert found.is_sound, found.problems
    assert (found.museum.score, found.museum.of) == (10, 10)
    assert found.proof.status is ProofStatus.PROVED


def test_the_combination_that_had_to_be_forbidden_is_found() -> None:
    """Regular price when winning, undercut when losing: a loop, nine of ten, refused."""
    found = verify(M2E)
    assert not found.is_sound
    assert {each.code for each in found.problems if each.severity is Severity.ERROR} == {"loop"}
    assert [each.key for each in found.museum.exhibits if not each.survived] == ["endless_loop"]


def test_wars_are_fought_in_the_situation_a_rule_asks_for() -> None:
    """A loop that only happens to old stock is found, because the listing is made old."""
    old = _is("stock_age_days", "ge", "200")
    hidden = replace(
        M2E,
        rules=_set(
            _rule(
                "won", {"all": [old, _is("own_featured", "eq", True)]}, {"action": "percent", "by": "0.05"}
            ),
            _rule("lost", {"all": [old, _is("own_featured", "eq", False)]}, DOWN),
        ).rules,
    )
    endings = {verdict.bot: verdict.ending for verdict in fight(hidden)}
    assert endings["still"] is Ending.LOOP
    assert any(problem.severity is Severity.ERROR for problem in problems_of(fight(hidden)))


def _cheaper_after_all(draft: Draft) -> Verdict:
    return moved(draft, draft.price - Decimal("0.50"), Reason("planted", "a discount nobody asked for"))


def test_a_stage_that_lowers_after_the_floor_is_refuted_with_a_counter_example() -> None:
    """The prover is no rubber stamp: a planted discount behind the floor is found, with a price it breaks."""
    planted = (*PIPELINE, Limit("planted", "limit", "planted", _cheaper_after_all))
    proof = prove_floor(parse_rule_set(PRESETS["source_document"].document), pipeline=planted)
    assert proof.status is ProofStatus.REFUTED
    assert proof.counter_example is not None
    assert Decimal(proof.counter_example["contribution"]) < 0


def test_without_the_floor_nothing_is_proved() -> None:
    """The same limits less the floor let a losing price pass."""
    without = tuple(limit for limit in PIPELINE if limit.key != "floor")
    proof = prove_floor(parse_rule_set(PRESETS["source_document"].document), pipeline=without)
    assert proof.status is ProofStatus.REFUTED


def test_the_proof_covers_the_listings_it_is_given() -> None:
    """Another cost structure is another set of prices, and is tried as well."""
    rule_set = parse_rule_set(PRESETS["source_document"].document)
    dear = listing()
    dear = replace(dear, structure=replace(dear.structure, costs=(Cost("landed", Decimal(20)),)))
    assert prove_floor(rule_set, contexts=[dear]).cells > prove_floor(rule_set).cells


def test_every_exhibit_is_found_once() -> None:
    """Ten disasters, ten keys."""
    assert len({exhibit.key for exhibit in EXHIBITS}) == len(EXHIBITS) == 10


def test_a_rule_set_without_limits_of_its_own_survives_all_ten() -> None:
    """The gates and the floor are the product's, not the rule set's: even a blunt rule does no harm."""
    blunt = _set(_rule("blunt", {"all": []}, {"action": "hold"}))
    assert visit(blunt).score == 10
