"""Does a stream end with the same facts whatever happens on the way: faults, waits, deaths, lost leases?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from config.lib.clock import FrozenClock
from config.lib.redact import Secret
from connectors.engine.protocol import Page, StreamContext
from connectors.facts.orders import OrderLine
from connectors.models import OutboundCall, StoreConnection, StreamCursor, SyncRun
from connectors.selectors.connections import get_connection, list_due_streams
from connectors.selectors.freshness import list_freshness
from connectors.selectors.runs import find_latest_run
from connectors.services import sync
from connectors.services.credentials import rotate_credential
from connectors.services.ingest import store_page
from connectors.services.sync import start_sync
from connectors.services.tokens import redis_client
from connectors.types import ConnectionState, Family, FreshnessState, RunState, StoreRef
from tenants.context import require_client, use_tenant
from tenants.services.jobs import claim_job
from tenants.tasking import LeaseLost, run_job_now
from tenants.types import ClientRef, JobState, JobView
from tests.connectors.conftest import make_store
from tests.connectors.fakes import STREAMS, FakePlatform, FakeStream, nothing, rows


def run(
    store: StoreRef, stream: str = "orders", *, on_wait: Callable[[float], None] | None = None
) -> JobView:
    """Sync a stream to its end; pauses of the job are told to `on_wait` instead of being slept."""
    job = start_sync(store_id=store.id, stream_key=stream)

    def wait(seconds: float) -> None:
        if on_wait is not None:
            on_wait(seconds)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_job SET run_after = clock_timestamp() WHERE id = %s", [job.id])

    return run_job_now(job.id, sleep=wait)


def facts() -> list[tuple[Any, ...]]:
    """The stored order lines."""
    return list(
        OrderLine.objects.order_by("platform_order_id").values_list(
            "platform_order_id", "line_no", "gross_amount"
        )
    )


def test_a_stream_is_read_to_its_end(store: StoreRef, platform: FakePlatform) -> None:
    """Pages, counts, cursor, freshness and the log of calls agree; one token serves all calls."""
    platform.pages = [rows(3), rows(2, start=3)]
    job = run(store)
    assert job.state is JobState.SUCCEEDED
    assert len(facts()) == 5
    latest = find_latest_run(store_id=store.id, stream="orders")
    assert latest is not None
    assert (latest.state, latest.pages, latest.rows_read, latest.rows_written) == (
        RunState.SUCCEEDED,
        2,
        5,
        5,
    )
    assert StreamCursor.objects.get().cursor == {"since": 1}
    assert platform.calls == {"token": 1, "list_orders": 2}
    logged = list(
        OutboundCall.objects.order_by("id").values_list("operation", "method", "host", "path", "status")
    )
    assert logged == [
        ("token", "POST", "api.fake.example", "/token", 200),
        ("list_orders", "GET", "api.fake.example", "/orders", 200),
        ("list_orders", "GET", "api.fake.example", "/orders", 200),
    ]


def test_a_report_is_waited_for_and_resumed(
    store: StoreRef, platform: FakePlatform, settings: LazySettings
) -> None:
    """A long wait gives the worker back; the report id survives it and no second report is ordered."""
    settings.REPORT_WAIT_SECONDS = 0.5
    platform.pages = [rows(3)]
    platform.waits.extend([0.01, 40.0])
    waits: list[float] = []
    job = run(store, "orders_report", on_wait=waits.append)
    assert job.state is JobState.SUCCEEDED
    assert len(waits) == 1
    assert 35 < waits[0] <= 40
    assert (platform.reports, len(facts())) == (1, 3)
    assert SyncRun.objects.count() == 1
    assert job.attempts == 1


def test_an_expired_token_is_renewed_once(store: StoreRef, platform: FakePlatform) -> None:
    """A 401 in the middle buys one new token and repeats the call."""
    platform.pages = [rows(1), rows(1, start=1), rows(1, start=2)]
    platform.fail("list_orders", 401)
    assert run(store).state is JobState.SUCCEEDED
    assert (platform.calls["token"], platform.calls["list_orders"], len(facts())) == (2, 4, 3)


def test_a_revoked_credential_pauses_the_connection(store: StoreRef, platform: FakePlatform) -> None:
    """invalid_grant is asked once, told once, and ends only with a new credential."""
    platform.is_revoked = True
    job = run(store)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert platform.calls == {"token": 1}
    connection_ = get_connection(store.connection_id)
    assert connection_.state is ConnectionState.NEEDS_ATTENTION
    assert connection_.attention is not None
    assert connection_.attention["code"] == "invalid_grant"
    run(store, "orders_report")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_outboxevent WHERE type = 'connectors.attention_needed'")
        assert cursor.fetchone()[0] == 1
    platform.is_revoked = False
    rotate_credential(
        connection_id=store.connection_id,
        credential={"client_id": Secret("app"), "refresh_token": Secret("new")},
    )
    assert get_connection(store.connection_id).state is ConnectionState.ACTIVE
    assert run(store).state is JobState.SUCCEEDED


def test_a_refused_operation_is_noted_but_pauses_nothing_else(
    store: StoreRef, platform: FakePlatform
) -> None:
    """A role that was not granted stops one stream; the others go on, and the note goes when it works."""
    platform.fail("list_orders", 403, body="role missing")
    assert run(store).state is JobState.FAILED
    noted = get_connection(store.connection_id)
    assert (noted.state, (noted.attention or {})["stream"]) == (ConnectionState.ACTIVE, "orders")
    assert run(store, "returns").state is JobState.SUCCEEDED
    assert get_connection(store.connection_id).attention is not None
    assert run(store).state is JobState.SUCCEEDED
    assert get_connection(store.connection_id).attention is None


def test_faults_that_pass_are_outlived(
    store: StoreRef, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """5xx and 429 are tried again in place, as long as the platform says."""
    paused: list[float] = []
    monkeypatch.setattr(sync, "_sleep", lambda stop, seconds: paused.append(seconds))
    platform.pages = [rows(2)]
    platform.fail("list_orders", 503)
    platform.fail("list_orders", 500, {"retry-after": "3"})
    assert run(store).state is JobState.SUCCEEDED
    assert len(facts()) == 2
    assert paused[-1] == 3.0


def test_a_limit_is_waited_out(store: StoreRef, platform: FakePlatform) -> None:
    """A 429 that names a long time puts the job off instead of holding a worker."""
    platform.pages = [rows(2)]
    platform.fail("list_orders", 429, {"retry-after": "600"})
    waits: list[float] = []
    job = start_sync(store_id=store.id, stream_key="orders")

    class Enough(Exception):
        pass

    def stop(seconds: float) -> None:
        waits.append(seconds)
        raise Enough

    with pytest.raises(Enough):
        run_job_now(job.id, sleep=stop)
    assert 590 < waits[0] <= 600
    assert SyncRun.objects.get().state == RunState.WAITING


def test_a_skipped_refusal_reaches_the_stream_as_it_is(store: StoreRef, platform: FakePlatform) -> None:
    """What may be skipped comes back with its status and body; the stream decides what follows."""
    platform.fail("list_orders", 404, body="gone")
    assert run(store).state is JobState.SUCCEEDED
    assert facts() == []


def test_a_stream_that_asks_by_sku_lets_the_listings_come_first(
    store: StoreRef, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waits while the first listings are on their way, and for nothing else: asked alone it goes on."""
    monkeypatch.setitem(STREAMS, "listings", FakeStream("listings", Family.LISTINGS, nothing))
    monkeypatch.setitem(STREAMS, "offers", FakeStream("offers", Family.OFFERS, nothing, needs_skus=True))
    assert run(store, "offers").state is JobState.SUCCEEDED
    coming = start_sync(store_id=store.id, stream_key="listings")
    waits: list[float] = []

    def listings_arrive(seconds: float) -> None:
        waits.append(seconds)
        run_job_now(coming.id)

    assert run(store, "offers", on_wait=listings_arrive).state is JobState.SUCCEEDED
    assert len(waits) == 1
    assert waits[0] <= 2
    start_sync(store_id=store.id, stream_key="listings")
    assert run(store, "offers", on_wait=waits.append).state is JobState.SUCCEEDED
    assert len(waits) == 1


