"""Asks the API itself whether a caller may follow a client, and for what was before.

The feed's process answers nobody by rules of its own: it puts the caller's headers to the polling endpoint,
in this very process, through every middleware, limit and check that the API has.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.handlers.wsgi import WSGIHandler

#: What of a connection says who calls, from where, and in which language; the API sees nothing else of it.
_HANDED_ON = frozenset(
    {
        *("authorization", "cookie", "x-session-token", "accept-language", "host", "user-agent"),
        *("origin", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id"),
    }
)

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API said."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    def feed(self) -> dict[str, Any]:
        """The body of a polling answer."""
        found: dict[str, Any] = orjson.loads(self.body)
        return found


class Edge:
    """The API, called without a network; one call at a time per thread."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()

    def poll(self, scope: Mapping[str, Any], slug: str, *, after: int, limit: int) -> Answer:
        """Put a caller's connection to GET /api/v1/clients/{slug}/feed."""
        query = urlencode({"after": after, "limit": limit})
        environ = _environ(scope, f"/api/v1/clients/{slug}/feed", query)
        told: list[tuple[int, tuple[Header, ...]]] = []

        def start_response(status: str, headers: Iterable[tuple[str, str]], *_: Any) -> None:
            pairs = tuple(
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers
            )
            told.append((int(status[:3]), pairs))

        response: Any = self._handler(environ, start_response)  # type: ignore[arg-type]
        try:
            body = b"".join(response)
        finally:
            response.close()
        status, headers = told[0]
        return Answer(status, headers, body)


def _environ(scope: Mapping[str, Any], path: str, query: str) -> dict[str, Any]:
    peer = scope.get("client") or ("", 0)
    host, port = scope.get("server") or ("localhost", 80)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": host or "localhost",
        "SERVER_PORT": str(port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": peer[0],
        "HTTP_ACCEPT": "application/json",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope.get("headers", ()):
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name not in _HANDED_ON:
            continue
        key = f"HTTP_{name.upper().replace('-', '_')}"
        joint = "; " if name == "cookie" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ
