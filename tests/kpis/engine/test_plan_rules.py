"""What is wrong with a plan of targets: every rule by a table, all at once, and nothing where all is well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.catalog import CATALOG
from kpis.catalog.process import PROCESS_OF
from kpis.catalog.templates import TEMPLATES, ScorecardTemplate
from kpis.engine.feasibility import answered_in_time
from kpis.engine.plan_rules import (
    FormerLine,
    PlanFacts,
    PlannedLine,
    PlanSeverity,
    PlatformLimit,
    Problem,
    Resources,
    Support,
)
from kpis.engine.score import Scored, weighted
from kpis.engine.sensitivity import reweighted, swings
from kpis.engine.validate_plan import is_fatal, validate_line, validate_plan
from kpis.types import Direction, Goal, LineRole, Status

TODAY = date(2026, 9, 1)


def planned(template: ScorecardTemplate) -> list[PlannedLine]:
    """A template's lines as somebody would propose them."""
    return [
        PlannedLine(
            line.kpi, line.role, line.weight, line.goal, "Li", line.source, TODAY + timedelta(days=90)
        )
        for line in template.lines
    ]


def line(kpi: str, target: str | None = None, **changes: Any) -> PlannedLine:
    """A core line of a KPI."""
    goal = Goal(CATALOG[kpi].direction, None if target is None else Decimal(target))
    made = PlannedLine(kpi, LineRole.CORE, Decimal(20), goal, "Li", "contract", TODAY + timedelta(days=30))
    return replace(made, **changes)


def facts(**changes: Any) -> PlanFacts:
    """A mature American store of which everything is known."""
    known = PlanFacts(
        today=TODAY,
        effective_on=TODAY,
        market="US",
        model="fba",
        stage="mature",
        definitions=CATALOG,
        process_of=PROCESS_OF,
        baselined=frozenset(CATALOG),
    )
    return replace(known, **changes)


def codes(problems: Sequence[Problem]) -> set[tuple[str, str]]:
    """What was found, by code and KPI."""
    return {(problem.code, problem.kpi) for problem in problems}


SOUND = planned(TEMPLATES["us_fba_mature"])


@pytest.mark.parametrize("key", list(TEMPLATES))
def test_every_template_is_a_plan_without_errors(key: str) -> None:
    """Focus, weights, gates and goals of all of them hold; what is left are warnings."""
    template = TEMPLATES[key]
    known = facts(
        market=template.market,
        model=template.models[0],
        stage=template.stage,
        template_core=frozenset(template.core),
    )
    found = validate_plan(planned(template), known)
    assert [each for each in found if each.severity is PlanSeverity.ERROR] == []
    assert not {code for code, _ in codes(found)} & {"no_process_kpi", "not_in_template", "not_of_model"}


def test_everything_is_told_at_once() -> None:
    """One bad plan, and each of its faults with KPI, place and remedy."""
    bad = [
        line("acos", "0.2", owner=" ", source="", deadline_on=None),
        line("roi", "0.15", deadline_on=TODAY - timedelta(days=1)),
        line("gmv_ordered"),
        line("return_rate", "0.03"),
        line("conversion_rate", "0.12"),
        line("stockout_rate", "0.03"),
        line("odr", role=LineRole.AUXILIARY, weight=Decimal(0)),
    ]
    found = validate_plan(bad, facts(baselined=frozenset()))
    assert {
        ("no_owner", "acos"),
        ("no_source", "acos"),
        ("no_deadline", "acos"),
        ("deadline_before_start", "roi"),
        ("no_target", "gmv_ordered"),
        ("too_many_core", ""),
        ("weights_not_100", ""),
        ("gate_without_target", "odr"),
        ("no_baseline", "acos"),
        ("no_baseline", "stockout_rate"),
    } <= codes(found)
    assert all(each.message and each.remedy for each in found)


