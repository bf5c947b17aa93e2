"""Durable work: a row with a lease and a fencing token; Celery only wakes a worker for it.

Leases and due times are judged by the database's clock. A claim raises the token, so whatever a former holder
says afterwards is refused (`LeaseLost`). A killed worker's lease expires and the reconciler wakes another
one; steps therefore have to be safe to repeat.
"""

# ruff: noqa: S608 - the statements are put together from constants of this module and of selectors.jobs.

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from config.lib import clock, retry
from config.lib.errors import AppError, Conflict, NotFound, gettext_noop
from config.lib.redact import redact
from tenants import audit, due, messages
from tenants.context import current_actor, current_ledger, request_id
from tenants.registry import get_job_spec
from tenants.selectors.jobs import COLUMNS, UNFINISHED, find_unfinished_job, get_job, view_of
from tenants.types import Actor, ActorKind, ClientRef, JobView

RETRY_BASE_SECONDS = 5.0
RETRY_CAP_SECONDS = 900.0
# After waking a due job, how long to wait before waking it again.
REWAKE = timedelta(seconds=60)
_WAKE_AT_ONCE = 100


class LeaseLost(Conflict):
    """The job was given to another worker, finished or cancelled; whoever reads this has to stop."""

    code = "lease_lost"
    title = gettext_noop("The job is no longer held by this worker")
    permanent = True


class JobFinished(Conflict):
    """The job has finished already."""

    code = "job_finished"
    title = gettext_noop("The job has finished already")
    permanent = True


@dataclass(frozen=True, slots=True)
class JobHandle:
    """A claimed job, in the hands of its worker."""

    id: int
    kind: str
    client: ClientRef
    token: int
    attempts: int
    max_attempts: int
    lease: timedelta
    progress: dict[str, Any]
    creator: Actor
    request_id: str
    payload: dict[str, Any]

    def heartbeat(self, progress: Mapping[str, Any] | None = None) -> None:
        """Renew the lease and say how far the work is; raises `LeaseLost` if it is held by another.

        Inside the caller's transaction it also locks the job's row until the commit: then what the
        transaction writes is written by the holder of the lease or not at all.
        """
        heartbeat(self.id, token=self.token, lease=self.lease, progress=progress)


def start_job(
    kind: str,
    *,
    key: str,
    payload: Mapping[str, Any],
    run_after: datetime | None = None,
    max_attempts: int = 8,
) -> JobView:
    """Note work to be done for the current client (or the provider), in the caller's transaction.

    While a job of this kind and key is unfinished, that one is returned and nothing is written. A worker is
    woken after commit. `run_after` puts the work off.
    """
    get_job_spec(kind)
    with transaction.atomic():
        job = _insert(kind, key, dict(payload), run_after, max_attempts)
        while job is None:
            job = find_unfinished_job(kind, key)
            if job is not None:
                return job
            # It finished between the two statements.
            job = _insert(kind, key, dict(payload), run_after, max_attempts)
        due.bring_forward(due.JOB, job.run_after)
        if run_after is None:
            wake(job.id, kind)
    return job


def _insert(
    kind: str, key: str, payload: dict[str, Any], run_after: datetime | None, max_attempts: int
) -> JobView | None:
    actor = current_actor()
    return _one(
        "insert into ledger_job (kind, key, payload, state, attempts, max_attempts, run_after, lease_token,"
        " progress, created_by_kind, created_by_id, created_by_label, request_id, created_at)"
        " values (%s, %s, %s, 'queued', 0, %s, coalesce(%s, clock_timestamp()), 0, '{}', %s, %s, %s, %s, %s)"
        f" on conflict (kind, key) where state in {UNFINISHED} do nothing returning {COLUMNS}",
        [
            *(kind, key, Jsonb(payload), max_attempts, run_after),
            *(str(actor.kind), actor.id, actor.label, request_id()[:64], clock.now()),
        ],
    )


def _one(query: str, parameters: list[Any]) -> JobView | None:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        row = cursor.fetchone()
    return view_of(row) if row else None


