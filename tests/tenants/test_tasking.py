"""Tasks know their client or refuse; nothing they set outlives them; news becomes jobs at least once."""

from __future__ import annotations

import contextvars
from datetime import timedelta
from typing import Any

import pytest
import structlog
from celery import current_app
from django.db import transaction
from redis import Redis

from config import pipeline
from tenants import due, messages, outbox, tasks
from tenants.context import current_actor, current_client, use_public, use_tenant
from tenants.ledger.models import OutboxEvent
from tenants.messages import MessageRefused
from tenants.models import Client
from tenants.outbox import UnknownEvent, emit
from tenants.registry import UnknownTask
from tenants.selectors.jobs import list_jobs
from tenants.tasking import enqueue, enqueue_for_active_tenants, job_task, system_task, tenant_task
from tenants.types import ClientRef
from tests.tenants.conftest import Sent

SEEN: list[Any] = []
_leak: contextvars.ContextVar[str] = contextvars.ContextVar("leak", default="clean")


@tenant_task(name="tests.note_client", queue="compute")
def note_client(*, store_id: int) -> None:
    """Note for whom and as whom the task runs, and leave something behind."""
    SEEN.append((current_client(), current_actor().label, store_id, _leak.get()))
    _leak.set("dirty")
    structlog.contextvars.bind_contextvars(leak="dirty")


@tenant_task(name="tests.note_id", queue="compute")
def note_id(*, tenant_id: int) -> None:
    """A function that wants the client's id as an argument gets it."""
    SEEN.append(tenant_id)


@system_task(name="tests.note_nobody", queue="compute")
def note_nobody() -> None:
    """Note who is chosen in a system task."""
    SEEN.append((current_client(), current_actor().label))


