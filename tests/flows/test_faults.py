"""What becomes of a sync when Amazon misbehaves: the promised outcome at once, the truth after the next sync.

Each fault strikes a fresh store, whose end is compared with that of a store nothing happened to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from redis import Redis

from config.lib.clock import FrozenClock
from connectors.facts.orders import OrderLine
from connectors.models import RejectedRecord, StreamCursor
from connectors.selectors.connections import get_connection, list_due_streams
from connectors.selectors.freshness import list_freshness
from connectors.services import sync
from connectors.services.credentials import rotate_credential
from connectors.simulator.http.faults import Fault
from connectors.simulator.http.settings import Knobs
from connectors.simulator.testing import Running
from connectors.simulator.world import Size, World, generate
from connectors.types import ConnectionState, FreshnessState
from tenants.types import ClientRef, JobState, JobView
from tests.flows import ground
from tests.flows.conftest import served
from tests.flows.ground import Shop

END = date(2026, 7, 15)
NOW = datetime(2026, 7, 15, 19, 40, tzinfo=UTC)
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"


@dataclass(slots=True)
class Lab:
    """A store, the simulator behind it, time, and the pauses that were not slept."""

    shop: Shop
    world: World
    running: Running
    time: FrozenClock
    redis: Redis
    pauses: list[float] = field(default_factory=list)

    def end_of(self, stream: str) -> object:
        """What a sync of a stream leaves behind."""
        own = self.shop.id
        return ground.fingerprint(own), ground.cursors(own)[stream], ground.dirty_days(own)

    def plan(self, operation: str, kind: str, *, count: int = 1, skip: int = 0, status: int = 500) -> None:
        """Plan a fault."""
        self.running.simulator.faults.add(Fault(operation, kind, count, skip, status))

    def sync(self, stream: str) -> JobView:
        """Sync a stream to its job's end."""
        return ground.sync(self.shop.id, stream, sleep=self.pause)

    def pause(self, seconds: float) -> None:
        """Let a pause pass at once, for the rate limiter too."""
        self.pauses.append(seconds)
        for key in self.redis.scan_iter("*limit*"):
            self.redis.delete(key)

    def forget_calls(self) -> None:
        """As if nothing had been called yet: no token is cached, no call is counted."""
        self.redis.flushdb()
        self.running.simulator.record.reset()

    def calls(self, operation: str, status: int | None = None) -> int:
        """How often the simulator was called."""
        return self.running.simulator.record.count(operation, status)


@pytest.fixture(scope="module")
def world() -> World:
    """One client with a month of past."""
    return generate(31, END, Size(accounts=1, skus=5, days=32, horizon=4, volume=0.5))


@pytest.fixture
def lab(
    world: World,
    in_acme: ClientRef,
    settings: LazySettings,
    redis: Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Lab]:
    """A fresh store whose pauses pass at once."""
    settings.REPORT_WAIT_SECONDS = 5
    knobs = Knobs(queue_seconds=0, process_seconds=0, page_size=4)
    with served(world, NOW, knobs=knobs) as (running, time):
        shop = ground.open_shops(world, backfill_days=35)["harbor-us"]
        lab = Lab(shop, world, running, time, redis)
        monkeypatch.setattr(sync, "_sleep", lambda stop, seconds: lab.pause(seconds))
        yield lab


@pytest.fixture
def unharmed(lab: Lab) -> Callable[[str], object]:
    """What a stream leaves behind when nothing happens; nothing of that run stays."""

    def end(stream: str) -> object:
        with transaction.atomic():
            assert lab.sync(stream).state is JobState.SUCCEEDED
            found = lab.end_of(stream)
            transaction.set_rollback(True)
        lab.forget_calls()
        return found

    return end


@dataclass(frozen=True, slots=True)
class Case:
    """A fault that is outlived within the job: what strikes, and how many attempts of the job it costs."""

    stream: str
    operation: str
    kind: str
    attempts: int
    count: int = 1
    skip: int = 0
    status: int = 500
    page_size: int = 4


