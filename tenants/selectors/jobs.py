"""What is known of durable work, in the current ledger (the client's, or the provider's in public)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from config.lib.errors import NotFound
from tenants.types import JobState, JobView

COLUMNS = (
    "id, kind, key, state, attempts, run_after, created_at, started_at, finished_at, progress, result,"
    " problem"
)
UNFINISHED = "('queued', 'running', 'waiting')"


def view_of(row: Sequence[Any]) -> JobView:
    """A row of `COLUMNS` as a value."""
    progress, result, problem = (_json(value) for value in row[9:12])
    return JobView(
        id=row[0],
        kind=row[1],
        key=row[2],
        state=JobState(row[3]),
        attempts=row[4],
        run_after=row[5],
        created_at=row[6],
        started_at=row[7],
        finished_at=row[8],
        progress=progress or {},
        result=result,
        problem=problem,
    )


def _json(value: Any) -> dict[str, Any] | None:
    loaded: dict[str, Any] | None = json.loads(value) if isinstance(value, str) else value
    return loaded


def get_job(job_id: int) -> JobView:
    """One job; `NotFound` when the current ledger has none of this id."""
    jobs = _select("where id = %s", [job_id])
    if not jobs:
        raise NotFound(f"there is no job {job_id}")
    return jobs[0]


def list_jobs(
    *, kind: str = "", state: JobState | None = None, before_id: int | None = None, limit: int = 50
) -> list[JobView]:
    """The newest jobs first, of a kind and in a state if named, older than `before_id` for the next page."""
    return _select(
        "where (%s = '' or kind = %s) and (%s::text is null or state = %s)"
        " and (%s::bigint is null or id < %s) order by id desc limit %s",
        [kind, kind, state, state, before_id, before_id, limit],
    )


def find_unfinished_job(kind: str, key: str) -> JobView | None:
    """The job of this kind and key that has not finished; there is one at most."""
    jobs = _select(f"where kind = %s and key = %s and state in {UNFINISHED}", [kind, key])
    return jobs[0] if jobs else None


def _select(condition: str, parameters: list[Any]) -> list[JobView]:
    with connection.cursor() as cursor:
        cursor.execute(f"select {COLUMNS} from ledger_job {condition}", parameters)  # noqa: S608
        return [view_of(row) for row in cursor.fetchall()]