def wake(job_id: int, kind: str, *, delay: float = 0.0) -> None:
    """Tell Celery, after commit (and `delay` seconds), that this job waits."""
    arguments = {"tenant_id": current_ledger().id, "job_id": job_id}
    messages.send_after_commit(kind, arguments, delay=delay)


def claim_job(job_id: int, *, lease: timedelta, is_early: bool = False) -> JobHandle | None:
    """Take a job that is due or whose lease has expired; None when there is nothing to take.

    `is_early` takes it before its time. A job whose worker died at its last attempt is failed instead.
    """
    lost: list[Any] = [Jsonb(_LOST), job_id]
    taken: list[Any] = [lease, job_id, is_early]
    with connection.cursor() as cursor:
        cursor.execute(
            "update ledger_job set state = 'failed', finished_at = clock_timestamp(), leased_until = null,"
            " problem = %s where id = %s and state = 'running' and leased_until < clock_timestamp()"
            " and attempts >= max_attempts",
            lost,
        )
        cursor.execute(
            "update ledger_job set state = 'running', attempts = attempts + 1, lease_token = lease_token + 1,"
            " leased_until = clock_timestamp() + %s, started_at = coalesce(started_at, clock_timestamp())"
            " where id = %s and ((state in ('queued', 'waiting') and (%s or run_after <= clock_timestamp()))"
            " or (state = 'running' and leased_until < clock_timestamp()))"
            " returning kind, lease_token, attempts, max_attempts, progress, created_by_kind, created_by_id,"
            " created_by_label, request_id, payload",
            taken,
        )
        row = cursor.fetchone()
    if row is None:
        return None
    kind, token, attempts, max_attempts, progress, actor_kind, actor_id, label, request, payload = row
    return JobHandle(
        id=job_id,
        kind=kind,
        client=current_ledger(),
        token=token,
        attempts=attempts,
        max_attempts=max_attempts,
        lease=lease,
        progress=_json(progress),
        creator=Actor(ActorKind(actor_kind), actor_id, label),
        request_id=request,
        payload=_json(payload),
    )


_LOST = {
    "code": "worker_lost",
    "title": "The work was interrupted too often",
    "detail": "The worker ended without a word at each of the last attempts.",
}


def heartbeat(
    job_id: int, *, token: int, lease: timedelta, progress: Mapping[str, Any] | None = None
) -> None:
    """Renew a lease; raises `LeaseLost` for any but the present holder."""
    _as_holder(
        job_id,
        token,
        "leased_until = clock_timestamp() + %s, progress = coalesce(%s, progress)",
        [lease, None if progress is None else Jsonb(dict(progress))],
    )


def complete(job_id: int, *, token: int, result: Mapping[str, Any] | None = None) -> None:
    """Finish a job successfully; raises `LeaseLost` for any but the present holder."""
    _as_holder(
        job_id,
        token,
        "state = 'succeeded', finished_at = clock_timestamp(), leased_until = null, problem = null,"
        " result = %s",
        [None if result is None else Jsonb(dict(result))],
    )


def fail(job_id: int, *, token: int, error: Exception, attempts: int, max_attempts: int) -> bool:
    """Note a failed attempt; returns whether the job will be tried again.

    An `AppError` with `permanent = True`, or the last attempt, ends the job as FAILED; else it is tried again
    after a random pause of at most 5 s × 2ⁿ, bounded by 15 minutes, or what the error's `retry_after` says.
    """
    problem = Jsonb(_problem(error))
    if getattr(error, "permanent", False) or attempts >= max_attempts:
        _as_holder(
            job_id,
            token,
            "state = 'failed', finished_at = clock_timestamp(), leased_until = null, problem = %s",
            [problem],
        )
        return False
    pause = timedelta(seconds=_pause(error, attempts))
    _put_back(
        job_id,
        token,
        "state = 'queued', run_after = clock_timestamp() + %s, leased_until = null, problem = %s",
        [pause, problem],
    )
    return True


def _pause(error: Exception, attempts: int) -> float:
    asked = getattr(error, "retry_after", None)
    if isinstance(asked, int | float):
        return float(asked)
    *_, pause = retry.delays(max(attempts, 1), RETRY_BASE_SECONDS, RETRY_CAP_SECONDS, random.SystemRandom())
    return pause


