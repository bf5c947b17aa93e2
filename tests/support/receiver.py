"""A receiver for what the product sends: plain or TLS, on every address of the machine; it remembers."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived; header names are lower-case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    status: int = 200
    body: bytes = b"ok"
    headers: Mapping[str, str] | None = None


class Receiver:
    """Listens until it is closed; `seen` are the requests, `connections` counts what was opened at all."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Call] = []
        self.connections = 0
        self.server_names: list[str] = []
        self._answer: Callable[[Call], Answer] = lambda call: Answer()
        self._pause = 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                receiver._serve(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        class Server(ThreadingHTTPServer):
            address_family = socket.AF_INET6
            daemon_threads = True
            block_on_close = False

            def server_bind(self) -> None:
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                super().server_bind()

            def verify_request(self, request: Any, client_address: Any) -> bool:
                receiver.connections += 1
                return True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Clients that hang up are what some tests are about."""

        self._server = Server(("::", 0), Handler)
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: self.server_names.append(name)
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_port
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(
        self, status: int = 200, body: bytes = b"ok", headers: Mapping[str, str] | None = None
    ) -> None:
        """Answer everything from now on like this."""
        self._answer, self._pause = lambda call: Answer(status, body, headers), 0.0

    def answer_by(self, choose: Callable[[Call], Answer]) -> None:
        """Let a function choose each answer."""
        self._answer, self._pause = choose, 0.0

    def stall(self, seconds: float) -> None:
        """Say nothing for so long before each answer."""
        self._pause = seconds

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        call = Call(handler.command, handler.path, headers, body)
        self.seen.append(call)
        time.sleep(self._pause)
        found = self._answer(call)
        handler.send_response(found.status)
        for name, value in {"Content-Length": str(len(found.body)), **(found.headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(found.body)
