"""Sharing a feed out: whoever joins, whenever, gets every entry once and in order, or is cut off."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from alerts.live.hub import BUFFERED, Follower, Hub
from alerts.selectors.feed import Entry

AT = datetime(2026, 11, 22, tzinfo=UTC)


class Rows:
    """A feed in memory; ids rise with gaps, as those of a sequence do."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.is_broken = False

    def add(self, rng: random.Random) -> None:
        last = self.entries[-1].id if self.entries else 0
        self.entries.append(Entry(last + rng.randint(1, 3), "alerts.transitioned", AT, {}))

    async def read(self, client_id: int, after: int) -> Sequence[Entry]:
        await asyncio.sleep(0)
        if self.is_broken:
            raise ConnectionError
        return [entry for entry in self.entries if entry.id > after][:7]

    async def latest(self, client_id: int) -> int:
        await asyncio.sleep(0)
        return self.entries[-1].id if self.entries else 0


def drained(follower: Follower) -> list[Entry | None]:
    found = []
    while not follower.queue.empty():
        found.append(follower.queue.get_nowait())
    return found


@pytest.mark.parametrize("seed", range(20))
def test_nobody_misses_an_entry_or_gets_one_twice(seed: int) -> None:
    """What was there before joining, with what comes after it, is the whole feed, in order."""

    async def run() -> None:
        rng, rows = random.Random(seed), Rows()
        hub = Hub(rows.read, rows.latest, poll_seconds=0)
        joined: list[tuple[Follower, list[int]]] = []
        for _ in range(120):
            choice = rng.random()
            if choice < 0.5:
                rows.add(rng)
            elif choice < 0.6:
                follower, position = await hub.join(1)
                joined.append((follower, [entry.id for entry in rows.entries if entry.id <= position]))
            else:
                await asyncio.sleep(0)
        for _ in range(200):
            await asyncio.sleep(0)
        everything = [entry.id for entry in rows.entries]
        assert joined
        for follower, before in joined:
            assert before + [entry.id for entry in drained(follower) if entry] == everything
            hub.leave(1, follower)
        assert hub.followers == 0

    asyncio.run(run())


def test_a_slow_reader_is_cut_off_and_the_others_are_not() -> None:
    """It gets what fits in its queue, then the end; nobody waits for it."""

    async def run() -> None:
        rows, rng = Rows(), random.Random(1)
        hub = Hub(rows.read, rows.latest, poll_seconds=0)
        slow, _ = await hub.join(1)
        quick, _ = await hub.join(1)
        seen = 0
        for _ in range(BUFFERED + 50):
            rows.add(rng)
            await asyncio.sleep(0)
            seen += len(drained(quick))
        for _ in range(2000):
            await asyncio.sleep(0)
            seen += len(drained(quick))
        told = drained(slow)
        assert (len(told), told[-1], seen) == (BUFFERED + 1, None, BUFFERED + 50)
        hub.close()

    asyncio.run(run())


def test_a_feed_that_cannot_be_read_ends_its_streams() -> None:
    """Its followers are cut off at once, so they come back and learn why; the next one starts anew."""

    async def run() -> None:
        rows = Rows()
        hub = Hub(rows.read, rows.latest, poll_seconds=0)
        follower, _ = await hub.join(1)
        rows.is_broken = True
        for _ in range(10):
            await asyncio.sleep(0)
        assert drained(follower) == [None]
        rows.is_broken = False
        again, _ = await hub.join(1)
        rows.add(random.Random(1))
        for _ in range(10):
            await asyncio.sleep(0)
        assert len(drained(again)) == 1
        hub.close()

    asyncio.run(run())