def test_a_defect_of_a_stream_ends_the_run_visibly(store: StoreRef, platform: FakePlatform) -> None:
    """An error nobody foresaw is tried again; the run is closed and names it without its text."""
    platform.pages = [rows(2)]
    platform.fail("list_orders", 200, body="not json: secret")
    assert run(store).state is JobState.SUCCEEDED
    failed = SyncRun.objects.order_by("id").first()
    assert failed is not None
    assert (failed.state, failed.problem["detail"]) == (  # type: ignore[index]
        RunState.FAILED,
        "An unexpected JSONDecodeError ended the run.",
    )
    assert len(facts()) == 2


def test_a_platform_that_fails_for_good_fails_the_run(store: StoreRef, platform: FakePlatform) -> None:
    """A refusal that cannot be outlived ends the job at once, with a problem a person can read."""
    platform.fail("list_orders", 400, body="bad marketplace")
    job = run(store)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    cursor = StreamCursor.objects.get()
    assert cursor.last_problem is not None
    assert (cursor.last_problem["code"], cursor.last_problem["detail"]) == ("http_400", "bad marketplace")
    assert find_latest_run(store_id=store.id, stream="orders").state is RunState.FAILED  # type: ignore[union-attr]


class Killed(BaseException):
    """The worker dies."""


