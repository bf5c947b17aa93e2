"""The one way out: against real sockets, with hostile calls and hostile answers."""

from __future__ import annotations

import gzip
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import pytest

from config.lib.http import Call, PlatformClient, ReadOperation, ResponseTooLarge, Unreachable, WriteRefused
from config.lib.redact import Secret
from config.lib.transport import Transport, shared_transport

API = "https://api.example"
OPERATIONS = {
    "order": ReadOperation("order", "GET", API, "/orders/{order_id}/items"),
    "orders": ReadOperation("orders", "GET", API, "/orders"),
    "report": ReadOperation("report", "POST", API, "/reports"),
    "document": ReadOperation("document", "GET", "", ""),
}


class Platform:
    """A listening server that writes down all it is asked."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = _fine
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                platform.seen.append((self.command, self.path, headers, body))
                platform.answer(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _any

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        # Clients that hang up are what several tests are about.
        self._server.handle_error = _hung_up  # type: ignore[method-assign]
        self.port = self._server.server_port
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def _hung_up(request: Any, client_address: Any) -> None:
    """Say nothing of a connection that ended early."""


def _fine(handler: BaseHTTPRequestHandler) -> None:
    _send(handler, 200, b'{"ok":true}', {"X-Amzn-RequestId": "rid-1"})


def _send(handler: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def platform() -> Iterator[Platform]:
    """A fresh listening server."""
    found = Platform()
    yield found
    found.close()


@pytest.fixture
def transport() -> Iterator[Transport]:
    """Connections that are closed after the test."""
    found = Transport()
    yield found
    found.close()


@pytest.fixture
def calls() -> list[Call]:
    """What the observer was told."""
    return []


@pytest.fixture
def client(platform: Platform, transport: Transport, calls: list[Call]) -> PlatformClient:
    """A client whose platform is the listening server."""
    return PlatformClient(
        OPERATIONS,
        ["docs.example"],
        {API: platform.origin, "https://docs.example": platform.origin},
        calls.append,
        5.0,
        largest_body=100_000,
        transport=transport,
    )


def test_a_call_arrives_as_it_was_asked_and_is_reported_once(
    client: PlatformClient, platform: Platform, calls: list[Call]
) -> None:
    """Method, path, query, headers and body; the report has no query, header or body."""
    answer = client.send(
        "order",
        path_params={"order_id": "1 2"},
        query={"next": "a/b=c&d"},
        headers={"x-amz-access-token": Secret("canary-token")},
    )
    assert (answer.status, answer.body) == (200, b'{"ok":true}')
    assert answer.headers["x-amzn-requestid"] == "rid-1"
    method, path, headers, body = platform.seen[0]
    assert (method, path, body) == ("GET", "/orders/1%202/items?next=a%2Fb%3Dc%26d", b"")
    assert headers["x-amz-access-token"] == "canary-token"
    assert "Language=Python" in headers["user-agent"]
    assert len(calls) == 1
    assert calls[0].duration_ms >= 0
    expected = Call("order", "GET", API, "/orders/1%202/items", 200, calls[0].duration_ms, "rid-1")
    assert calls[0] == expected
    assert "canary" not in repr(calls)


def test_bodies_are_json_or_a_form(client: PlatformClient, platform: Platform) -> None:
    """Each with its media type; a float, a GET with a body and two bodies are refused."""
    client.send("report", json={"types": ["a"]})
    client.send("report", form={"refresh_token": Secret("x&y"), "grant": "z"})
    (_, _, first, one), (_, _, second, two) = platform.seen
    assert (first["content-type"], json.loads(one)) == ("application/json", {"types": ["a"]})
    assert (second["content-type"], two) == (
        "application/x-www-form-urlencoded",
        b"refresh_token=x%26y&grant=z",
    )
    with pytest.raises(WriteRefused):
        client.send("report", json={}, form={})
    with pytest.raises(WriteRefused):
        client.send("orders", json={})
    assert len(platform.seen) == 2


def test_documents_get_no_credentials(client: PlatformClient, platform: Platform) -> None:
    """Whatever headers the caller adds, only harmless ones go to a presigned address."""
    client.send(
        "document",
        url="https://docs.example/a/b.gz?X-Amz-Signature=s%2F1",
        headers={"Authorization": "Bearer canary", "x-amz-access-token": "canary", "Range": "bytes=0-5"},
    )
    _, path, headers, _ = platform.seen[0]
    assert path == "/a/b.gz?X-Amz-Signature=s%2F1"
    assert headers["range"] == "bytes=0-5"
    assert "canary" not in repr(headers)
    extras: tuple[dict[str, Any], ...] = ({"query": {"a": "b"}}, {"json": {}}, {"form": {"a": "b"}})
    for extra in extras:
        with pytest.raises(WriteRefused):
            client.send("document", url="https://docs.example/a", **extra)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "evil.test"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("Transfer-Encoding", "chunked"),
        ("content-length", "0"),
        ("Cookie", "a=b"),
        ("x-a", "b\r\nX-Evil: 1"),
        ("x-a\r\nx-b", "c"),
        ("x-a", "é"),
        ("", "x"),
    ],
)
def test_headers_that_bend_a_call_are_refused(
    client: PlatformClient, platform: Platform, calls: list[Call], name: str, value: str
) -> None:
    """No method override, smuggling, host or line break; nothing leaves and nothing is reported as sent."""
    with pytest.raises(WriteRefused):
        client.send("orders", headers={name: value})
    assert platform.seen == []
    assert calls == []


@pytest.mark.parametrize("status", [301, 302, 307, 308, 404, 429, 500, 503])
def test_answers_of_any_status_come_back_and_redirects_are_not_followed(
    client: PlatformClient, platform: Platform, calls: list[Call], status: int
) -> None:
    """The caller judges; a redirect costs exactly one call."""
    location = {"Location": f"{platform.origin}/elsewhere"}
    platform.answer = lambda handler: _send(handler, status, b"no", location)
    assert client.send("orders").status == status
    assert len(platform.seen) == len(calls) == 1
    assert calls[0].status == status


def test_cookies_are_not_kept(client: PlatformClient, platform: Platform) -> None:
    """What a platform sets for one store never goes out with another's call."""
    platform.answer = lambda handler: _send(handler, 200, b"", {"Set-Cookie": "who=acme; Path=/"})
    client.send("orders")
    client.send("orders")
    assert "cookie" not in platform.seen[1][2]


