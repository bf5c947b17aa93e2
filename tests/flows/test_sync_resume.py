"""Does a sync that dies, anywhere and as often as it likes, end with the very facts of one that lived?"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from config.lib.clock import FrozenClock
from connectors.models import SyncRun
from connectors.services import ingest, sync
from connectors.services.sync import start_sync
from connectors.simulator.http.settings import Knobs
from connectors.simulator.testing import Running
from connectors.simulator.world import Size, World, generate
from tenants.context import use_tenant
from tenants.services.jobs import claim_job
from tenants.tasking import run_job_now
from tenants.types import ClientRef, JobState
from tests.flows import ground
from tests.flows.conftest import served

END = date(2026, 7, 15)
NOW = datetime(2026, 7, 15, 19, 40, tzinfo=UTC)
BACKFILL_DAYS = 27
# Offers and fees are asked for by product, so the products have to be known.
FIRST = "listings"
KILLS = 20


@pytest.fixture(scope="module")
def world() -> World:
    """One client with some weeks of past."""
    return generate(23, END, Size(accounts=1, skus=4, days=24, horizon=2, volume=0.4))


@pytest.fixture
def sim(world: World) -> Iterator[tuple[Running, FrozenClock]]:
    """The world in small pages, so that every stream has several."""
    knobs = Knobs(queue_seconds=0, process_seconds=0, page_size=40)
    with served(world, NOW, knobs=knobs) as pair:
        yield pair


@dataclass(frozen=True, slots=True)
class End:
    """Everything a sync leaves behind that may not depend on how it went."""

    facts: dict[str, tuple[int, str]]
    cursors: dict[str, tuple[Any, ...]]
    dirty: set[tuple[Any, str]]


def end_of(store_id: int) -> End:
    """What there is now."""
    return End(ground.fingerprint(store_id), ground.cursors(store_id), ground.dirty_days(store_id))


class Killed(BaseException):
    """The worker dies; nothing of it may run on, not even its handling of errors."""


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def expire_leases() -> None:
    """As if the dead worker's lease had run out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update ledger_job set leased_until = clock_timestamp() - interval '1 s' where state = 'running'"
        )


def die_inside(patch: pytest.MonkeyPatch, at_page: int) -> None:
    """Die in the transaction of page `at_page`, its facts written and its cursor not."""
    _at_call(patch, ingest, "move_cursor", at_page, _die)


def die_behind(patch: pytest.MonkeyPatch, at_page: int) -> None:
    """Die after page `at_page` was committed, before anybody heard of it."""
    _at_call(patch, sync, "tell", at_page, _die)


