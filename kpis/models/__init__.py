"""The tables of kpis."""

from kpis.models.baseline import Baseline
from kpis.models.formulas import Formula
from kpis.models.measures import DailyMeasure, PeriodTotals, RollupBatch
from kpis.models.targets import ScorecardPlan, Target

__all__ = ["Baseline", "DailyMeasure", "Formula", "PeriodTotals", "RollupBatch", "ScorecardPlan", "Target"]