@pytest.mark.parametrize("after", range(6))
def test_death_after_any_page_loses_and_doubles_nothing(
    store: StoreRef, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Killed before or after the commit of any page, a second worker ends with the same facts."""
    platform.pages = [rows(3, start=3 * index) for index in range(3)]
    expected = [(f"O-{index}", "1") for index in range(9)]
    stored = 0
    real = store_page

    def dying(**arguments: Any) -> Any:
        nonlocal stored
        if stored == after // 2 and after % 2 == 0:
            raise Killed
        outcome = real(**arguments)
        stored += 1
        if stored == after // 2 + 1 and after % 2 == 1:
            raise Killed
        return outcome

    monkeypatch.setattr(sync, "store_page", dying)
    job = start_sync(store_id=store.id, stream_key="orders")
    with pytest.raises(Killed):
        run_job_now(job.id)
    monkeypatch.setattr(sync, "store_page", real)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_job SET leased_until = clock_timestamp() - interval '1 s'")
    assert run_job_now(job.id).state is JobState.SUCCEEDED
    assert [fact[:2] for fact in facts()] == expected
    assert StreamCursor.objects.get().cursor == {"since": 2}
    assert SyncRun.objects.count() == 1
    assert SyncRun.objects.get().rows_written == 9


def test_who_lost_the_lease_writes_nothing(store: StoreRef, platform: FakePlatform) -> None:
    """A worker whose job was given to another is stopped inside its page's transaction."""
    platform.pages = [rows(3)]
    job = start_sync(store_id=store.id, stream_key="orders")
    old = claim_job(job.id, lease=timedelta(minutes=1))
    assert old is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_job SET leased_until = clock_timestamp() - interval '1 s'")
    assert claim_job(job.id, lease=timedelta(minutes=1)) is not None
    with pytest.raises(LeaseLost):
        sync.run_stream(old, store_id=store.id, stream_key="orders")
    assert facts() == []
    assert StreamCursor.objects.get().cursor == {}


def test_too_many_unreadable_rows_fail_the_run(store: StoreRef, platform: FakePlatform) -> None:
    """The run fails at once, keeps what it could read, and its next turn asks for the same page."""
    platform.pages = [
        rows(10),
        [*rows(3, start=10), *({"order": f"B-{n}", "bad": True} for n in range(6))],
        rows(1, start=20),
    ]
    job = run(store)
    assert (job.state, (job.problem or {})["code"]) == (JobState.FAILED, "too_many_rejected")
    assert len(facts()) == 13
    assert StreamCursor.objects.get().cursor == {"token": 1}
    platform.pages[1] = rows(9, start=10)
    assert run(store).state is JobState.SUCCEEDED
    assert len(facts()) == 20


def test_a_platform_that_goes_in_a_circle_is_stopped(
    store: StoreRef, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same next-page token again and again ends the run with an error that says so."""
    monkeypatch.setattr(
        platform, "_list_orders", lambda path, query: (200, {}, '{"orders": [], "next": 1, "last": 0}')
    )
    job = run(store)
    assert (job.state, (job.problem or {})["code"]) == (JobState.FAILED, "sync_loop")
    assert platform.calls["list_orders"] <= 4


def test_a_platform_that_repeats_one_page_is_believed_once(
    store: StoreRef, platform: FakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run goes through with a warning, its rows are stored once, and the day is not taken for known."""
    body = json.dumps({"orders": rows(2), "next": 1, "last": 0})
    monkeypatch.setattr(platform, "_list_orders", lambda path, query: (200, {}, body))
    life = STREAMS["orders"].life

    def claims_nothing(context: StreamContext, cursor: Mapping[str, Any]) -> Any:
        steps, answer = life(context, cursor), None
        while True:
            step = steps.send(answer)
            if isinstance(step, Page):
                step = replace(step, covered_from=None, covered_through=None)
            answer = yield step

    monkeypatch.setattr(STREAMS["orders"], "life", claims_nothing)
    for _ in range(2):
        job = run(store)
        assert (job.state, (job.result or {})["hold"]) == (JobState.SUCCEEDED, "page_repeated")
        assert len(facts()) == 2
        cursor = StreamCursor.objects.get()
        assert (cursor.cursor, cursor.covered) == ({}, [])
        ended = SyncRun.objects.order_by("-id")[0]
        assert (ended.state, (ended.problem or {})["code"]) == ("succeeded", "page_repeated")
    assert platform.calls["list_orders"] == 4


def test_an_empty_report_is_believed_the_second_time(
    store: StoreRef, platform: FakePlatform, frozen_clock: FrozenClock
) -> None:
    """Empty is not zero: where rows were expected, a fresh report has to say it again (Y12)."""
    platform.pages = [rows(20)]
    assert run(store, "orders_report").state is JobState.SUCCEEDED
    covered = StreamCursor.objects.get().covered_through
    StreamCursor.objects.update(
        cursor={}, safe_cursor={}, covered_from=None, covered_through=None, covered=[]
    )
    platform.pages = []
    assert run(store, "orders_report").state is JobState.SUCCEEDED
    doubtful = StreamCursor.objects.get()
    assert (doubtful.cursor, doubtful.covered_through) == ({}, None)
    assert _freshness(store) is FreshnessState.SUSPECT_EMPTY
    assert doubtful.next_due_at == frozen_clock() + timedelta(minutes=30)
    frozen_clock.tick(timedelta(minutes=31))
    assert run(store, "orders_report").state is JobState.SUCCEEDED
    assert platform.reports == 3
    assert StreamCursor.objects.get().covered_through == covered
    assert _freshness(store) is not FreshnessState.SUSPECT_EMPTY


def _freshness(store: StoreRef) -> FreshnessState:
    return list_freshness([store.id], ["orders_report"])[0].state


def test_due_streams_follow_their_cadence(
    store: StoreRef, platform: FakePlatform, frozen_clock: FrozenClock
) -> None:
    """A stream is due at first, not after it ran, and again after its cadence; a paused connection never."""
    assert {stream.key for stream in list_due_streams(frozen_clock())} == {
        "orders",
        "orders_report",
        "returns",
    }
    run(store)
    assert {stream.key for stream in list_due_streams(frozen_clock())} == {"orders_report", "returns"}
    frozen_clock.tick(timedelta(hours=1))
    assert {stream.key for stream in list_due_streams(frozen_clock())} == {
        "orders",
        "orders_report",
        "returns",
    }
    StoreConnection.objects.update(state=ConnectionState.NEEDS_ATTENTION)
    assert list_due_streams(frozen_clock()) == []


def test_no_secret_is_stored_anywhere(store: StoreRef, platform: FakePlatform) -> None:
    """Neither the credential nor a token stands in any table or in Redis (C1)."""
    platform.pages = [rows(1)]
    run(store)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = %s",
            [require_client().schema_name],
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ~ %s', ["very-secret|token-1"])
            assert cursor.fetchone() == (0,), table
    client = redis_client()
    for key in client.scan_iter("connectors:token:*"):
        assert b"token-1" not in (client.get(key) or b"")


def test_clients_stay_apart(acme: ClientRef, globex: ClientRef, db: None, platform: FakePlatform) -> None:
    """Two clients with the same seller's orders each keep their own facts, tokens and cursors."""
    for client in (acme, globex):
        with use_tenant(client):
            platform.pages = [rows(2)] if client is acme else [rows(3, start=100)]
            assert run(make_store()).state is JobState.SUCCEEDED
    with use_tenant(acme):
        assert [fact[0] for fact in facts()] == ["O-0", "O-1"]
    with use_tenant(globex):
        assert [fact[0] for fact in facts()] == ["O-100", "O-101", "O-102"]
