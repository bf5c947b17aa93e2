"""Which stage a store is in, which one its age suggests, and which changes of its plan await a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Min, Sum

from config.lib.errors import NotFound
from connectors.types import StoreRef
from kpis.catalog.templates import TEMPLATES
from kpis.models.measures import DailyMeasure
from kpis.models.stages import PlanProposal, StoreStage
from kpis.selectors.plans import find_plan

# Domain rule 7 (proposed there): a new shop's first 90 days, or fewer than 30 reviews.
NEW_DAYS = 90
NEW_REVIEWS = 30
# Proposed: from its second year on a store is judged as a mature one.
GROWTH_DAYS = 365


class Stage(StrEnum):
    """Where a store is in its life; it decides which KPIs matter."""

    NEW = "new"
    GROWTH = "growth"
    MATURE = "mature"
    CLEARANCE = "clearance"


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage of a store from a day on."""

    store_id: int
    stage: Stage
    effective_on: date
    version: int
    reason: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class SuggestedStage:
    """What age and reviews say; `reviews` None where no stream of reviews delivered any."""

    stage: Stage
    first_sale_on: date | None
    age_days: int | None
    reviews: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class ProposalView:
    """Changes of a store's plan that await, or had, a person's decision."""

    id: int
    store_id: int
    cause: str
    stage: str
    template: str
    template_version: int
    note: str
    effective_on: date
    changes: list[dict[str, Any]]
    state: str
    version: int
    created_at: datetime
    created_by: str
    decided_at: datetime | None
    decided_by: str
    reason: str


def find_stage(store_id: int, on: date) -> StageView | None:
    """Return the stage that was set for a day; None where none was."""
    row = (
        StoreStage.objects.filter(store_id=store_id, effective_on__lte=on)
        .order_by("-effective_on", "-version")
        .first()
    )
    return None if row is None else _stage(row)


def latest_stage_version(store_id: int) -> int:
    """Return how many stages were ever set for a store."""
    return StoreStage.objects.filter(store_id=store_id).count()


def list_stages(store_id: int) -> list[StageView]:
    """Return every stage ever set for a store, recorded last first."""
    return [_stage(row) for row in StoreStage.objects.filter(store_id=store_id).order_by("-version")]


def stage_of(store_id: int, on: date) -> str:
    """Return a store's stage on a day: as set, else that of its template, else mature."""
    found = find_stage(store_id, on)
    if found is not None:
        return found.stage.value
    plan = find_plan(store_id, on)
    template = TEMPLATES.get(plan.template) if plan else None
    return template.stage if template else Stage.MATURE.value


def suggest_stage(store: StoreRef, on: date) -> SuggestedStage:
    """Return the stage that a store's age and reviews suggest; clearance is a decision and never suggested.

    Age counts from the first day with a sale that we know, so a store whose history was not loaded back to
    its opening looks younger than it is.
    """
    first = DailyMeasure.objects.filter(
        store_id=store.id, measure="orders", known_to=None, value__gt=0, business_on__lte=on
    ).aggregate(first=Min("business_on"))["first"]
    reviews = DailyMeasure.objects.filter(
        store_id=store.id, measure="review_count", known_to=None, business_on__lte=on
    ).aggregate(n=Sum("value"))["n"]
    count = None if reviews is None else int(Decimal(reviews))
    if first is None:
        return SuggestedStage(Stage.NEW, None, None, count, "no sale is known yet")
    age = (on - first).days
    if age < NEW_DAYS:
        return SuggestedStage(Stage.NEW, first, age, count, f"younger than {NEW_DAYS} days")
    if count is not None and count < NEW_REVIEWS:
        return SuggestedStage(Stage.NEW, first, age, count, f"fewer than {NEW_REVIEWS} reviews")
    if age < GROWTH_DAYS:
        return SuggestedStage(Stage.GROWTH, first, age, count, f"younger than {GROWTH_DAYS} days")
    return SuggestedStage(Stage.MATURE, first, age, count, f"{GROWTH_DAYS} days and older")


def list_proposals(store_id: int) -> list[ProposalView]:
    """Return every proposal for a store, the latest first."""
    return [_proposal(row) for row in PlanProposal.objects.filter(store_id=store_id).order_by("-id")]


def get_proposal(store_id: int, proposal_id: int) -> ProposalView:
    """Return one proposal of a store; `NotFound` if there is none of this id."""
    row = PlanProposal.objects.filter(store_id=store_id, pk=proposal_id).first()
    if row is None:
        raise NotFound(f"store {store_id} has no proposal {proposal_id}")
    return _proposal(row)


def _stage(row: StoreStage) -> StageView:
    return StageView(
        row.store_id,
        Stage(row.stage),
        row.effective_on,
        row.version,
        row.reason,
        row.recorded_at,
        row.recorded_by,
    )


def _proposal(row: PlanProposal) -> ProposalView:
    return ProposalView(
        row.pk,
        row.store_id,
        row.cause,
        row.stage,
        row.template,
        row.template_version,
        row.note,
        row.effective_on,
        row.changes,
        row.state,
        row.version,
        row.created_at,
        row.created_by,
        row.decided_at,
        row.decided_by,
        row.reason,
    )
