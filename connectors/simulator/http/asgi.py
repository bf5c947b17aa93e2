"""The simulator as an ASGI application."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from connectors.simulator.http import control
from connectors.simulator.http.messages import Request
from connectors.simulator.http.simulator import Simulator

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
# The server below offers this extension: a function that cuts the connection.
RESET = "simulator.reset"


class Application:
    """`Application(Simulator(world))` runs under any ASGI server; connections can be cut under ours only."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP call."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            raise NotImplementedError(scope["type"])
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        query: dict[str, str] = {}
        for name, value in parse_qsl(scope["query_string"].decode(), keep_blank_values=True):
            query[name] = f"{query[name]},{value}" if name in query else value
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        request = Request(scope["method"], unquote(scope["path"]), query, headers, body)
        if request.path.startswith("/_sim/"):
            answer = control.answer(self.simulator, request)
        else:
            answer = self.simulator.answer(request)
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if answer.reset and (cut := scope.get("extensions", {}).get(RESET)):
            cut()
            return
        listed = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()]
        listed.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": listed})
        await send({"type": "http.response.body", "body": answer.body})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