@pytest.mark.parametrize(
    ("lines", "known", "expected"),
    [
        ([line("bsr_rank", "10"), line("roi", "0.2")], {}, ("conflict", "bsr_rank")),
        (
            [line("clearance_cash_rate", "0.6"), line("margin_floor_breach_rate", "0.01")],
            {"stage": "clearance"},
            ("conflict", "margin_floor_breach_rate"),
        ),
        (
            [line("net_sales", "10000"), line("tacos", "0.10")],
            {"history": {"tacos": [Decimal("0.15")] * 8}},
            ("conflict", "net_sales"),
        ),
        (
            [line("inventory_turnover_days", "20"), line("stockout_rate", "0.005")],
            {},
            ("conflict", "inventory_turnover_days"),
        ),
        (
            [line("gross_margin_pct", "0.25"), line("tacos", "0.12"), line("cm3_pct", "0.20")],
            {},
            ("conflict", "cm3_pct"),
        ),
        ([line("roi", "0.15")], {"stage": "new"}, ("conflict", "roi")),
        ([line("ltv_cac", "3")], {}, ("not_of_model", "ltv_cac")),
        ([line("roi", "0.15")], {"template_core": frozenset({"acos"})}, ("not_in_template", "roi")),
        ([line("roi", "0.15")], {}, ("no_process_kpi", "roi")),
        ([line("otdr", "0.98")], {"unfed": frozenset({"otdr"})}, ("not_measurable", "otdr")),
    ],
)
def test_a_warning_per_rule(
    lines: list[PlannedLine], known: Mapping[str, Any], expected: tuple[str, str]
) -> None:
    """Each rule finds its case, as a warning, and is silent about a sound plan."""
    found = validate_plan(lines, facts(**known))
    assert expected in codes(found)
    assert {each.severity for each in found if (each.code, each.kpi) == expected} == {PlanSeverity.WARNING}


FROM_CHINA = Resources("overseas_wh", frozenset({"CN"}), (), None)
STAFFED = (Support("ja", Decimal(40), 2),)


@pytest.mark.parametrize(
    ("kpi", "target", "market", "resources", "feasible"),
    [
        ("ship_24h_rate", "0.98", "JP", FROM_CHINA, False),
        ("ship_24h_rate", "0.98", "JP", replace(FROM_CHINA, warehouses=frozenset({"JP"})), True),
        ("ship_24h_rate", "0.98", "JP", replace(FROM_CHINA, model="fba"), True),
        ("last_mile_days", "3", "JP", FROM_CHINA, False),
        ("last_mile_days", "15", "JP", FROM_CHINA, True),
        ("ja_support_coverage", "0.90", "JP", FROM_CHINA, False),
        ("ja_support_coverage", "0.90", "JP", replace(FROM_CHINA, support=STAFFED), True),
        ("first_response_hours", "2", "JP", replace(FROM_CHINA, support=STAFFED), False),
        ("first_response_hours", "12", "JP", replace(FROM_CHINA, support=STAFFED), True),
        ("tacos", "0.10", "US", replace(FROM_CHINA, ad_budget_per_month=Decimal(0)), False),
        ("tacos", "0.10", "US", FROM_CHINA, True),
    ],
)
def test_resources_rule_targets_out(
    kpi: str, target: str, market: str, resources: Resources, feasible: bool
) -> None:
    """24 h shipping without a warehouse, Japanese without agents, ads without money (K14)."""
    found = validate_plan([line(kpi, target)], facts(market=market, resources=resources))
    assert (("infeasible", kpi) not in codes(found)) == feasible


def test_a_reason_lets_an_infeasible_target_through_but_not_a_missing_owner() -> None:
    """Overridable errors become warnings for a line that says why; others stay."""
    resources = {"market": "JP", "resources": FROM_CHINA}
    why = line("ship_24h_rate", "0.98", override_reason="a warehouse opens next week", owner="")
    found = {each.code: each.severity for each in validate_plan([why], facts(**resources))}
    assert found["infeasible"] is PlanSeverity.WARNING
    assert found["no_owner"] is PlanSeverity.ERROR


@pytest.mark.parametrize(
    ("met", "of", "code"),
    [
        (0, 26, "infeasible_history"),
        (2, 26, "hard_by_history"),
        (3, 26, None),
        (0, 7, None),
        (0, 8, "infeasible_history"),
    ],
)
def test_history_says_how_hard_a_target_is(met: int, of: int, code: str | None) -> None:
    """Never reached, reached in under a tenth of the weeks, or too little known to say."""
    weeks = [Decimal("0.20")] * met + [Decimal("0.40")] * (of - met)
    found = validate_plan([line("acos", "0.25")], facts(history={"acos": weeks}))
    assert {each for each, _ in codes(found) if "history" in each} == ({code} if code else set())


