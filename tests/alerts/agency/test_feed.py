"""The live feed: noted once and in order, told to whom it may be, by polling, short and open streams."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connections, transaction

from alerts.live.application import Feed
from alerts.models import FeedEntry
from alerts.selectors.feed import NEEDED
from alerts.services.feed import note_feed, purge_feed
from config.lib import clock
from config.pipeline import LIVE
from tenants.context import use_public, use_tenant
from tenants.models import ApiKey
from tenants.permissions import KEY_SCOPES, Capability
from tenants.types import ClientRef, Role
from tests.api.conftest import as_key as as_key
from tests.api.conftest import as_role as as_role
from tests.api.validating import ValidatingClient
from tests.factories.people import make_key

FEED = "/api/v1/clients/acme/feed"


def news(*ids: int, kind: str = "alerts.transitioned") -> list[dict[str, Any]]:
    """Events as a job is given them."""
    return [{"id": number, "type": kind, "alert_id": number} for number in ids]


def test_what_is_noted_can_be_told() -> None:
    """Every kind of news that is noted has a capability, and no other has."""
    assert set(LIVE) == set(NEEDED)


def test_news_told_twice_is_noted_once(in_acme: ClientRef) -> None:
    """Jobs may repeat and overlap; entries keep what was told first."""
    assert note_feed(news(1, 2)) == 2
    assert note_feed(news(3, 2)) == 1
    assert list(FeedEntry.objects.order_by("id").values_list("event_id", flat=True)) == [1, 2, 3]


def test_entries_become_visible_in_the_order_of_their_ids(committed_db: None, acme: ClientRef) -> None:
    """A writer waits for the one before it to commit, so no entry appears behind a reader's back."""
    has_noted, may_commit, second_is_done = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with use_tenant(acme), transaction.atomic():
            note_feed(news(1))
            has_noted.set()
            may_commit.wait(10)
        connections.close_all()

    def second() -> None:
        has_noted.wait(10)
        with use_tenant(acme):
            note_feed(news(2))
        second_is_done.set()
        connections.close_all()

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    has_noted.wait(10)
    assert not second_is_done.wait(0.3)
    may_commit.set()
    for thread in threads:
        thread.join(10)
    with use_tenant(acme):
        assert list(FeedEntry.objects.order_by("id").values_list("event_id", flat=True)) == [1, 2]


def test_old_news_goes_and_readers_are_told(
    acme: ClientRef, as_role: Callable[..., ValidatingClient], frozen_clock: Any, redis: object
) -> None:
    """After a week entries go, the last one stays; who was gone for longer learns of the gap."""
    caller = as_role(Role.ANALYST)
    with use_tenant(acme):
        note_feed(news(1, 2, 3))
        first = FeedEntry.objects.order_by("id").values_list("id", flat=True)[0]
        assert caller.get(f"{FEED}?after={first}").json()["is_gapless"]
        frozen_clock.tick(timedelta(days=8))
        assert purge_feed() == 2
    told = caller.get(f"{FEED}?after={first}").json()
    assert ([row["data"] for row in told["data"]], told["is_gapless"]) == ([{"alert_id": 3}], False)


@pytest.mark.django_db
def test_everybody_is_told_what_they_may_know(
    acme: ClientRef,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
    as_key: Callable[..., ValidatingClient],
    redis: object,
) -> None:
    """Page by page, of the kinds the caller may know, of this client alone; `next` goes past the others."""
    with use_tenant(acme):
        note_feed(news(1, 2) + news(3, kind="pricing.halted") + news(4))
    with use_tenant(globex):
        note_feed(news(9))

    def events(caller: ValidatingClient) -> list[int]:
        found, after = [], 0
        while rows := (page := caller.get(f"{FEED}?after={after}&limit=2").json())["data"]:
            found += [row["data"]["alert_id"] for row in rows]
            after = page["next"]
        assert after == page["latest"]
        return found

    assert events(as_role(Role.OPERATOR)) == [1, 2, 3, 4]
    assert events(as_key({Capability.ALERT_READ})) == [1, 2, 4]
    assert as_role(Role.CLIENT_VIEWER).get(FEED).status_code == 403
    assert as_role(Role.OPERATOR, globex).get(FEED).status_code == 404


@pytest.mark.django_db
def test_a_short_stream_goes_on_where_it_ended(
    acme: ClientRef, as_role: Callable[..., ValidatingClient], redis: object
) -> None:
    """Without an id it begins now and says where that is; with one, it tells what came behind it."""
    caller = as_role(Role.OPERATOR)
    with use_tenant(acme):
        note_feed(news(1))
    begun = caller.get(f"{FEED}/events").content.decode()
    assert "event:" not in begun
    last = next(line for line in begun.splitlines() if line.startswith("id: ")).removeprefix("id: ")
    with use_tenant(acme):
        note_feed(news(2))
    told = caller.get(f"{FEED}/events", headers={"Last-Event-ID": last}).content.decode()
    assert [orjson.loads(line[6:])["data"] for line in told.splitlines() if line.startswith("data: ")] == [
        {"alert_id": 2}
    ]
    assert caller.get(f"{FEED}/events", headers={"Last-Event-ID": "x"}).status_code == 400


