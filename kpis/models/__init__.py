"""The tables of kpis."""

from kpis.models.acknowledgements import Acknowledgement, Runbook
from kpis.models.actions import Action, ActionStep, HandOff
from kpis.models.assignments import Assignment, AssignmentShare
from kpis.models.baseline import Baseline
from kpis.models.formulas import Formula
from kpis.models.incentives import Appeal, IncentiveRule, IncentiveStatement
from kpis.models.measures import DailyMeasure, PeriodTotals, RollupBatch
from kpis.models.playbooks import FallbackPlan, FallbackTrigger, Playbook
from kpis.models.resources import StoreResources
from kpis.models.reviews import Issue, Review
from kpis.models.stages import PlanProposal, StoreStage
from kpis.models.targets import ScorecardPlan, Target

__all__ = [
    "Acknowledgement",
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
    "PlanProposal",
    "Playbook",
    "Review",
    "RollupBatch",
    "Runbook",
    "ScorecardPlan",
    "StoreResources",
    "StoreStage",
    "Target",
]