@pytest.mark.parametrize(
    ("target", "warn", "fields"),
    [
        ("0.005", "0.01", set()),
        ("0.02", "0.03", {"target", "warn"}),
        ("0.005", "0.03", {"warn"}),
    ],
)
def test_a_target_laxer_than_the_platforms_limit_is_told(target: str, warn: str, fields: set[str]) -> None:
    """ODR below 1 %: a target of 2 % would be green while the account is closed."""
    limit = PlatformLimit("odr", "Amazon", "ODR", Decimal("0.01"), False, True, "deactivation risk")
    goal = Goal(Direction.DOWN, Decimal(target), Decimal(warn))
    found = validate_plan([line("odr", goal=goal)], facts(limits=[limit]))
    assert {each.field for each in found if each.code == "laxer_than_platform"} == fields


@pytest.mark.parametrize(
    ("days", "target", "reason", "severity"),
    [
        (90, "0.21", "", PlanSeverity.ERROR),
        (91, "0.21", "", None),
        (10, "0.21", "the client asked", PlanSeverity.WARNING),
        (10, "0.25", "", None),
    ],
)
def test_a_line_changes_once_a_quarter_or_with_a_reason(
    days: int, target: str, reason: str, severity: PlanSeverity | None
) -> None:
    """K8: day 91 is free; the same target again is no change."""
    now = line("acos", target, override_reason=reason)
    before = FormerLine(now.role, now.weight, line("acos", "0.25").goal, TODAY - timedelta(days=days))
    found = validate_plan([now], facts(former={"acos": before}))
    assert [each.severity for each in found if each.code == "changed_too_soon"] == (
        [severity] if severity else []
    )


def test_setting_one_line_is_not_refused_for_what_only_a_whole_plan_has() -> None:
    """Weights that do not add up yet are a warning; the line's own faults and a sixth core KPI are errors."""
    alone = [line("acos", "0.2")]
    assert not is_fatal(validate_line("acos", alone, facts()))
    assert ("weights_not_100", "") in codes(validate_line("acos", alone, facts()))
    six = [*(each for each in SOUND if each.is_core), line("tacos", "0.1")]
    assert is_fatal(validate_line("tacos", six, facts()))
    others = [line("acos", "0.2"), line("roi", "0.1", owner="")]
    assert not is_fatal(validate_line("acos", others, facts()))


@given(st.decimals(1, 168, places=1), st.decimals(0, 48, places=1))
def test_more_hours_or_more_time_answer_no_fewer_messages(hours: Decimal, within: Decimal) -> None:
    """The share is between 0 and 1 and grows with both."""
    share: Decimal = answered_in_time(hours, within)
    assert 0 < share <= 1
    assert answered_in_time(hours, within + 1) >= share
    assert answered_in_time(min(hours + 1, Decimal(168)), within) >= share


_LINES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.builds(
        Scored,
        st.decimals(0, 50, places=1),
        st.none() | st.decimals(0, "1.2", places=3),
        st.just(Status.OK),
    ),
    min_size=1,
)


@given(_LINES)
def test_changing_a_weight_keeps_the_total_and_no_score_leaves_its_range(lines: dict[str, Scored]) -> None:
    """The others give way in step; every swing lies between the best and the worst line."""
    total = sum(each.weight for each in lines.values())
    known = [each.score * 100 for each in lines.values() if each.score is not None]
    for key in lines:
        moved = reweighted(lines, key, Decimal(5))
        assert abs(sum(moved.values()) - total) < Decimal("1e-18")
        assert all(weight >= 0 for weight in moved.values())
    tiny = Decimal("1e-9")
    for swing in swings(lines):
        for score in (swing.lower, swing.higher):
            if score is not None:
                assert min(known) - tiny <= score <= max(known) + tiny


def test_a_swing_is_what_the_score_would_be() -> None:
    """Two lines, half each, one met and one missed: 5 points more for the met one are 5 points of score."""
    lines = {
        "met": Scored(Decimal(50), Decimal(1), Status.OK),
        "missed": Scored(Decimal(50), Decimal(0), Status.BAD),
    }
    assert weighted(list(lines.values())).score == 50
    first = swings(lines)[0]
    assert first.kpi == "met"
    assert [first.lower, first.higher, first.span] == [Decimal(45), Decimal(55), Decimal(10)]
