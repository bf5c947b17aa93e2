"""Durable work: leases and tokens by the database's clock, retries, waits, and killed workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from config.lib.errors import Invalid, Unavailable
from tenants import due
from tenants.context import current_actor, current_client, request_id, use_actor, use_request_id, use_tenant
from tenants.ledger.models import Job
from tenants.registry import JobSpec, UnknownTask, _jobs, add_job
from tenants.selectors.jobs import get_job, list_jobs
from tenants.services import jobs
from tenants.services.jobs import JobHandle, LeaseLost, claim_job, start_job, wake_due_jobs
from tenants.tasking import Defer, run_job_now
from tenants.types import Actor, ActorKind, ClientRef, JobState
from tests.tenants.conftest import Sent

KIND = "tests.work"
LEASE = timedelta(seconds=30)

Work = Callable[..., dict[str, Any] | None]


@pytest.fixture
def define() -> Iterator[Callable[[Work], None]]:
    """Make a function the work of KIND for this test."""

    def register(function: Work) -> None:
        _jobs.pop(KIND, None)
        add_job(JobSpec(kind=KIND, function=function, queue="compute", lease=LEASE))

    register(lambda job, **payload: {"did": payload})
    yield register
    _jobs.pop(KIND)


@pytest.fixture(autouse=True)
def wakes(monkeypatch: pytest.MonkeyPatch, sent: Sent) -> Sent:
    """KIND has no Celery task of its own here: its wake-up messages are only noted."""
    from tenants import messages

    real = messages.get_task
    monkeypatch.setattr(messages, "get_task", lambda name: None if name == KIND else real(name))
    return sent


def _expire(owner: psycopg.Connection, client: ClientRef, job_id: int) -> None:
    owner.execute(
        f"update {client.schema_name}.ledger_job set leased_until = clock_timestamp() - interval '1 s'"
        " where id = %s",
        [job_id],
    )


def test_starting_twice_is_starting_once(
    committed_db: None, define: Any, acme: ClientRef, wakes: Sent
) -> None:
    """While a job of kind and key is unfinished it is returned as it is; afterwards a new one starts."""
    with use_tenant(acme):
        first = start_job(KIND, key="a", payload={"n": 1})
        again = start_job(KIND, key="a", payload={"n": 2})
        other = start_job(KIND, key="b", payload={})
        assert again == first
        assert other.id != first.id
        assert run_job_now(first.id).result == {"did": {"n": 1}}
        assert start_job(KIND, key="a", payload={}).id not in {first.id, other.id}
    assert [message["job_id"] for name, message in wakes.messages if name == KIND][:2] == [first.id, other.id]


def test_eight_starters_make_one_job(committed_db: None, define: Any, acme: ClientRef) -> None:
    """Concurrent starts of one key meet in one row, and none of them fails."""

    def start(_: int) -> int:
        try:
            with use_tenant(acme):
                return start_job(KIND, key="same", payload={}).id
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(start, range(40)))
    assert len(ids) == 1


def test_a_rolled_back_start_leaves_neither_job_nor_hint_nor_message(
    committed_db: None, define: Any, acme: ClientRef, wakes: Sent
) -> None:
    """Job, hint and wake-up belong to the caller's transaction."""
    try:
        with use_tenant(acme), transaction.atomic():
            start_job(KIND, key="a", payload={})
            raise RuntimeError
    except RuntimeError:
        pass
    with use_tenant(acme):
        assert list_jobs() == []
    assert due.list_due_clients(due.JOB) == []
    assert wakes.messages == []


def test_a_misspelt_kind_fails_at_the_start(in_acme: ClientRef) -> None:
    """Nothing is written for a job that nobody can do."""
    with pytest.raises(UnknownTask):
        start_job("tests.wrok", key="a", payload={})
    assert list_jobs() == []


def test_a_lease_is_exclusive_until_it_expires(
    committed_db: None, define: Any, acme: ClientRef, owner_connection: psycopg.Connection
) -> None:
    """One holder at a time; after expiry the next one gets a higher token, and the former is fenced off."""
    with use_tenant(acme):
        job = start_job(KIND, key="a", payload={})
        old = claim_job(job.id, lease=LEASE)
        assert old is not None
        assert claim_job(job.id, lease=LEASE) is None
        _expire(owner_connection, acme, job.id)
        new = claim_job(job.id, lease=LEASE)
        assert new is not None
        assert (new.token, new.attempts) == (old.token + 1, old.attempts + 1)
        for late in (
            lambda: old.heartbeat({"page": 9}),
            lambda: jobs.complete(job.id, token=old.token, result={"by": "old"}),
            lambda: jobs.fail(job.id, token=old.token, error=Unavailable(), attempts=1, max_attempts=8),
            lambda: jobs.defer(job.id, token=old.token, until=datetime(2030, 1, 1, tzinfo=UTC)),
        ):
            with pytest.raises(LeaseLost):
                late()
        jobs.complete(job.id, token=new.token, result={"by": "new"})
        assert get_job(job.id).result == {"by": "new"}


