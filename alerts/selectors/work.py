"""What is done about alerts, and what came of it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from alerts.models import AlertWork
from config.lib.errors import NotFound

WORK = (
    "id", "alert_id", "round", "follows_id", "action_id", "store_id", "kpi", "state", "is_escalated",
    "due_at", "value_before", "value_after", "opened_at", "opened_by", "closed_at", "note",
)  # fmt: skip


def work_query(*, state: str | None = None, store_id: int | None = None) -> QuerySet[Any, Any]:
    """The work on alerts, for paging."""
    asked = {"state": state, "store_id": store_id}
    rows = AlertWork.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    shown: QuerySet[Any, Any] = rows.values(*WORK)
    return shown


def get_work(work_id: int) -> dict[str, Any]:
    """Return the work of this id; `NotFound`."""
    row = AlertWork.objects.filter(pk=work_id).values(*WORK).first()
    if row is None:
        raise NotFound(f"There is no work {work_id} on an alert.")
    return dict(row)