class Connection:
    """An ASGI connection as a test holds it."""

    def __init__(self, feed: Feed, key: str, last_id: str = "", path: str = f"{FEED}/events") -> None:
        self.status = 0
        self.text = ""
        self.is_over = False
        self._gone = asyncio.Event()
        headers = [
            (b"host", b"testserver"),
            (b"if-none-match", b"*"),
            (b"authorization", f"Bearer {key}".encode()),
        ]
        if last_id:
            headers.append((b"last-event-id", last_id.encode()))
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "headers": headers,
            "client": ("127.0.0.1", 1),
        }
        self.task = asyncio.create_task(feed(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.text += message.get("body", b"").decode()
        self.is_over = self.is_over or message.get("more_body") is False

    @property
    def events(self) -> list[int]:
        """What was told, by alert."""
        lines = [line[6:] for line in self.text.splitlines() if line.startswith("data: ")]
        return [orjson.loads(line)["data"]["alert_id"] for line in lines]

    @property
    def last_id(self) -> str:
        """What an EventSource would come back with."""
        return [line[4:] for line in self.text.splitlines() if line.startswith("id: ")][-1]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for it, ten seconds at most."""
        for _ in range(500):
            if condition():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{self.status}: {self.text}")

    async def leave(self) -> None:
        """Hang up."""
        self._gone.set()
        await self.task


@contextmanager
def running(**options: Any) -> Iterator[Feed]:
    """A feed whose threads give their connections back."""
    feed = Feed(poll_seconds=0.02, **options)
    yield feed
    everybody = threading.Barrier(4)

    def give_back() -> None:
        everybody.wait(5)
        connections.close_all()

    for each in [feed._threads.submit(give_back) for _ in range(4)]:
        each.result(10)
    feed.close()


def test_an_open_stream(committed_db: None, acme: ClientRef, globex: ClientRef, redis: object) -> None:
    """It catches up, goes on live, filters by the key's rights, keeps clients apart, resumes without loss,
    passes refusals on, beats, and ends within a check of the key's end."""
    key = make_key(acme, scopes=KEY_SCOPES)
    narrow = make_key(acme, scopes={Capability.ALERT_READ})
    foreign = make_key(globex, scopes=KEY_SCOPES)

    def note(client: ClientRef, events: list[dict[str, Any]]) -> None:
        with use_tenant(client):
            note_feed(events)
        connections.close_all()

    async def noted(client: ClientRef, events: list[dict[str, Any]]) -> None:
        await asyncio.to_thread(note, client, events)

    def revoke() -> None:
        with use_public():
            ApiKey.objects.filter(pk=key.id).update(revoked_at=clock.now())
        connections.close_all()

    async def run(feed: Feed) -> None:
        await noted(acme, news(1))
        wide, thin = Connection(feed, key.text, "0"), Connection(feed, narrow.text)
        other = Connection(feed, foreign.text, path="/api/v1/clients/globex/feed/events")
        refused = Connection(feed, foreign.text)
        await wide.until(lambda: wide.events == [1])
        await thin.until(lambda: thin.status == 200)
        await other.until(lambda: other.status == 200)
        await refused.task
        assert (refused.status, orjson.loads(refused.text)["detail"]) == (404, "There is no such client.")
        await noted(acme, news(2) + news(3, kind="pricing.halted"))
        await noted(globex, news(7))
        await wide.until(lambda: wide.events == [1, 2, 3])
        await thin.until(lambda: thin.events == [2])
        await other.until(lambda: other.events == [7])
        await thin.leave()
        await noted(acme, news(4))
        back = Connection(feed, narrow.text, thin.last_id)
        await back.until(lambda: back.events == [4])
        await back.until(lambda: ": still here" in back.text)
        await wide.until(lambda: wide.events == [1, 2, 3, 4])
        await asyncio.to_thread(revoke)
        await wide.until(lambda: wide.is_over)
        assert not back.is_over
        for each in (back, other):
            await each.leave()
        assert feed._hub.followers == 0

    with running(heartbeat_seconds=0.05, recheck_seconds=0.3) as feed:
        asyncio.run(run(feed))


def test_what_is_no_stream_is_refused_without_asking_anybody() -> None:
    """Other paths, other ids, and more followers than there is room for."""

    async def run() -> None:
        feed = Feed(most_followers=0)
        cases = [
            ("/api/v1/clients/acme/alerts", "", 404),
            ("/api/v1/clients/acme/../globex/feed/events", "", 404),
            (f"{FEED}/events", "one", 400),
            (f"{FEED}/events", "", 503),
            ("/livez", "", 200),
        ]
        for path, last_id, status in cases:
            found = Connection(feed, "none", last_id, path)
            await found.task
            assert (path, found.status) == (path, status)
        feed.close()

    asyncio.run(run())