def _at_call(
    patch: pytest.MonkeyPatch, module: Any, name: str, at_call: int, what: Callable[[], None]
) -> None:
    """Let `what` happen before the given call of a function."""
    real, calls = getattr(module, name), 0

    def watched(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at_call:
            what()
        return real(*args, **kwargs)

    patch.setattr(module, name, watched)


def lose_the_lease(patch: pytest.MonkeyPatch, at_page: int) -> None:
    """After page `at_page` another worker is given the job while this one still works."""
    _at_call(patch, sync, "tell", at_page, _rob)


def _rob() -> None:
    expire_leases()
    with connection.cursor() as cursor:
        cursor.execute("select id from ledger_job where state = 'running'")
        (job_id,) = cursor.fetchone()
    assert claim_job(job_id, lease=timedelta(seconds=0)) is not None


def _die() -> None:
    raise Killed


DEATHS = (die_inside, die_behind, lose_the_lease)


@pytest.mark.slow
def test_death_after_each_page_of_each_stream_changes_nothing(
    world: World, sim: tuple[Running, FrozenClock], in_acme: ClientRef
) -> None:
    """Facts, cursors and dirty days are those of the uninterrupted run, wherever the worker died.

    Every page sees a death; the three kinds take turns, so that each stream sees each.
    """
    shop = ground.open_shops(world, backfill_days=BACKFILL_DAYS)["harbor-us"]
    assert ground.sync(shop.id, FIRST).state is JobState.SUCCEEDED
    deaths = 0
    for stream in ground.streams_of(shop.id):
        with undone():
            assert ground.sync(shop.id, stream).state is JobState.SUCCEEDED
            unharmed, pages = (
                end_of(shop.id),
                SyncRun.objects.order_by("-id").values_list("pages", flat=True)[0],
            )
        for at_page in range(1, max(pages, len(DEATHS)) + 1):
            with undone():
                death, at_page = DEATHS[at_page % len(DEATHS)], min(at_page, pages)
                _sync_with_a_death(shop.id, stream, at_page, death)
                assert end_of(shop.id) == unharmed, f"{stream}, page {at_page} of {pages}"
                runs = SyncRun.objects.filter(stream=stream).order_by("-id")
                assert runs[0].pages >= pages
                deaths += 1
    assert deaths > 40


def _sync_with_a_death(
    store_id: int, stream: str, at_page: int, death: Callable[[pytest.MonkeyPatch, int], None]
) -> None:
    job = start_sync(store_id=store_id, stream_key=stream)
    with pytest.MonkeyPatch.context() as patch:
        death(patch, at_page)
        try:
            view = run_job_now(job.id, sleep=lambda seconds: expire_leases())
        except Killed:
            expire_leases()
            patch.undo()
            view = run_job_now(job.id, sleep=lambda seconds: None)
    assert view.state is JobState.SUCCEEDED
    assert view.attempts == 2 or death is lose_the_lease


class Assassin:
    """Kills a process with SIGKILL, a moment after the simulator has answered so many more calls."""

    def __init__(self, running: Running, rng: random.Random, patch: pytest.MonkeyPatch) -> None:
        self._rng, self._lock = rng, threading.Lock()
        self._victim, self._left, self.kills = 0, 0, 0
        record = running.simulator.record
        self._note = record.call
        patch.setattr(record, "call", self._called)

    def aim(self, pid: int) -> None:
        """Choose the next victim, and its last call."""
        with self._lock:
            # Short lives, so that there is work left for every one of them whatever the machine's pace.
            self._victim, self._left = pid, self._rng.choice((1, 1, 2, 2, 3))

    def rest(self) -> None:
        """Nobody more."""
        with self._lock:
            self._victim = 0

    def _called(self, *args: Any) -> None:
        self._note(*args)
        with self._lock:
            self._left -= 1
            if self._victim and self._left == 0:
                # Between the answer and this moment lie parsing, writing, or the commit.
                threading.Timer(self._rng.uniform(0, 0.04), self._kill, [self._victim]).start()

    def _kill(self, pid: int) -> None:
        with self._lock:
            if pid == self._victim:
                os.kill(pid, signal.SIGKILL)
                self._victim = 0
                self.kills += 1


@pytest.mark.slow
def test_twenty_killed_workers_leave_the_facts_of_one_that_lived(
    world: World,
    sim: tuple[Running, FrozenClock],
    committed_db: None,
    acme: ClientRef,
    child_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Real processes, real SIGKILL at random points of a full first sync: nothing lost, nothing doubled."""
    running, _ = sim
    # Small pages make many places to die at.
    running.simulator.knobs.page_size = 5
    with use_tenant(acme):
        shop = ground.open_shops(world, backfill_days=BACKFILL_DAYS)["harbor-us"]
        with undone():
            ground.sync_everything([shop])
            unharmed = end_of(shop.id)
    environment = {**child_environment, "PLATFORM_ENDPOINTS": json.dumps(running.endpoints())}
    assassin = Assassin(running, random.Random(4), monkeypatch)
    command = [sys.executable, "-m", "tests.flows.worker", str(acme.id), str(shop.id), NOW.isoformat()]
    with subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as worker:
        for _ in range(10 * KILLS):
            if _one_life(worker, assassin, kill=assassin.kills < KILLS) == 0:
                break
            with use_tenant(acme):
                expire_leases()
        assert worker.stdin is not None
        worker.stdin.close()
    assert assassin.kills == KILLS
    with use_tenant(acme):
        assert end_of(shop.id) == unharmed
        assert sum(rows for rows, _ in unharmed.facts.values()) > 300
        # And what follows from the facts is whole too: every page's news is there to be dispatched.
        assert ground.roll_up() > 0


def _one_life(worker: subprocess.Popen[str], assassin: Assassin, *, kill: bool) -> int:
    """Start a worker and wait for its end; returns how it ended (0: everything is synced)."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()
    pid = int(worker.stdout.readline())
    if kill:
        assassin.aim(pid)
    status = int(worker.stdout.readline())
    assassin.rest()
    return status
