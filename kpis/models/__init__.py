"""The tables of kpis."""

from kpis.models.actions import Action, ActionStep, HandOff
from kpis.models.assignments import Assignment, AssignmentShare
from kpis.models.baseline import Baseline
from kpis.models.formulas import Formula
from kpis.models.incentives import Appeal, IncentiveRule, IncentiveStatement
from kpis.models.measures import DailyMeasure, PeriodTotals, RollupBatch
from kpis.models.playbooks import FallbackPlan, FallbackTrigger, Playbook
from kpis.models.reviews import Issue, Review
from kpis.models.targets import ScorecardPlan, Target

__all__ = [
    "Action",
    "ActionStep",
    "Appeal",
    "Assignment",
    "AssignmentShare",
    "Baseline",
    "DailyMeasure",
    "FallbackPlan",
    "FallbackTrigger",
    "Formula",
    "HandOff",
    "IncentiveRule",
    "IncentiveStatement",
    "Issue",
    "PeriodTotals",
    "Playbook",
    "Review",
    "RollupBatch",
    "ScorecardPlan",
    "Target",
]
