"""What has to be handed in and when: plans, what is due, and from when data that people feed is stale."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.lib import clock
from config.lib.calendars import day_bounds
from config.lib.errors import NotFound
from connectors.engine.evidence import metric_of
from connectors.models import StreamCursor, UploadPlan
from connectors.platforms.csv_upload.datasets import DATASETS, dataset_of
from connectors.selectors.stores import get_store, list_stores
from connectors.types import StoreRef

_DEFAULT_AGE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan: every `cadence_days` a file that goes on where the last ended, at most `grace_days` late."""

    id: int
    store_id: int
    dataset: str
    cadence_days: int
    grace_days: int
    first_due_on: date
    owner: str
    is_active: bool
    version: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DueUpload:
    """A plan as it stands today: `due_on` is the day the next file is due, `overdue_days` how late it is
    beyond the grace (0: in time)."""

    plan: PlanView
    covered_through: date | None
    due_on: date
    is_due: bool
    overdue_days: int


def list_plans(store_ids: Collection[int] | None = None) -> list[PlanView]:
    """The plans of these stores (None: of all), by store and dataset."""
    rows = UploadPlan.objects.order_by("store_id", "dataset")
    return [_view(row) for row in (rows if store_ids is None else rows.filter(store_id__in=list(store_ids)))]


def find_plan(*, store_id: int, dataset: str) -> PlanView | None:
    """The plan of a dataset of a store, None if it has none."""
    row = UploadPlan.objects.filter(store_id=store_id, dataset=dataset).first()
    return None if row is None else _view(row)


def get_plan(*, store_id: int, dataset: str) -> PlanView:
    """The plan of a dataset of a store; `NotFound` if it has none."""
    plan = find_plan(store_id=store_id, dataset=dataset)
    if plan is None:
        raise NotFound(f"store {store_id} has no upload plan for {dataset}")
    return plan


def list_due(*, store_id: int | None = None, only_due: bool = True) -> list[DueUpload]:
    """The active plans whose next file is due today or was due before, the latest first.

    `only_due=False` lists the others too.
    """
    stores = {store.id: store for store in (list_stores() if store_id is None else [get_store(store_id)])}
    known = {
        (row.store_id, row.stream): row.covered_through
        for row in StreamCursor.objects.filter(store_id__in=list(stores))
    }
    found = []
    for plan in list_plans(list(stores)):
        if not plan.is_active:
            continue
        covered = [known.get((plan.store_id, stream)) for stream in DATASETS[plan.dataset].streams]
        through = min((day for day in covered if day is not None), default=None)
        today = clock.today(stores[plan.store_id].time_zone)
        due_on = due_after(plan, through)
        late = max((today - due_on).days - plan.grace_days, 0)
        found.append(DueUpload(plan, through, due_on, today >= due_on, late))
    chosen = [each for each in found if each.is_due or not only_due]
    return sorted(chosen, key=lambda each: (each.due_on, each.plan.id))


def due_after(plan: PlanView, covered_through: date | None) -> date:
    """The day the next file is due: one cadence after the first day that is not known yet."""
    if covered_through is None:
        return plan.first_due_on
    return max(plan.first_due_on, covered_through + timedelta(days=plan.cadence_days + 1))


def next_overdue_at(
    *, store: StoreRef, stream: str, covered_through: date, expires_on: date | None
) -> datetime:
    """From when on a hand-fed stream is stale: by its expiry, else by its plan, else by its kind's age."""
    key = "evidence" if metric_of(stream) is not None else stream
    dataset = dataset_of(key)
    plan = find_plan(store_id=store.id, dataset=dataset.key) if dataset is not None else None
    if expires_on is not None:
        last = expires_on
    elif plan is not None and plan.is_active:
        last = due_after(plan, covered_through) + timedelta(days=plan.grace_days)
    else:
        last = covered_through + (dataset.stale_after if dataset is not None else _DEFAULT_AGE)
    return day_bounds(last, store.time_zone)[1]


def _view(row: UploadPlan) -> PlanView:
    return PlanView(
        id=row.pk,
        store_id=row.store_id,
        dataset=row.dataset,
        cadence_days=row.cadence_days,
        grace_days=row.grace_days,
        first_due_on=row.first_due_on,
        owner=row.owner,
        is_active=row.is_active,
        version=row.version,
        updated_at=row.updated_at,
    )