@job_task(name="tests.count_event", queue="compute", lease=timedelta(seconds=30))
def count_event(job: Any, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Note the events of one batch."""
    SEEN.append(events)
    return {}


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    SEEN.clear()


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that a job of ours handles, and one that nobody handles."""
    monkeypatch.setitem(pipeline.PIPELINE, "tests.happened", ("tests.count_event",))
    monkeypatch.setitem(pipeline.PIPELINE, "tests.ignored", ())


def _apply(name: str, message: dict[str, Any]) -> None:
    current_app.tasks[name].apply(kwargs=message, throw=True)


def _signed(name: str, **arguments: Any) -> dict[str, Any]:
    return {**arguments, "signature": messages.sign(name, arguments)}


def test_a_task_runs_for_its_client_and_leaves_nothing(
    committed_db: None, acme: ClientRef, globex: ClientRef
) -> None:
    """Client, actor, log fields and other context of one task are gone for the next and for the caller."""
    with use_tenant(globex):
        for _ in range(2):
            _apply("tests.note_client", _signed("tests.note_client", tenant_id=acme.id, store_id=3))
        assert current_client() == globex
    assert [(acme, "system:tests.note_client", 3, "clean")] * 2 == SEEN
    assert "leak" not in structlog.contextvars.get_contextvars()
    assert _leak.get() == "clean"


def test_a_failing_task_leaves_nothing_either(committed_db: None, acme: ClientRef) -> None:
    """The context is reset on any exception."""
    message = _signed("tests.note_client", tenant_id=acme.id, shop_id=3)
    with pytest.raises(TypeError):
        _apply("tests.note_client", message)
    assert current_client() is None


def test_a_task_without_a_client_or_with_a_foreign_one_is_refused(
    committed_db: None, acme: ClientRef, globex: ClientRef
) -> None:
    """No client, no signature, a signature over another client or other arguments: nothing runs."""
    name = "tests.note_client"
    good = _signed(name, tenant_id=acme.id, store_id=3)
    for bad in (
        {"store_id": 3},
        {"store_id": 3, "signature": messages.sign(name, {"store_id": 3})},
        {"tenant_id": acme.id, "store_id": 3},
        {**good, "tenant_id": globex.id},
        {**good, "store_id": 4},
        {**good, "tenant_id": str(acme.id)},
        {"tenant_id": acme.id, "signature": messages.sign("tests.note_id", {"tenant_id": acme.id})},
    ):
        with pytest.raises(MessageRefused):
            _apply(name, bad)
    with pytest.raises(MessageRefused):
        _apply("tests.count_event", {"tenant_id": globex.id, "job_id": 1, "signature": "x"})
    assert SEEN == []


def test_a_function_may_ask_for_the_clients_id(committed_db: None, acme: ClientRef) -> None:
    """`tenant_id` is passed to a function that has such a parameter."""
    _apply("tests.note_id", _signed("tests.note_id", tenant_id=acme.id))
    assert [acme.id] == SEEN


def test_a_system_task_starts_with_nobody(committed_db: None, acme: ClientRef) -> None:
    """Even when Celery runs it eagerly inside a client's block."""
    with use_tenant(acme):
        _apply("tests.note_nobody", {})
    assert SEEN == [(None, "system:tests.note_nobody")]


def test_clients_that_are_not_active_are_not_worked_for(committed_db: None, acme: ClientRef) -> None:
    """Suspended and unknown clients are dropped without an error."""
    with use_public():
        Client.objects.filter(id=acme.id).update(state="suspended")
    for client_id in (acme.id, 987_654):
        _apply("tests.note_client", _signed("tests.note_client", tenant_id=client_id, store_id=3))
    assert SEEN == []


def test_enqueue_sends_after_commit_and_knows_the_name(
    committed_db: None, acme: ClientRef, sent: Sent
) -> None:
    """Nothing leaves before the commit, nothing after a rollback, and a misspelt name fails at once."""
    with use_tenant(acme), transaction.atomic():
        enqueue("tests.note_client", tenant_id=acme.id, store_id=3)
        assert sent.messages == []
    assert sent.names() == ["tests.note_client"]
    sent.deliver()
    assert [(acme, "system:tests.note_client", 3, "clean")] == SEEN
    with use_tenant(acme), pytest.raises(UnknownTask):
        enqueue("tests.note_cleint", tenant_id=acme.id)


def test_enqueue_for_active_tenants_reaches_each_of_them(
    committed_db: None, acme: ClientRef, globex: ClientRef, sent: Sent
) -> None:
    """One message per active client."""
    assert enqueue_for_active_tenants("tests.note_id") == 2
    sent.deliver()
    assert [acme.id, globex.id] == SEEN


def test_a_message_reaches_the_broker_and_a_lost_broker_is_no_error(
    committed_db: None, acme: ClientRef, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message lands in the task's queue; when the broker is away the work is still in the database."""
    with use_tenant(acme):
        enqueue("tests.note_id", tenant_id=acme.id)
    queued: list[bytes] = [key for key in redis.scan_iter("*compute") if redis.type(key) == b"list"]
    assert [redis.llen(key) for key in queued] == [1]
    monkeypatch.setattr(current_app.tasks["tests.note_id"], "apply_async", _no_broker)
    with use_tenant(acme):
        enqueue("tests.note_id", tenant_id=acme.id)


def _no_broker(**_: Any) -> None:
    from kombu.exceptions import OperationalError

    raise OperationalError("connection refused")


def test_news_becomes_a_job_of_each_listener(
    committed_db: None, listening: None, acme: ClientRef, globex: ClientRef, sent: Sent
) -> None:
    """Emitted with the change, dispatched after it in one batch, handled once, for the right client."""
    with use_tenant(acme), transaction.atomic():
        first = emit("tests.happened", {"store_id": 7})
        emit("tests.ignored", {})
        second = emit("tests.happened", {"store_id": 8})
    assert due.list_due_clients(due.OUTBOX) == [acme.id]
    tasks.dispatch_outbox()
    while sent.messages:
        sent.deliver()
    told = {first: 7, second: 8}
    assert [
        [{"id": event_id, "type": "tests.happened", "store_id": store} for event_id, store in told.items()]
    ] == SEEN
    assert due.list_due_clients(due.OUTBOX) == []
    with use_tenant(acme):
        assert [job.key for job in list_jobs()] == [f"events:{second}"]
        assert OutboxEvent.objects.filter(dispatched_at=None).count() == 0
    with use_tenant(globex):
        assert list_jobs() == []


def test_a_burst_of_news_is_one_message(
    committed_db: None, listening: None, acme: ClientRef, sent: Sent
) -> None:
    """While a dispatch is due nobody is told again; once it has looked, the next news is a message again."""
    with use_tenant(acme):
        for _ in range(5):
            emit("tests.happened", {})
        assert len(sent.messages) == 1
        assert outbox.dispatch() == 5
        sent.messages.clear()
        emit("tests.happened", {})
        assert sent.names() == [outbox.DISPATCH_TASK]


def test_news_of_a_change_that_was_rolled_back_is_no_news(
    committed_db: None, listening: None, acme: ClientRef, sent: Sent
) -> None:
    """The event, its hint and its message go with the transaction."""
    try:
        with use_tenant(acme), transaction.atomic():
            emit("tests.happened", {})
            raise RuntimeError
    except RuntimeError:
        pass
    assert (sent.messages, due.list_due_clients(due.OUTBOX)) == ([], [])


def test_a_dispatcher_that_dies_before_its_commit_dispatches_again(
    committed_db: None, listening: None, acme: ClientRef, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jobs and the mark on the event commit together: after a crash neither is there, a retry makes both."""
    with use_tenant(acme):
        emit("tests.happened", {"store_id": 7})
        sent.messages.clear()
        with monkeypatch.context() as patch:
            patch.setattr("tenants.outbox.clock.now", _crash)
            with pytest.raises(ConnectionError):
                outbox.dispatch()
        assert list_jobs() == []
        assert outbox.dispatch() == 1
        assert len(list_jobs()) == 1
        assert outbox.dispatch() == 0
    assert len(sent.messages) == 1


def _crash() -> None:
    raise ConnectionError


def test_an_event_that_nobody_lists_is_refused(in_acme: ClientRef) -> None:
    """A misspelt type would never be heard of."""
    with pytest.raises(UnknownEvent):
        emit("tests.hapened", {})
    assert OutboxEvent.objects.count() == 0


def test_every_scheduled_and_listed_name_is_a_task(db: None) -> None:
    """config.schedule and config.pipeline name registered tasks only."""
    from config.schedule import BEAT

    names = {entry["task"] for entry in BEAT.values() if entry["task"].startswith("tenants.")}
    assert names <= set(current_app.tasks)
    assert names >= {"tenants.dispatch_outbox", "tenants.reconcile_jobs", "tenants.refresh_fx"}
