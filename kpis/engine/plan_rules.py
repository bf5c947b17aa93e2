"""What the rules about a plan speak in: a plan as proposed, what is known of its store, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kpis.engine.definitions import KPI
from kpis.types import Goal, LineRole


class PlanSeverity(StrEnum):
    """An error keeps the plan from being saved, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a plan: `kpi` "" means the whole plan, `field` the member of the line, or "".

    `overridable` errors are let through, as warnings, for a line that says why.
    """

    severity: PlanSeverity
    code: str
    kpi: str
    field: str
    message: str
    remedy: str
    overridable: bool = False


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of a plan as somebody proposes it."""

    kpi: str
    role: LineRole
    weight: Decimal
    goal: Goal
    owner: str
    source: str
    deadline_on: date | None
    override_reason: str = ""

    @property
    def counts(self) -> bool:
        """Is it on the scorecard?"""
        return self.role is not LineRole.OFF

    @property
    def is_core(self) -> bool:
        """Is it one of the three to five that matter?"""
        return self.role is LineRole.CORE


@dataclass(frozen=True, slots=True)
class FormerLine:
    """What was in force for a KPI before, and the day on which that was decided."""

    role: LineRole
    weight: Decimal
    goal: Goal
    changed_on: date


@dataclass(frozen=True, slots=True)
class Support:
    """People who answer customers in a language, and for how many hours a week."""

    language: str
    hours_per_week: Decimal
    agents: int


@dataclass(frozen=True, slots=True)
class Resources:
    """What a store has to work with; see `kpis.models.StoreResources`."""

    model: str
    warehouses: frozenset[str]
    support: tuple[Support, ...]
    ad_budget_per_month: Decimal | None


@dataclass(frozen=True, slots=True)
class PlatformLimit:
    """What a platform demands of a KPI: at least (`is_floor`) or at most `value`; `is_strict` excludes it."""

    kpi: str
    platform: str
    metric: str
    value: Decimal
    is_floor: bool
    is_strict: bool
    consequence: str

    def allows(self, value: Decimal) -> bool:
        """Is a value within the limit?"""
        if value == self.value:
            return not self.is_strict
        return value > self.value if self.is_floor else value < self.value


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What is known when a plan is judged.

    `baselined` are KPIs with a frozen baseline or enough history for one. `history` holds the values of the
    last complete weeks by KPI, the latest last. `process_of` names the process KPIs that drive an outcome
    KPI. `template_core` is None where no template fits the store. `former` are the lines in force.
    """

    today: date
    effective_on: date
    market: str
    model: str
    stage: str
    definitions: Mapping[str, KPI]
    process_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    template_core: frozenset[str] | None = None
    baselined: frozenset[str] = frozenset()
    history: Mapping[str, Sequence[Decimal]] = field(default_factory=dict)
    resources: Resources | None = None
    limits: Sequence[PlatformLimit] = ()
    former: Mapping[str, FormerLine] = field(default_factory=dict)
    unfed: frozenset[str] = frozenset()


def error(
    code: str, kpi: str, where: str, message: str, remedy: str, *, overridable: bool = False
) -> Problem:
    """A problem that keeps the plan from being saved."""
    return Problem(PlanSeverity.ERROR, code, kpi, where, message, remedy, overridable)


def warning(code: str, kpi: str, where: str, message: str, remedy: str) -> Problem:
    """A problem that a person should know of."""
    return Problem(PlanSeverity.WARNING, code, kpi, where, message, remedy)


def meets(value: Decimal, goal: Goal) -> bool:
    """Does a value reach the goal's target? False where there is none."""
    from_below = goal.target_low is None or value >= goal.target_low
    if goal.target_low is not None or goal.target_high is not None:
        return from_below and (goal.target_high is None or value <= goal.target_high)
    if goal.target is None:
        return False
    match goal.direction.value:
        case "up":
            return value >= goal.target
        case "abs":
            return abs(value) <= goal.target
        case _:
            return value <= goal.target