def test_forty_workers_claim_a_job_once(committed_db: None, define: Any, acme: ClientRef) -> None:
    """Concurrent claims: exactly one wins."""
    with use_tenant(acme):
        job = start_job(KIND, key="a", payload={})

    def claim(_: int) -> bool:
        try:
            with use_tenant(acme):
                return claim_job(job.id, lease=LEASE) is not None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claim, range(40))) == 1


def _write_as(holder: JobHandle) -> None:
    with transaction.atomic():
        Job.objects.filter(id=holder.id).update(key="written by the old holder")
        holder.heartbeat()


def test_a_heartbeat_in_a_transaction_fences_its_writes(
    committed_db: None, define: Any, acme: ClientRef, owner_connection: psycopg.Connection
) -> None:
    """A holder whose job was taken over cannot commit what it wrote together with a heartbeat."""
    with use_tenant(acme):
        job = start_job(KIND, key="a", payload={})
        old = claim_job(job.id, lease=LEASE)
        _expire(owner_connection, acme, job.id)
        assert old is not None
        assert claim_job(job.id, lease=LEASE) is not None
        with pytest.raises(LeaseLost):
            _write_as(old)
        assert get_job(job.id).key == "a"


def test_a_temporary_error_is_tried_again_with_a_bounded_pause(
    committed_db: None, define: Any, acme: ClientRef
) -> None:
    """Backoff grows to at most 15 minutes; after the last attempt the job has failed, with the problem."""
    tries: list[int] = []

    def work(job: JobHandle) -> None:
        tries.append(job.attempts)
        raise Unavailable("the platform is away")

    define(work)
    pauses: list[float] = []
    with use_tenant(acme):
        job = start_job(KIND, key="a", payload={}, max_attempts=4)
        view = run_job_now(job.id, sleep=pauses.append)
    assert tries == [1, 2, 3, 4]
    assert view.state == JobState.FAILED
    assert view.problem is not None
    assert (view.problem["code"], view.problem["detail"]) == ("unavailable", "the platform is away")
    assert all(pause <= 5 * 2**n for n, pause in enumerate(pauses))


def test_a_permanent_error_fails_at_once(committed_db: None, define: Any, acme: ClientRef) -> None:
    """Trying again cannot help, so it is not done."""

    def work(job: JobHandle) -> None:
        raise Invalid("no such store")

    define(work)
    with use_tenant(acme):
        view = run_job_now(start_job(KIND, key="a", payload={}).id)
    assert (view.state, view.attempts) == (JobState.FAILED, 1)


def test_a_foreign_error_shows_its_type_and_never_its_text(
    committed_db: None, define: Any, acme: ClientRef
) -> None:
    """The text of an unexpected error may hold a secret; the row, which clients may read, does not."""

    def work(job: JobHandle) -> None:
        raise ValueError("password=hunter2")

    define(work)
    with use_tenant(acme):
        view = run_job_now(start_job(KIND, key="a", payload={}, max_attempts=1).id)
    assert view.problem is not None
    assert view.problem["detail"] == "ValueError"
    assert "hunter2" not in str(view)


def test_waiting_costs_no_attempt_and_keeps_the_progress(
    committed_db: None, define: Any, acme: ClientRef
) -> None:
    """A deferred job waits until its time, then goes on where it was, as often as it likes."""
    rounds: list[tuple[int, Any]] = []

    def work(job: JobHandle) -> dict[str, Any]:
        rounds.append((job.attempts, job.progress.get("round", 0)))
        if len(rounds) < 12:
            soon = datetime.now(UTC) + timedelta(milliseconds=1)
            raise Defer(soon, progress={"round": len(rounds)})
        return {"rounds": len(rounds)}

    define(work)
    with use_tenant(acme):
        view = run_job_now(start_job(KIND, key="a", payload={}, max_attempts=2).id)
    assert view.state == JobState.SUCCEEDED
    assert rounds == [(1, n) for n in range(12)]


def test_a_job_is_not_claimed_before_its_time(committed_db: None, define: Any, acme: ClientRef) -> None:
    """run_after is judged by the database; the hint says when to look."""
    later = datetime.now(UTC) + timedelta(hours=1)
    with use_tenant(acme):
        job = start_job(KIND, key="a", payload={}, run_after=later)
        assert claim_job(job.id, lease=LEASE) is None
        assert wake_due_jobs() == 0
        assert claim_job(job.id, lease=LEASE, is_early=True) is not None
    assert due.list_due_clients(due.JOB) == []


