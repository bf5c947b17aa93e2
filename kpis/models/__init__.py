"""The tables of kpis."""

from kpis.models.assignments import Assignment, AssignmentShare
from kpis.models.baseline import Baseline
from kpis.models.formulas import Formula
from kpis.models.measures import DailyMeasure, PeriodTotals, RollupBatch
from kpis.models.targets import ScorecardPlan, Target

__all__ = [
    "Assignment",
    "AssignmentShare",
    "Baseline",
    "DailyMeasure",
    "Formula",
    "PeriodTotals",
    "RollupBatch",
    "ScorecardPlan",
    "Target",
]
