"""The receiver of the soak: a process of its own that fails at random and writes down what reached it."""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import random
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """One request that was taken: where, under which id, what it says, and a digest of its body."""

    path: str
    message_id: str
    digest: str
    body: str


class Ledger:
    """What the receiver took, read by the soak; `is_faulty` says whether it fails at random."""

    def __init__(self, path: Path, port: int, switch: mmap.mmap) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        self._path, self._switch = path, switch
        self._read = 0

    def misbehave(self, is_faulty: bool) -> None:
        """Let the receiver fail from now on, or not."""
        self._switch[0] = int(is_faulty)

    def new(self) -> list[Received]:
        """What was taken since the last call."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            lines = file.read().splitlines()
            self._read = file.tell()
        return [Received(**json.loads(line)) for line in lines]


@contextmanager
def receiving(folder: Path, seed: int) -> Iterator[Ledger]:
    """A receiver in a process of its own while the block lasts."""
    switch = mmap.mmap(-1, 1)
    path = folder / "ledger.jsonl"
    path.touch()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        pid = os.fork()
        if pid == 0:
            _serve(listening, path, switch, seed)
        ledger = Ledger(path, listening.getsockname()[1], switch)
    try:
        yield ledger
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _serve(listening: socket.socket, path: Path, switch: mmap.mmap, seed: int) -> None:
    rng = random.Random(seed)
    file = os.open(path, os.O_WRONLY | os.O_APPEND)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            chance = rng.random() if switch[0] else 1.0
            if chance < 0.15:
                self._say(503, {"Retry-After": "0"} if chance < 0.05 else {})
                return
            if chance < 0.2:
                # Nothing was taken, and nothing is said either.
                self.close_connection = True
                return
            _append(file, self.path, self.headers.get("webhook-id", ""), body)
            if chance < 0.35:
                # Taken, but the sender never learns so: it has to send it again.
                self.close_connection = True
                return
            self._say(200, {})

        def _say(self, status: int, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": "2", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Killed senders hang up."""

    server = Server(listening.getsockname(), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.serve_forever(0.05)


def _append(file: int, path: str, message_id: str, body: bytes) -> None:
    line = {
        "path": path,
        "message_id": message_id,
        "digest": hashlib.sha256(body).hexdigest(),
        "body": body.decode(),
    }
    # One write of a line: those of several threads do not mix.
    os.write(file, json.dumps(line).encode() + b"\n")