@pytest.mark.parametrize("packed", [False, True])
def test_endless_answers_are_cut(
    client: PlatformClient, platform: Platform, calls: list[Call], packed: bool
) -> None:
    """More than the limit is refused, counted after decompression."""
    body = b"x" * 3_000_000
    headers = {"Content-Encoding": "gzip"} if packed else {}
    sent = gzip.compress(body) if packed else body

    def answer(handler: BaseHTTPRequestHandler) -> None:
        try:
            _send(handler, 200, sent, headers)
        except ConnectionError:
            handler.close_connection = True

    platform.answer = answer
    with pytest.raises(ResponseTooLarge):
        client.send("orders")
    assert [call.status for call in calls] == [200]


@pytest.mark.parametrize("where", ["silence", "headers", "body"])
def test_a_trickle_ends_at_the_deadline(
    transport: Transport, platform: Platform, calls: list[Call], where: str
) -> None:
    """A server that says nothing, or one byte at a time, costs the deadline and no more."""
    done = threading.Event()

    def trickle(handler: BaseHTTPRequestHandler) -> None:
        start = {"silence": b"", "headers": b"HTTP/1.1 200 OK\r\nX-A: ", "body": b"HTTP/1.1 200 OK\r\n\r\n"}
        try:
            handler.wfile.write(start[where])
            while not done.wait(0.02):
                handler.wfile.write(b"a" if where != "silence" else b"")
        except ConnectionError:
            handler.close_connection = True
        handler.close_connection = True

    platform.answer = trickle
    client = PlatformClient(OPERATIONS, (), {API: platform.origin}, calls.append, 0.4, transport=transport)
    started = time.monotonic()
    with pytest.raises(Unreachable):
        client.send("orders")
    assert 0.3 < time.monotonic() - started < 1.5
    done.set()
    assert len(calls) == 1
    assert calls[0].status == (200 if where == "body" else None)


def test_transport_failures_are_unreachable_and_reported(transport: Transport, calls: list[Call]) -> None:
    """Refused connections and broken answers are one retryable error that names no query."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    client = PlatformClient(OPERATIONS, (), {API: origin}, calls.append, 2.0, transport=transport)
    with pytest.raises(Unreachable) as caught:
        client.send("orders", query={"token": "canary"})
    assert "canary" not in str(caught.value)
    assert not caught.value.permanent
    assert [call.status for call in calls] == [None]


def test_broken_answers_are_unreachable(
    client: PlatformClient, platform: Platform, calls: list[Call]
) -> None:
    """A truncated body, a lying encoding and no HTTP at all."""

    def cut(handler: BaseHTTPRequestHandler) -> None:
        _send(handler, 200, b"abc", {"Content-Length": "10"})
        handler.close_connection = True

    def garbage(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"SSH-2.0-nonsense\r\n\r\n")
        handler.close_connection = True

    for answer in (cut, garbage, lambda handler: _send(handler, 200, b"abc", {"Content-Encoding": "gzip"})):
        platform.answer = answer
        with pytest.raises(Unreachable):
            client.send("orders")
    assert len(calls) == 3


def test_a_process_shares_its_connections() -> None:
    """All clients of one process use one pool."""
    assert shared_transport() is shared_transport()


_PIECES = [
    *("/", "//", "\\", "..", ".", "%2e%2e", "%2f", "%5c", "%00", "%252e", "?", "#", "@", ":", ";", "&", "="),
    *("\r\n", "\t", " ", "a", "1", "orders", "items", "reports", "DELETE", "http://", "HTTPS://", "https://"),
    *("api.example", "docs.example", "evil.test", "127.0.0.1", "localhost", "[::1]", "0", ":80", "user@"),
    *("é", "／", "\u2025", "\x7f", "~", "*", "{order_id}", "x" * 50, "2130706433", "\ufeff"),
]


def _text(rng: random.Random) -> str:
    return "".join(rng.choice(_PIECES) for _ in range(rng.randint(0, 5)))


def _hostile(rng: random.Random, origins: list[str]) -> dict[str, Any]:
    """Arguments of one call: often nearly right, so that many come far."""
    arguments: dict[str, Any] = {"operation_key": rng.choice([*OPERATIONS, "order", "order", _text(rng)])}
    if rng.random() < 0.7:
        arguments["path_params"] = {
            rng.choice(["order_id"] * 6 + ["x"]): rng.choice([_text(rng), str(rng.randint(1, 99))])
        }
    if rng.random() < 0.25:
        arguments["host"] = rng.choice([API, *origins, _text(rng), API + _text(rng), API.upper()])
    if arguments["operation_key"] == "document" or rng.random() < 0.1:
        origin = rng.choice(["https://docs.example", *origins, _text(rng)])
        arguments["url"] = origin + rng.choice(["", "/", "@", ":"]) + _text(rng)
    if rng.random() < 0.3:
        arguments["query"] = {_text(rng): _text(rng)}
    if rng.random() < 0.2:
        arguments["headers"] = {rng.choice(["x-a", "Host", _text(rng)]): _text(rng)}
    if rng.random() < 0.2:
        arguments[rng.choice(["json", "form"])] = {"a": _text(rng)}
    return arguments


def _is_listed(method: str, path: str) -> bool:
    """An oracle of its own: plain string logic on what arrived, no code of the allow-list."""
    bare = path.split("?")[0]
    decoded = unquote(unquote(bare))
    if ".." in decoded.split("/") or "." in decoded.split("/") or decoded.count("/") != bare.count("/"):
        return False
    if "\\" in decoded or any(ord(char) < 32 for char in decoded):
        return False
    if method == "POST":
        return bare == "/reports"
    return method == "GET"


def test_ten_thousand_hostile_calls_reach_nothing_outside_the_list(
    platform: Platform, transport: Transport, calls: list[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is tried, no connection goes elsewhere and no unlisted request line arrives."""
    bystander = Platform()
    reached: list[Any] = []
    connect = socket.create_connection

    def watched(address: tuple[str, int], *rest: Any, **named: Any) -> socket.socket:
        reached.append(address)
        assert address == ("127.0.0.1", platform.port)
        return connect(address, *rest, **named)

    monkeypatch.setattr(socket, "create_connection", watched)
    client = PlatformClient(
        OPERATIONS,
        ["docs.example"],
        {API: platform.origin, "https://docs.example": platform.origin},
        calls.append,
        5.0,
        transport=transport,
    )
    rng = random.Random(20261121)
    refused = 0
    for _ in range(10_000):
        try:
            client.send(**_hostile(rng, [platform.origin, bystander.origin]))
        except WriteRefused:
            refused += 1
    bystander.close()
    assert set(reached) == {("127.0.0.1", platform.port)}
    assert bystander.seen == []
    assert [call for call in platform.seen if not _is_listed(call[0], call[1])] == []
    assert len(platform.seen) == len(calls) == 10_000 - refused
    # The fuzz is worth something only if much was refused and much came through.
    assert refused > 3_000
    assert len(platform.seen) > 1_000
    listed = {call[1].split("?")[0] for call in platform.seen}
    assert "/reports" in listed
    assert any(path.startswith("/orders/") and path.endswith("/items") for path in listed)
