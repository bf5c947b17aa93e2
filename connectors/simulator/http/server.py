"""A small HTTP/1.1 server for the simulator: any free port, and connections that can be cut on order."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from connectors.simulator.http.asgi import RESET, Application

_LARGEST_HEAD = 64 * 1024
_LARGEST_BODY = 8 * 1024 * 1024


class Server:
    """Serves an application on a loopback port until it is closed."""

    def __init__(self, application: Application, host: str = "127.0.0.1") -> None:
        self._application, self._host = application, host
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> int:
        """Begin to listen; returns the port (0 chooses a free one)."""
        self._server = await asyncio.start_server(self._talk, self._host, port, limit=_LARGEST_HEAD)
        chosen: int = self._server.sockets[0].getsockname()[1]
        return chosen

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
            for writer in list(self._connections):
                writer.close()
            await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            # The caller went away or does not speak HTTP: there is nobody to answer.
            pass
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, version = head[0].split(" ", 2)
        headers = [
            (name.strip().lower().encode("latin-1"), value.strip().encode("latin-1"))
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        ]
        named = dict(headers)
        length = int(named.get(b"content-length", b"0"))
        if length > _LARGEST_BODY or b"transfer-encoding" in named:
            writer.write(b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            await writer.drain()
            return False
        body = await reader.readexactly(length)
        path, _, query = target.partition("?")
        is_cut = False

        def cut() -> None:
            nonlocal is_cut
            is_cut = True
            writer.transport.abort()

        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": version.removeprefix("HTTP/"),
            "method": method,
            "path": path,
            "query_string": query.encode("latin-1"),
            "headers": headers,
            "extensions": {RESET: cut},
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                phrase = HTTPStatus(message["status"]).phrase
                lines = [f"HTTP/1.1 {message['status']} {phrase}".encode()]
                lines += [name + b": " + value for name, value in message["headers"]]
                writer.write(b"\r\n".join(lines) + b"\r\n\r\n")
            elif method != "HEAD":
                writer.write(message["body"])

        await self._application(scope, receive, send)
        if is_cut:
            return False
        await writer.drain()
        return named.get(b"connection", b"").lower() != b"close"