def test_the_reconciler_wakes_what_is_due_and_what_a_killed_worker_held(
    committed_db: None,
    define: Any,
    acme: ClientRef,
    globex: ClientRef,
    owner_connection: psycopg.Connection,
    wakes: Sent,
) -> None:
    """Only due clients are visited; a lost message and an expired lease are both made good."""
    with use_tenant(acme):
        lost_message = start_job(KIND, key="a", payload={})
        killed = start_job(KIND, key="b", payload={})
        held = start_job(KIND, key="c", payload={})
        assert claim_job(killed.id, lease=LEASE) is not None
        assert claim_job(held.id, lease=LEASE) is not None
        _expire(owner_connection, acme, killed.id)
    wakes.messages.clear()
    assert due.list_due_clients(due.JOB) == [acme.id]
    with use_tenant(acme):
        assert wake_due_jobs() == 2
    assert {message["job_id"] for _, message in wakes.messages} == {lost_message.id, killed.id}
    # Looked at, so put off: by the re-wake pause, since two jobs are still due.
    assert due.list_due_clients(due.JOB) == []
    (seconds,) = owner_connection.execute(
        "select extract(epoch from due_at - now()) from tenants_workdue where client_id = %s", [acme.id]
    ).fetchone() or (None,)
    assert 25 < seconds <= 60


def test_a_job_started_while_the_reconciler_looks_is_not_forgotten(
    committed_db: None, define: Any, acme: ClientRef, owner_connection: psycopg.Connection
) -> None:
    """The reconciler waits for a transaction that is about to commit a job; it does not put its hint off."""
    with use_tenant(acme):
        start_job(KIND, key="old", payload={})

    def reconcile() -> int:
        try:
            with use_tenant(acme):
                return wake_due_jobs()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with use_tenant(acme), transaction.atomic():
            start_job(KIND, key="new", payload={})
            looking = pool.submit(reconcile)
            time.sleep(0.2)
            assert not looking.done()
        assert looking.result() == 2


def test_a_worker_that_dies_every_time_is_given_up(
    committed_db: None, define: Any, acme: ClientRef, owner_connection: psycopg.Connection
) -> None:
    """A job that kills its worker is failed after max_attempts instead of killing for ever."""
    with use_tenant(acme):
        job = start_job(KIND, key="a", payload={}, max_attempts=2)
        for _ in range(2):
            assert claim_job(job.id, lease=LEASE) is not None
            _expire(owner_connection, acme, job.id)
        assert claim_job(job.id, lease=LEASE) is None
        view = get_job(job.id)
    assert view.state == JobState.FAILED
    assert view.problem is not None
    assert view.problem["code"] == "worker_lost"


def test_cancelling_stops_the_holder_at_its_next_heartbeat(
    committed_db: None, define: Any, acme: ClientRef
) -> None:
    """The holder learns by LeaseLost, is not retried, and the cancellation is in the audit."""
    from tenants.ledger.models import AuditEntry

    def work(job: JobHandle) -> None:
        jobs.cancel_job(job.id)
        job.heartbeat()
        pytest.fail("went on after the cancellation")

    define(work)
    with use_tenant(acme):
        view = run_job_now(start_job(KIND, key="a", payload={}).id)
        assert view.state == JobState.CANCELLED
        assert [entry.verb for entry in AuditEntry.objects.all()] == ["job.cancelled"]
        with pytest.raises(jobs.JobFinished):
            jobs.cancel_job(view.id)


def test_a_job_acts_as_who_started_it(committed_db: None, define: Any, acme: ClientRef) -> None:
    """What the job changes is audited under the person and request that started it."""
    seen: list[Any] = []

    def work(job: JobHandle) -> None:
        seen.append((current_actor(), request_id(), current_client(), job.client))

    define(work)
    ann = Actor(ActorKind.USER, 5, "ann")
    with use_tenant(acme):
        with use_actor(ann), use_request_id("r1"):
            mine = start_job(KIND, key="a", payload={})
        by_itself = start_job(KIND, key="b", payload={})
        run_job_now(mine.id)
        run_job_now(by_itself.id)
    system = Actor(ActorKind.SYSTEM, None, f"system:{KIND}")
    assert seen == [(ann, "r1", acme, acme), (system, "", acme, acme)]


_VICTIM = """
import sys, time, django
django.setup()
from datetime import timedelta
from tenants.context import use_tenant
from tenants.services.jobs import claim_job
with use_tenant(int(sys.argv[1])):
    handle = claim_job(int(sys.argv[2]), lease=timedelta(seconds=1))
    print(handle.token, flush=True)
    time.sleep(60)
"""


def test_a_worker_killed_with_sigkill_is_replaced(
    committed_db: None, define: Any, acme: ClientRef, child_environment: dict[str, str]
) -> None:
    """A real process claims and is killed; after its lease the reconciler's wake-up finds the job free."""
    with use_tenant(acme):
        job = start_job(KIND, key="a", payload={})
    victim = subprocess.Popen(
        [sys.executable, "-c", _VICTIM, str(acme.id), str(job.id)],
        env=child_environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert victim.stdout is not None
    assert victim.stdout.readline().strip() == "1"
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    victim.stdout.close()
    with use_tenant(acme):
        assert claim_job(job.id, lease=LEASE) is None
        time.sleep(1.1)
        assert wake_due_jobs() == 1
        assert run_job_now(job.id).attempts == 2
