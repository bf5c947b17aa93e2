"""May a target's definition or weight change yet? Once a quarter, or with a reason (document S3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from kpis.engine.plan_rules import FormerLine, PlanFacts, PlannedLine, Problem, error

# "Evaluate each quarter, not each month" (S3, pitfall 10).
QUARTER = timedelta(days=91)


def is_change(line: PlannedLine, former: FormerLine) -> bool:
    """Would figures before and after differ in their verdict? Owner, deadline and source do not count."""
    return (line.role, line.weight, line.goal) != (former.role, former.weight, former.goal)


def free_on(former: FormerLine) -> date:
    """The first day on which the line may change without a reason."""
    return former.changed_on + QUARTER


def check_changes(lines: Sequence[PlannedLine], facts: PlanFacts) -> Iterator[Problem]:
    """Every line that changes within a quarter of its last change."""
    for line in lines:
        former = facts.former.get(line.kpi)
        if former is None or not is_change(line, former) or facts.today >= free_on(former):
            continue
        yield error(
            "changed_too_soon",
            line.kpi,
            "override_reason",
            f"It was changed on {former.changed_on}; figures before and after a change cannot be compared.",
            f"Wait until {free_on(former)}, or say in override_reason why it cannot wait.",
            overridable=True,
        )
