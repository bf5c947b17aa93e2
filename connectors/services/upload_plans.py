"""How it is agreed what is handed in how often: plans made, changed and ended."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from connectors.models import StreamCursor, UploadPlan
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import Sink
from connectors.selectors.stores import get_store, list_streams_of
from connectors.selectors.upload_plans import PlanView, find_plan, get_plan, next_overdue_at
from tenants import audit


def set_plan(
    *,
    store_id: int,
    dataset: str,
    cadence_days: int,
    grace_days: int,
    first_due_on: date,
    owner: str,
    is_active: bool,
    version: int,
) -> PlanView:
    """Agree how often a dataset of a store is handed in; `version` is the present plan's, 0 for none.

    From then on the streams that the dataset feeds are stale when a file is overdue. `Invalid` for a dataset
    that is no store's facts, `PreconditionFailed` for another version.
    """
    store = get_store(store_id)
    known = DATASETS.get(dataset)
    if known is None or known.sink is not Sink.FACTS or dataset == "evidence":
        raise Invalid(errors=[FieldError("/dataset", "This dataset is not planned by store.", "unknown")])
    with transaction.atomic():
        before = find_plan(store_id=store_id, dataset=dataset)
        if (before.version if before else 0) != version:
            raise PreconditionFailed
        values = {
            "cadence_days": cadence_days,
            "grace_days": grace_days,
            "first_due_on": first_due_on,
            "owner": owner,
            "is_active": is_active,
            "version": version + 1,
            "updated_at": clock.now(),
        }
        if before is None:
            UploadPlan.objects.create(store_id=store_id, dataset=dataset, **values)
        elif not UploadPlan.objects.filter(pk=before.id, version=version).update(**values):
            raise PreconditionFailed
        after = get_plan(store_id=store_id, dataset=dataset)
        synced = {stream.key for stream in list_streams_of(store)}
        for stream in set(known.streams) - synced:
            row = StreamCursor.objects.filter(store_id=store_id, stream=stream).first()
            if row is not None and row.covered_through is not None:
                row.stale_at = next_overdue_at(
                    store=store, stream=stream, covered_through=row.covered_through, expires_on=None
                )
                row.save(update_fields=["stale_at"])
        audit.record(
            "upload_plan.set",
            target=("store", store_id),
            before=_shown(before) if before else None,
            after=_shown(after),
        )
    return after


def _shown(plan: PlanView) -> dict[str, Any]:
    return {name: str(value) for name, value in asdict(plan).items() if name not in ("id", "updated_at")}