CASES = {
    "a truncated gzip is downloaded again": Case("orders_report", "document", "truncate", 2),
    "a truncated plain file too": Case("settlements", "document", "truncate", 2, skip=1),
    "half a page is asked for again": Case("orders", "searchOrders", "malformed", 2, skip=1),
    "half a token answer too": Case("orders", "lwaToken", "malformed", 2),
    "a cut connection is called again": Case("orders", "searchOrders", "reset", 1, skip=1),
    "a cut download too": Case("returns", "document", "reset", 1),
    "a 429 storm is waited out": Case(
        "finances", "listTransactions", "throttle", 1, count=4, skip=1, page_size=40
    ),
    "a 429 storm over downloads too": Case("orders_report", "getReportDocument", "throttle", 1, count=3),
    "a few 500s are outlived in place": Case(
        "finances", "listTransactions", "error", 1, count=3, page_size=40
    ),
    "many 500s by the job's next attempt": Case(
        "finances", "listTransactions", "error", 2, count=7, page_size=40
    ),
    "a 503 at the token endpoint too": Case("orders", "lwaToken", "error", 1, count=2, status=503),
    "a report that ends FATAL is ordered anew": Case("orders_report", ORDERS, "fatal", 2),
    "a token that expires between pages is renewed": Case(
        "orders", "searchOrders", "expire_token", 1, skip=2
    ),
    "advertising's 429 storm is waited out": Case(
        "sp_advertised_product", "getAsyncReport", "throttle", 1, count=3
    ),
    "advertising's half a document is downloaded again": Case(
        "sp_advertised_product", "document", "truncate", 2
    ),
    "advertising's token is renewed": Case("sp_advertised_product", "getAsyncReport", "expire_token", 1),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_passing_fault_leaves_the_very_same_facts(
    lab: Lab, unharmed: Callable[[str], object], case: Case
) -> None:
    """The job succeeds by itself, in so many attempts, and nothing is lost, doubled or left half."""
    lab.running.simulator.knobs.page_size = case.page_size
    expected = unharmed(case.stream)
    lab.plan(case.operation, case.kind, count=case.count, skip=case.skip, status=case.status)
    job = lab.sync(case.stream)
    assert (job.state, job.problem) == (JobState.SUCCEEDED, None)
    assert lab.running.simulator.faults.pending() == 0, "the fault never struck"
    assert job.attempts == case.attempts
    assert lab.end_of(case.stream) == expected
    assert not RejectedRecord.objects.exists()


def test_a_storm_is_answered_by_waiting_not_by_calling(lab: Lab) -> None:
    """Each 429 costs one call and a pause of at least what the published rate asks; the token stays."""
    lab.plan("listTransactions", "throttle", count=4)
    assert lab.sync("finances").state is JobState.SUCCEEDED
    assert lab.calls("listTransactions", 429) == 4
    assert lab.calls("lwaToken") == 1
    assert len([pause for pause in lab.pauses if pause >= 1.5]) >= 4


def test_an_expired_token_is_renewed_once(lab: Lab) -> None:
    """In the middle of the pages: one refusal, one new token, no page twice."""
    assert lab.sync("orders").state is JobState.SUCCEEDED
    calls, tokens = lab.calls("searchOrders", 200), lab.calls("lwaToken")
    lab.time.tick(timedelta(minutes=20))
    lab.plan("searchOrders", "expire_token", skip=1)
    assert lab.sync("orders").state is JobState.SUCCEEDED
    assert lab.calls("searchOrders", 403) == 1
    assert lab.calls("lwaToken") == tokens + 1
    assert lab.calls("searchOrders", 200) <= 2 * calls + 1


def test_a_revoked_authorisation_is_told_once_and_asked_no_more(
    lab: Lab, unharmed: Callable[[str], object]
) -> None:
    """The connection needs attention, one event tells it, no stream of it is due, nothing is tried again;
    a new credential brings it back, and what was stored before goes on to the truth."""
    expected = unharmed("orders")
    lab.plan("searchOrders", "revoke_token", skip=2)
    job = lab.sync("orders")
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    noted = get_connection(lab.shop.sp_connection)
    assert noted.state is ConnectionState.NEEDS_ATTENTION
    assert noted.attention is not None
    assert _events("connectors.attention_needed") == 1
    assert not [due for due in list_due_streams(lab.time()) if due.connection_id == lab.shop.sp_connection]
    lab.time.tick(timedelta(days=1))
    assert not [due for due in list_due_streams(lab.time()) if due.connection_id == lab.shop.sp_connection]
    lab.time.tick(timedelta(days=-1))
    refused = lab.calls("lwaToken", 400)
    assert refused <= 1
    assert lab.sync("returns").state is JobState.FAILED
    assert _events("connectors.attention_needed") == 1

    lab.running.simulator.tokens.restore()
    rotate_credential(
        connection_id=lab.shop.sp_connection,
        credential=ground.credential_of(lab.world, "amazon_sp", lab.shop.key),
    )
    assert get_connection(lab.shop.sp_connection).state is ConnectionState.ACTIVE
    assert lab.sync("orders").state is JobState.SUCCEEDED
    assert lab.end_of("orders") == expected


@pytest.mark.parametrize(
    ("stream", "operation", "page_size"),
    [
        ("orders", "searchOrders", 4),
        ("finances", "listTransactions", 40),
        ("inventory", "getInventorySummaries", 2),
        ("listings", "searchListingsItems", 2),
    ],
)
def test_a_page_token_that_repeats_ends_the_sync_by_name(
    lab: Lab, unharmed: Callable[[str], object], stream: str, operation: str, page_size: int
) -> None:
    """No endless loop: it fails at once, says why, and the next sync finds the truth."""
    lab.running.simulator.knobs.page_size = page_size
    expected = unharmed(stream)
    lab.plan(operation, "loop", count=50, skip=1)
    job = lab.sync(stream)
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem["code"] in ("pagination_loop", "sync_loop")
    assert lab.calls(operation) <= 5
    lab.running.simulator.faults.clear()
    assert lab.sync(stream).state is JobState.SUCCEEDED
    assert lab.end_of(stream) == expected


@pytest.mark.parametrize("kind", ["empty", "cancelled"])
def test_an_empty_answer_is_not_believed_where_rows_were_expected(lab: Lab, kind: str) -> None:
    """Empty is not zero: the cursor stays, the store shows the doubt, and the next report tells the truth.

    The first sync is healthy; the second, a day later, is told that nothing ever happened.
    """
    assert lab.sync("orders_report").state is JobState.SUCCEEDED
    before, facts = ground.cursors(lab.shop.id)["orders_report"], ground.fingerprint(lab.shop.id)
    lab.time.tick(timedelta(days=1))
    lab.plan(ORDERS, kind)
    job = lab.sync("orders_report")
    assert job.state is JobState.SUCCEEDED
    assert job.result is not None
    assert job.result["hold"] == "suspect_empty"
    assert ground.cursors(lab.shop.id)["orders_report"][:3] == before[:3]
    assert ground.fingerprint(lab.shop.id) == facts
    (doubt,) = list_freshness([lab.shop.id], ["orders_report"])
    assert doubt.state is FreshnessState.SUSPECT_EMPTY

    lab.time.tick(timedelta(minutes=31))
    assert lab.sync("orders_report").state is JobState.SUCCEEDED
    (healthy,) = list_freshness([lab.shop.id], ["orders_report"])
    assert healthy.state is FreshnessState.FRESH
    doubted = ground.fingerprint(lab.shop.id)
    with transaction.atomic():
        _start_over(lab)
        assert lab.sync("orders_report").state is JobState.SUCCEEDED
        assert ground.fingerprint(lab.shop.id) == doubted != facts


def _start_over(lab: Lab) -> None:
    """Forget the store's orders and how far they were read."""
    StreamCursor.objects.all().delete()
    OrderLine.objects.all().delete()


def _events(kind: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from ledger_outboxevent where type = %s", [kind])
        return int(cursor.fetchone()[0])
