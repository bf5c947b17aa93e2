"""Everything that is wrong with a plan of targets, at once: form, focus, weights, sense, feasibility.

The rules are those of the product owner's documents as the domain reference collects them: SMART targets,
three to five core KPIs, a process KPI for every outcome, a baseline before the first target, one change per
quarter. Each rule is a function of the lines and the facts; none stops another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from kpis.engine.change_guard import check_changes
from kpis.engine.conflicts import check_conflicts
from kpis.engine.feasibility import check_history, check_resources
from kpis.engine.plan_rules import PlanFacts, PlannedLine, PlanSeverity, Problem, error, warning
from kpis.engine.validate import CORE_MAX, CORE_MIN, goal_faults

Lines = Sequence[PlannedLine]
Rule = Callable[[Lines, PlanFacts], Iterator[Problem]]

_ALL = Decimal(100)

# A person who sets one line after another passes through plans that are not whole yet.
_WHOLE_PLAN = frozenset({"weights_not_100", "too_few_core", "gate_without_target"})


def validate_plan(lines: Lines, facts: PlanFacts) -> list[Problem]:
    """Return every problem of a whole plan; errors of a line that says why it departs become warnings."""
    counted = [line for line in lines if line.counts]
    reasons = {line.kpi for line in lines if line.override_reason.strip()}
    return [
        _softened(problem) if problem.overridable and problem.kpi in reasons else problem
        for rule in _RULES
        for problem in rule(counted if rule is not check_changes else lines, facts)
    ]


def is_fatal(problems: Sequence[Problem]) -> bool:
    """Is any of the problems an error?"""
    return any(problem.severity is PlanSeverity.ERROR for problem in problems)


def soften(problems: Sequence[Problem], codes: frozenset[str]) -> list[Problem]:
    """Return the problems with errors of these codes as warnings."""
    return [_softened(problem) if problem.code in codes else problem for problem in problems]


def validate_line(kpi: str, lines: Lines, facts: PlanFacts) -> list[Problem]:
    """Return the problems that setting the line of `kpi` in a plan has: its own and those of the whole plan.

    What only a whole plan can satisfy (weights of 100, three core KPIs) is a warning here.
    """
    return [
        _softened(problem) if problem.code in _WHOLE_PLAN else problem
        for problem in validate_plan(lines, facts)
        if problem.kpi in {"", kpi} or problem.code in {"conflict", "gate_without_target"}
    ]


def _softened(problem: Problem) -> Problem:
    return replace(problem, severity=PlanSeverity.WARNING)


def _check_form(lines: Lines, facts: PlanFacts) -> Iterator[Problem]:
    """A goal that makes sense, with what it is for, whose it is and until when (SMART: S1 step 3)."""
    for line in lines:
        for fault in goal_faults(line.goal):
            yield error("goal", line.kpi, "target", fault[0].upper() + fault[1:] + ".", "Mend the bounds.")
        if not line.owner.strip():
            yield error("no_owner", line.kpi, "owner", "Nobody answers for it.", "Name an owner.")
        if line.weight > 0 and not line.goal.is_set:
            yield error(
                "no_target", line.kpi, "weight", "A weight needs a target.", "Set a target or weigh it 0."
            )
        if not line.goal.is_set:
            continue
        if not line.source.strip():
            yield error(
                "no_source", line.kpi, "source", "Nobody knows where it comes from.", "Name a source."
            )
        if line.deadline_on is None:
            yield error(
                "no_deadline", line.kpi, "deadline", "It has no deadline.", "Say by when it is to be reached."
            )
        if line.deadline_on is not None and line.deadline_on < facts.effective_on:
            yield error(
                "deadline_before_start",
                line.kpi,
                "deadline",
                "It ends before it begins.",
                "Choose a later day.",
            )


def _check_measurable(lines: Lines, facts: PlanFacts) -> Iterator[Problem]:
    for line in lines:
        if line.kpi not in facts.definitions:
            yield error("unknown_kpi", line.kpi, "kpi", "There is no such KPI.", "See the list of KPIs.")
        elif line.kpi in facts.unfed and line.goal.is_set:
            yield warning(
                "not_measurable",
                line.kpi,
                "target",
                "No stream, upload or evidence has delivered what it is measured by.",
                "Connect or upload its data, or watch another KPI.",
            )


def _check_focus(lines: Lines, facts: PlanFacts) -> Iterator[Problem]:
    core = sorted(line.kpi for line in lines if line.is_core)
    if len(core) > CORE_MAX:
        message = f"{len(core)} core KPIs ({', '.join(core)}); more than {CORE_MAX} are watched by nobody."
        yield error("too_many_core", "", "role", message, "Make the least important ones auxiliary.")
    if len(core) < CORE_MIN:
        yield error(
            "too_few_core",
            "",
            "role",
            f"{len(core)} core KPIs; fewer than {CORE_MIN} tell too little.",
            f"Make {CORE_MIN} to {CORE_MAX} core.",
        )


def _check_weights(lines: Lines, facts: PlanFacts) -> Iterator[Problem]:
    total = sum((line.weight for line in lines), Decimal(0))
    if total != _ALL:
        yield error(
            "weights_not_100", "", "weight", f"The weights add up to {total}.", "Let them add up to 100."
        )


def _check_gates(lines: Lines, facts: PlanFacts) -> Iterator[Problem]:
    for line in lines:
        kpi = facts.definitions.get(line.kpi)
        if kpi is not None and kpi.hard_gate and not line.goal.is_set:
            yield error(
                "gate_without_target",
                line.kpi,
                "target",
                "It makes the whole scorecard bad when it is bad, but nothing says when that is.",
                "Set its target, at most the platform's limit.",
            )


def _check_relevance(lines: Lines, facts: PlanFacts) -> Iterator[Problem]:
    for line in lines:
        kpi = facts.definitions.get(line.kpi)
        if kpi is None or not line.is_core or line.kpi in (facts.template_core or ()):
            continue
        if facts.model and kpi.models and not {facts.model, "all"} & set(kpi.models):
            yield warning(
                "not_of_model",
                line.kpi,
                "kpi",
                f"It is meant for {', '.join(kpi.models)}, the store is {facts.model}.",
                "Choose a KPI of the store's model.",
            )
        if facts.stage and kpi.stages and not {facts.stage, "all"} & set(kpi.stages):
            yield warning(
                "not_of_stage",
                line.kpi,
                "role",
                f"It is meant for {', '.join(kpi.stages)}, the store is in stage {facts.stage}.",
                "Make it auxiliary until the store has grown into it.",
            )
        if facts.template_core is not None:
            yield warning(
                "not_in_template",
                line.kpi,
                "role",
                "The template of the store's market, model and stage does not have it as core.",
                f"Core there: {', '.join(sorted(facts.template_core))}.",
            )


def _check_process(lines: Lines, facts: PlanFacts) -> Iterator[Problem]:
    present = {line.kpi for line in lines}
    for line in lines:
        drivers = facts.process_of.get(line.kpi, frozenset())
        if line.is_core and drivers and not drivers & present:
            yield warning(
                "no_process_kpi",
                line.kpi,
                "kpi",
                "It is an outcome, and nothing on the scorecard says what drives it.",
                f"Add one of {', '.join(sorted(drivers))}.",
            )


def _check_baselines(lines: Lines, facts: PlanFacts) -> Iterator[Problem]:
    for line in lines:
        if line.goal.is_set and line.kpi not in facts.baselined and line.kpi in facts.definitions:
            yield error(
                "no_baseline",
                line.kpi,
                "target",
                "Nobody knows where it stands: no baseline is frozen and the history is too short for one.",
                "Enter a baseline of the industry with its source, or wait for four complete weeks.",
            )


def _check_limits(lines: Lines, facts: PlanFacts) -> Iterator[Problem]:
    lines_of = {line.kpi: line for line in lines}
    for limit in facts.limits:
        line = lines_of.get(limit.kpi)
        if line is None or line.goal.target is None:
            continue
        for name, value in (("target", line.goal.target), ("warn", line.goal.warn)):
            if value is not None and not limit.allows(value) and value != limit.value:
                yield warning(
                    "laxer_than_platform",
                    line.kpi,
                    name,
                    f"{limit.platform} demands {'at least' if limit.is_floor else 'at most'} {limit.value}"
                    f" ({limit.metric}); beyond it: {limit.consequence}.",
                    "Keep a distance to the limit.",
                )


_RULES: tuple[Rule, ...] = (
    _check_measurable,
    _check_form,
    _check_focus,
    _check_weights,
    _check_gates,
    _check_baselines,
    check_changes,
    check_resources,
    check_history,
    check_conflicts,
    _check_limits,
    _check_process,
    _check_relevance,
)
