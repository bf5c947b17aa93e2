"""How bytes travel: pooled connections per process, and a deadline over the whole call, not each read."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from config.lib import clock

_deadline: ContextVar[float] = ContextVar("http_deadline")


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let everything inside end within `seconds`; what is later fails with a timeout of `httpcore`."""
    token = _deadline.set(clock.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def _left(timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
    left = _deadline.get() - clock.monotonic()
    if left <= 0:
        raise late("the call's deadline has passed")
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step is cut at the deadline, so a trickle of bytes cannot hold a worker."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(super().connect_tcp(host, port, left, local_address, socket_options))


class _PinnedBackend(_Backend):
    """Connects to one address, whatever the name in the request."""

    def __init__(self, address: str) -> None:
        self._address = address

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return super().connect_tcp(self._address, port, timeout, local_address, socket_options)


def guarded_backend(address: str | None = None) -> httpcore.NetworkBackend:
    """Connections cut at the present `deadline`; with `address` they go there and nowhere else."""
    return _Backend() if address is None else _PinnedBackend(address)


class _ByteStream(httpx.SyncByteStream):
    def __init__(self, stream: Iterable[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()


class Transport(httpx.BaseTransport):
    """Sends one request as it is: no redirects, cookies, proxies, stored logins or retries.

    These live in `httpx.Client`, which is not used: its cookie jar would be shared by all clients' stores.
    """

    def __init__(self) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=64,
            max_keepalive_connections=32,
            keepalive_expiry=30.0,
            network_backend=_Backend(),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request within the present `deadline`; the body of the answer is read by the caller."""
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions={"timeout": {"pool": _left(None, httpcore.PoolTimeout)}},
            )
        )
        assert isinstance(answer.stream, Iterable)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_ByteStream(answer.stream), request=request
        )

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


_lock = threading.Lock()
_transports: dict[int, Transport] = {}


def shared_transport() -> Transport:
    """Return this process's transport; a forked worker gets its own, sockets are not shared by processes."""
    pid = os.getpid()
    with _lock:
        if pid not in _transports:
            # The parent's sockets are dropped without a goodbye: closing TLS here would end the parent's.
            _transports.clear()
            _transports[pid] = Transport()
        return _transports[pid]
