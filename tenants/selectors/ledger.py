"""What the ledger of the current schema holds, for paging: its jobs and its audit entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from tenants.ledger.models import AuditEntry, Job
from tenants.types import ActorKind, JobState, JobView

_JOB_COLUMNS = tuple(field.name for field in fields(JobView))
_ENTRY_COLUMNS = (
    "seq",
    "at",
    "actor_kind",
    "actor_id",
    "actor_label",
    "request_id",
    "verb",
    "target_type",
    "target_id",
    "before",
    "after",
    "entry_hash",
)

Rows = QuerySet[Any, Any]


def job_rows(*, kind: str = "", state: JobState | None = None) -> Rows:
    """The columns of `JobView` of the current schema's jobs, unordered."""
    rows: Rows = Job.objects.values(*_JOB_COLUMNS)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(state=state) if state is not None else rows


def job_of(row: Mapping[str, Any]) -> JobView:
    """The value of a row of `job_rows`."""
    return JobView(**{**row, "state": JobState(row["state"])})


def is_job_of_user(job_id: int, user_id: int) -> bool:
    """Whether this person started the job."""
    return Job.objects.filter(pk=job_id, created_by_kind=ActorKind.USER, created_by_id=user_id).exists()


def audit_rows(
    *,
    actor: tuple[ActorKind, int | None] | None = None,
    verb: str = "",
    target: tuple[str, str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Rows:
    """Entries of the current schema's audit, unordered; `since` is included, `until` is not.

    A target without an id (empty text) stands for everything of that type.
    """
    wanted = Q()
    if actor is not None:
        wanted &= Q(actor_kind=actor[0], actor_id=actor[1])
    if verb:
        wanted &= Q(verb=verb)
    if target is not None:
        wanted &= Q(target_type=target[0])
        wanted &= Q(target_id=target[1]) if target[1] else Q()
    if since is not None:
        wanted &= Q(at__gte=since)
    if until is not None:
        wanted &= Q(at__lt=until)
    rows: Rows = AuditEntry.objects.filter(wanted).values(*_ENTRY_COLUMNS)
    return rows
