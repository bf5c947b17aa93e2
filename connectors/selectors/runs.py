"""What the runs of the streams read, changed and could not read, and which calls left us for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from config.lib.errors import NotFound
from connectors.models import OutboundCall, RejectedRecord, SyncRun
from connectors.types import RunState
from connectors.values import RunView

# How the streams of runs begin that recorded what people handed in.
HANDED_IN = "upload."

RUN_COLUMNS = (
    "id",
    "store_id",
    "stream",
    "job_id",
    "state",
    "pages",
    "rows_read",
    "rows_written",
    "rows_unchanged",
    "rows_rejected",
    "problem",
    "started_at",
    "finished_at",
)


def runs_query(*, store_id: int, stream: str | None = None) -> QuerySet[Any, Any]:
    """The runs of a store, for paging."""
    rows: QuerySet[Any, Any] = SyncRun.objects.filter(store_id=store_id).values(*RUN_COLUMNS)
    return rows if stream is None else rows.filter(stream=stream)


def get_run(run_id: int) -> RunView:
    """Return one run; `NotFound` if there is none of this id."""
    row = SyncRun.objects.filter(pk=run_id).values(*RUN_COLUMNS).first()
    if row is None:
        raise NotFound(f"there is no sync run {run_id}")
    return RunView(**{**row, "state": RunState(row["state"])})


def find_latest_run(*, store_id: int, stream: str) -> RunView | None:
    """Return the newest run of a stream, None before the first."""
    row = runs_query(store_id=store_id, stream=stream).order_by("-id").first()
    return None if row is None else RunView(**{**row, "state": RunState(row["state"])})


def rejected_query(*, run_id: int) -> QuerySet[Any, Any]:
    """The rows of a run that could not be understood, for paging."""
    return RejectedRecord.objects.filter(run_id=run_id).values("id", "page_no", "pointer", "reason", "raw")


def calls_query(
    *, store_id: int | None = None, connection_id: int | None = None, operation: str | None = None
) -> QuerySet[Any, Any]:
    """The calls that left us, for paging."""
    rows = OutboundCall.objects.all()
    if store_id is not None:
        rows = rows.filter(store_id=store_id)
    if connection_id is not None:
        rows = rows.filter(connection_id=connection_id)
    if operation is not None:
        rows = rows.filter(operation=operation)
    return rows.values(
        "id",
        "store_id",
        "connection_id",
        "platform",
        "operation",
        "method",
        "host",
        "path",
        "status",
        "duration_ms",
        "request_id",
        "called_at",
    )


def handed_in_runs(run_ids: Collection[int]) -> frozenset[int]:
    """Which of these runs recorded what somebody handed in, and not what a platform answered."""
    rows = SyncRun.objects.filter(pk__in=list(run_ids), stream__startswith=HANDED_IN)
    return frozenset(rows.values_list("pk", flat=True))
