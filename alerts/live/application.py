"""The feed's process: event streams that stay open (ASGI), resumable by Last-Event-ID.

Nothing here talks to the database on the event loop. A few threads put callers to the API's own edge
(alerts.live.edge) and look at each followed client's feed, inside that client's scope; the loop only hands
on. Every minute each caller is put to the edge again, so whoever lost the right to follow is cut off by then.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from typing import Any, TypeVar

import orjson
from django.db import close_old_connections

from alerts.live.edge import Answer, Edge
from alerts.live.events import MEDIA_TYPE, read_last_id, retry_after, written
from alerts.live.hub import POLL_SECONDS, Follower, Hub
from alerts.selectors.feed import NEEDED, Entry, get_extent, list_entries
from tenants.context import use_tenant

MOST_FOLLOWERS = 1000
HEARTBEAT_SECONDS = 15.0
RECHECK_SECONDS = 60.0
RETRY_MILLISECONDS = 2000
PAGE = 500
_THREADS = 4
_PATH = re.compile(r"/api/v1/clients/([a-z][a-z0-9-]{0,39})/feed/events/?")
_HEADERS = (
    (b"content-type", f"{MEDIA_TYPE}; charset=utf-8".encode()),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
T = TypeVar("T")


class Feed:
    """The ASGI application."""

    def __init__(
        self,
        *,
        poll_seconds: float = POLL_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        recheck_seconds: float = RECHECK_SECONDS,
        most_followers: int = MOST_FOLLOWERS,
    ) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="feed")
        self._edge = Edge()
        self._hub = Hub(self._read, self._latest, poll_seconds=poll_seconds)
        self._heartbeat = heartbeat_seconds
        self._recheck = recheck_seconds
        self._most = most_followers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection, or the server's own beginning and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})

    def close(self) -> None:
        """Cut everybody off."""
        self._hub.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/livez":
            await _refuse(send, 200, {"status": "ok"})
            return
        found = _PATH.fullmatch(scope["path"])
        given = _header(scope, b"last-event-id")
        seen = read_last_id(given) if given else None
        if found is None:
            await _refuse(send, 404, _problem("not_found", 404, "Only a client's feed is served here."))
        elif scope["method"] != "GET":
            await _refuse(send, 405, _problem("method_not_allowed", 405, "An event stream is read."))
        elif given and seen is None:
            await _refuse(send, 400, _problem("bad_request", 400, "Last-Event-ID is no entry's id."))
        elif self._hub.followers >= self._most:
            await _refuse(send, 503, _problem("unavailable", 503, "Too many follow; poll instead."))
        else:
            answer = await self._ask(scope, found[1], seen or 0, limit=1)
            if answer.status == 200:
                await self._follow(scope, receive, send, found[1], seen, answer)
            else:
                await _pass_on(send, answer)

    async def _follow(
        self, scope: Scope, receive: Receive, send: Send, slug: str, seen: int | None, answer: Answer
    ) -> None:
        told = answer.feed()
        client_id, kinds = told["client_id"], frozenset(told["kinds"])
        follower, position = await self._hub.join(client_id)
        gone = asyncio.create_task(_disconnected(receive))
        streaming = asyncio.create_task(
            self._stream(scope, send, slug, follower, kinds, position if seen is None else seen)
        )
        try:
            await asyncio.wait({gone, streaming}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(client_id, follower)
            for task in (gone, streaming):
                task.cancel()
            # A connection that broke while it was written to has ended, which is all there is to know of it.
            with suppress(asyncio.CancelledError, OSError):
                await streaming

    async def _stream(
        self, scope: Scope, send: Send, slug: str, follower: Follower, kinds: frozenset[str], seen: int
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
        await _write(send, retry_after(RETRY_MILLISECONDS) + f"id: {seen}\n: from here on\n\n")
        checked = asyncio.get_running_loop().time()
        # What was there before joining, page by page; what comes meanwhile waits in the queue.
        while True:
            answer = await self._ask(scope, slug, seen, limit=PAGE)
            if answer.status != 200:
                await _end(send)
                return
            told = answer.feed()
            if told["data"]:
                await _write(send, "".join(written(each["id"], each["kind"], each) for each in told["data"]))
            seen = max(seen, told["next"])
            if len(told["data"]) < PAGE:
                break
        while True:
            now = asyncio.get_running_loop().time()
            if now - checked >= self._recheck:
                answer = await self._ask(scope, slug, seen, limit=1)
                if answer.status != 200:
                    await _end(send)
                    return
                kinds, checked = frozenset(answer.feed()["kinds"]), now
            try:
                wait = min(self._heartbeat, max(checked + self._recheck - now, 0.01))
                entry = await asyncio.wait_for(follower.queue.get(), wait)
            except TimeoutError:
                await _write(send, ": still here\n\n")
                continue
            if entry is None:
                await _end(send)
                return
            if entry.id > seen and entry.kind in kinds:
                await _write(send, written(entry.id, entry.kind, asdict(entry)))
                seen = entry.id

    async def _ask(self, scope: Scope, slug: str, after: int, *, limit: int) -> Answer:
        return await self._in_thread(lambda: self._edge.poll(scope, slug, after=after, limit=limit))

    async def _read(self, client_id: int, after: int) -> Sequence[Entry]:
        return await self._in_thread(lambda: _entries(client_id, after))

    async def _latest(self, client_id: int) -> int:
        return await self._in_thread(lambda: _latest(client_id))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _entries(client_id: int, after: int) -> list[Entry]:
    close_old_connections()
    with use_tenant(client_id):  # lint-skip: tenant-switch an edge of its own; the API let a caller in
        return list_entries(after, kinds=tuple(NEEDED), limit=PAGE)


def _latest(client_id: int) -> int:
    close_old_connections()
    with use_tenant(client_id):  # lint-skip: tenant-switch an edge of its own; the API let a caller in
        return get_extent().latest


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _end(send: Send) -> None:
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _pass_on(send: Send, answer: Answer) -> None:
    headers = [(name, value) for name, value in answer.headers if name != b"content-length"]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})


async def _refuse(send: Send, status: int, body: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/problem+json" if status >= 400 else b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(body), "more_body": False})


def _problem(code: str, status: int, detail: str) -> dict[str, Any]:
    return {"type": f"/problems/{code}", "title": detail, "status": status, "code": code, "detail": detail}


def _header(scope: Scope, name: bytes) -> str:
    values = [value for key, value in scope.get("headers", ()) if key.lower() == name]
    return values[-1].decode("latin-1").strip() if values else ""