def defer(job_id: int, *, token: int, until: datetime, progress: Mapping[str, Any] | None = None) -> None:
    """Put a job to WAITING until an instant; the attempt does not count."""
    _put_back(
        job_id,
        token,
        "state = 'waiting', run_after = %s, leased_until = null, attempts = greatest(attempts - 1, 0),"
        " problem = null, progress = coalesce(%s, progress)",
        [until, None if progress is None else Jsonb(dict(progress))],
    )


def _put_back(job_id: int, token: int, assignments: str, parameters: list[Any]) -> None:
    with transaction.atomic():
        kind, run_after, seconds = _as_holder(job_id, token, assignments, parameters)
        due.bring_forward(due.JOB, run_after)
        # A short pause is worth a message of its own; a long one is left to the reconciler.
        if seconds <= REWAKE.total_seconds():
            wake(job_id, kind, delay=max(seconds, 0.0))


def _as_holder(
    job_id: int, token: int, assignments: str, parameters: list[Any]
) -> tuple[str, datetime, float]:
    """Change the job as its holder; returns its kind, when it is due, and in how many seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"update ledger_job set {assignments}"
            " where id = %s and state = 'running' and lease_token = %s"
            " returning kind, run_after, extract(epoch from run_after - clock_timestamp())::float8",
            [*parameters, job_id, token],
        )
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost(f"job {job_id} is no longer held with token {token}")
    kind, run_after, seconds = row
    return kind, run_after, seconds


def cancel_job(job_id: int) -> JobView:
    """End an unfinished job; a worker that holds it learns so at its next heartbeat. What it wrote stays."""
    with transaction.atomic():
        job = _one(
            "update ledger_job set state = 'cancelled', finished_at = clock_timestamp(), leased_until = null,"
            f" lease_token = lease_token + 1 where id = %s and state in {UNFINISHED} returning {COLUMNS}",
            [job_id],
        )
        if job is None:
            job = get_job(job_id)
            raise JobFinished(f"job {job_id} is {job.state}")
        audit.record("job.cancelled", target=("job", job_id), after={"kind": job.kind, "key": job.key})
    return job


def wake_due_jobs() -> int:
    """Wake a worker for each due job and each expired lease of the current ledger; returns how many.

    Puts the client's hint off to the next instant at which there may be something to wake.
    """
    is_due = (
        "(state in ('queued', 'waiting') and run_after <= clock_timestamp()"
        " or state = 'running' and leased_until < clock_timestamp())"
    )
    rewake: list[Any] = [REWAKE]
    with transaction.atomic(), connection.cursor() as cursor:
        due.lock_ledger()
        cursor.execute(
            f"select id, kind from ledger_job where state in {UNFINISHED} and {is_due}"
            " order by run_after, id limit %s",
            [_WAKE_AT_ONCE],
        )
        jobs = cursor.fetchall()
        cursor.execute(
            f"select min(case when {is_due} then clock_timestamp() + %s"
            " when state = 'running' then leased_until else run_after end)"
            f" from ledger_job where state in {UNFINISHED}",
            rewake,
        )
        due.put_off(due.JOB, cursor.fetchone()[0])
        for job_id, kind in jobs:
            wake(job_id, kind)
    return len(jobs)


def _problem(error: Exception) -> dict[str, Any]:
    if isinstance(error, AppError):
        return {
            "code": error.code,
            "title": error.title,
            "detail": redact(str(error.detail)),
            "remedy": redact(str(error.remedy)),
        }
    # The text of a foreign error may hold anything; its type is enough to find the log line.
    return {"code": "internal_error", "title": "The work failed", "detail": type(error).__name__}


def _json(value: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return loaded


__all__ = [
    "JobFinished",
    "JobHandle",
    "LeaseLost",
    "NotFound",
    "cancel_job",
    "claim_job",
    "complete",
    "defer",
    "fail",
    "heartbeat",
    "start_job",
    "wake",
    "wake_due_jobs",
]
