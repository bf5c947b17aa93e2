"""One look at a client's feed for all who follow it: a poller per client, and what it finds shared out.

A connection costs a queue, no thread and no database session. Whoever reads too slowly is cut off and comes
back with its last id: entries are rows, so nothing is lost by that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from alerts.selectors.feed import Entry
from config.lib.logging import get_logger

POLL_SECONDS = 1.0
BUFFERED = 500
_log = get_logger(__name__)

#: Reads the entries of a client behind an id, all kinds; and the last id there is.
Read = Callable[[int, int], Awaitable[Sequence[Entry]]]
Latest = Callable[[int], Awaitable[int]]


@dataclass(eq=False, slots=True)
class Follower:
    """A connection's place: entries to come, None when it is cut off."""

    queue: asyncio.Queue[Entry | None] = field(default_factory=lambda: asyncio.Queue(BUFFERED + 1))
    is_cut_off: bool = False

    def offer(self, entries: Sequence[Entry]) -> None:
        """Hand on what is new; a reader that is too far behind is cut off instead."""
        for entry in entries:
            if self.is_cut_off:
                return
            if self.queue.qsize() >= BUFFERED:
                self.cut_off()
            else:
                self.queue.put_nowait(entry)

    def cut_off(self) -> None:
        """Let it end after what it was given already."""
        if not self.is_cut_off:
            self.is_cut_off = True
            self.queue.put_nowait(None)


@dataclass(eq=False, slots=True)
class _Channel:
    position: int
    followers: set[Follower] = field(default_factory=set)
    poller: asyncio.Task[None] | None = None


class Hub:
    """The clients that are followed at present."""

    def __init__(self, read: Read, latest: Latest, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._read = read
        self._latest = latest
        self._poll_seconds = poll_seconds
        self._channels: dict[int, _Channel] = {}
        self._opening = asyncio.Lock()

    @property
    def followers(self) -> int:
        """How many follow any client."""
        return sum(len(channel.followers) for channel in self._channels.values())

    async def join(self, client_id: int) -> tuple[Follower, int]:
        """Follow a client; returns the id behind which entries will come. What is before it, the follower
        has to read itself, now that nothing can fall in between."""
        async with self._opening:
            channel = self._channels.get(client_id)
            if channel is None:
                channel = _Channel(await self._latest(client_id))
                self._channels[client_id] = channel
                channel.poller = asyncio.create_task(self._poll(client_id, channel))
            follower = Follower()
            channel.followers.add(follower)
            return follower, channel.position

    def leave(self, client_id: int, follower: Follower) -> None:
        """Stop following; the last one out ends the poller."""
        channel = self._channels.get(client_id)
        if channel is None or follower not in channel.followers:
            return
        channel.followers.discard(follower)
        if not channel.followers:
            self._close(client_id, channel)

    def close(self) -> None:
        """End all."""
        for client_id, channel in list(self._channels.items()):
            self._close(client_id, channel)

    def _close(self, client_id: int, channel: _Channel) -> None:
        del self._channels[client_id]
        for follower in channel.followers:
            follower.cut_off()
        if channel.poller is not None:
            channel.poller.cancel()

    async def _poll(self, client_id: int, channel: _Channel) -> None:
        while True:
            await asyncio.sleep(self._poll_seconds)
            try:
                entries = await self._read(client_id, channel.position)
            except Exception:  # noqa: BLE001 - whatever it is, nobody may wait on a feed that is not read
                _log.warning("feed cannot be read; its followers have to come back", exc_info=True)
                channel.poller = None
                self._close(client_id, channel)
                return
            if entries:
                channel.position = entries[-1].id
                for follower in list(channel.followers):
                    follower.offer(entries)
