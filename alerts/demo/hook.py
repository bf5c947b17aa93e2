"""A client's own program that hears of alerts: a webhook's receiver on this machine, which counts."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import orjson

ORIGIN = "https://hooks.demo.example"
"""What the client calls its receiver; PLATFORM_ENDPOINTS leads there, which production refuses."""


class Hook:
    """Listens on a free port while the block lasts; `heard` are the events by their webhook-id."""

    def __init__(self) -> None:
        self.heard: dict[str, dict[str, Any]] = {}
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                hook.heard[self.headers.get("webhook-id", "")] = orjson.loads(body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet: the demo says itself what came."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
