"""HTTP to addresses that people give: out to the internet or nowhere, however the address is disguised.

The name is looked up once; every address it has must be public, and the connection goes to the one that was
checked, while certificate and Host are still those of the name. A name that leads elsewhere a moment later
("rebinding") has no second look-up to answer. Redirects are not followed, the answer is cut at a size, the
whole call at a deadline. Proxies of the environment, cookies and compression take no part.

`endpoints` sends an origin to a stand-in instead, as it does for platforms, and unguarded: it is how tests
and the demo reach receivers of their own, and production refuses the setting it comes from.
"""

from __future__ import annotations

import concurrent.futures
import functools
import ipaddress
import os
import socket
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpcore

from config.lib import clock
from config.lib.addresses import IPAddress, is_outside, literal
from config.lib.errors import AppError, gettext_noop
from config.lib.http import HTTPAnswer, Unreachable
from config.lib.transport import deadline, guarded_backend

PORTS = frozenset({443, 8443})
LARGEST_ANSWER = 64 * 1024
_USER_AGENT = "agency-backend/0.1 (Language=Python)"
_LOOK_UPS = 8
_NO_ANSWER = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError)

Resolver = Callable[[str, int], Sequence[str]]


class AddressRefused(AppError):
    """An address that is not called: not HTTPS, not on the public internet, or written to mislead."""

    code = "address_refused"
    title = gettext_noop("This address is not called")
    status = 422
    permanent = True
    default_remedy = gettext_noop("Give an https:// address of a public host.")


class NoAnswerInTime(Unreachable):
    """The deadline of the call passed."""

    code = "no_answer_in_time"
    title = gettext_noop("No answer in time")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a call goes: the origin's parts, what is asked for, and the addresses, if they are checked."""

    scheme: bytes
    host: str
    port: int
    target: str
    is_stand_in: bool


def resolve(host: str, port: int) -> list[str]:
    """Look a name up by the system's resolver; returns its addresses in the order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class Outbound:
    """Calls addresses that people gave. `seconds` limits a whole call, `largest_answer` bytes what is read.

    `schemes`, `ports`, `resolver` and `trust` (a TLS context) are what they are in production unless a test
    says otherwise.
    """

    endpoints: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 10.0
    largest_answer: int = LARGEST_ANSWER
    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] = PORTS
    resolver: Resolver = resolve
    trust: ssl.SSLContext | None = None

    def check(self, url: str) -> None:
        """Raise `AddressRefused` for an address that would not be called whatever its name leads to."""
        self._destination(url)

    def post(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> HTTPAnswer:
        """Send a body; returns the answer of any status, its body cut at the largest size.

        `AddressRefused` before any byte leaves, `Unreachable` (`NoAnswerInTime`) when no answer came.
        """
        place = self._destination(url)
        try:
            with deadline(self.seconds):
                return self._exchange(place, body, {**headers, "user-agent": _USER_AGENT})
        except httpcore.TimeoutException as error:
            raise NoAnswerInTime(f"{place.host} gave no answer within {self.seconds:g} s") from error
        except _NO_ANSWER as error:
            raise Unreachable(f"{place.host} gave no answer ({type(error).__name__})") from error

    def _destination(self, url: str) -> Destination:
        # Readers of URLs differ on these: what one takes for a host, another takes for a path.
        if not url.isascii() or any(char in '\\<>"^`{|}' or char <= " " or char == "\x7f" for char in url):
            raise AddressRefused("The address holds characters that no address is written with.")
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError as error:
            raise AddressRefused("The address cannot be read.") from error
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        if origin in self.endpoints:
            other = urlsplit(self.endpoints[origin])
            default = 443 if other.scheme == "https" else 80
            return Destination(
                other.scheme.encode(), other.hostname or "", other.port or default, target, is_stand_in=True
            )
        if parts.scheme not in self.schemes:
            raise AddressRefused("Only https addresses are called.")
        if "@" in parts.netloc or not host:
            raise AddressRefused("The address must name a host, and no user.")
        port = port if port is not None else 443 if parts.scheme == "https" else 80
        if port not in self.ports:
            raise AddressRefused(f"Only the ports {', '.join(map(str, sorted(self.ports)))} are called.")
        try:
            address = literal(host)
        except ValueError as error:
            raise AddressRefused("The host is written in a way that is not called.") from error
        if address is not None:
            _require_outside([address])
        return Destination(parts.scheme.encode(), host, port, target, is_stand_in=False)

    def _exchange(self, place: Destination, body: bytes, headers: Mapping[str, str]) -> HTTPAnswer:
        pinned = None if place.is_stand_in else self._checked_address(place)
        pool = httpcore.ConnectionPool(
            ssl_context=self.trust or _trust(), max_connections=1, network_backend=guarded_backend(pinned)
        )
        url = httpcore.URL(
            scheme=place.scheme, host=place.host.encode(), port=place.port, target=place.target.encode()
        )
        with pool, pool.stream("POST", url, headers=_headers(place, headers, body), content=body) as answer:
            found = bytearray()
            for chunk in answer.iter_stream():
                found += chunk
                if len(found) >= self.largest_answer:
                    break
            names = {
                name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers
            }
            return HTTPAnswer(answer.status, names, bytes(found[: self.largest_answer]))

    def _checked_address(self, place: Destination) -> str:
        try:
            found = [ipaddress.ip_address(place.host.strip("[]"))]
        except ValueError:
            found = [ipaddress.ip_address(text) for text in self._look_up(place)]
        _require_outside(found)
        return str(found[0])

    def _look_up(self, place: Destination) -> Sequence[str]:
        """The system's resolver has a patience of its own, so somebody else waits for it."""
        started = clock.monotonic()
        waiting = _resolvers(os.getpid()).submit(self.resolver, place.host, place.port)
        try:
            found = waiting.result(timeout=self.seconds - (clock.monotonic() - started))
        except concurrent.futures.TimeoutError as error:
            raise NoAnswerInTime(f"the name {place.host} was not found within {self.seconds:g} s") from error
        if not found:
            raise Unreachable(f"the name {place.host} has no address")
        return [text.partition("%")[0] for text in found]


def _require_outside(addresses: Iterable[IPAddress]) -> None:
    # One inside is enough: which of several a connection would go to is not for the name to choose.
    if not all(is_outside(address) for address in addresses):
        raise AddressRefused("The address does not lead to a public host.")


def _headers(place: Destination, given: Mapping[str, str], body: bytes) -> list[tuple[bytes, bytes]]:
    default = 443 if place.scheme == b"https" else 80
    host = f"[{place.host}]" if ":" in place.host else place.host
    every = {
        "host": host if place.port == default else f"{host}:{place.port}",
        "content-length": str(len(body)),
        "accept": "*/*",
        "accept-encoding": "identity",
        **given,
    }
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in every.items()]


@functools.cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@functools.cache
def _resolvers(pid: int) -> concurrent.futures.ThreadPoolExecutor:
    # Threads do not survive a fork: each process has its own.
    return concurrent.futures.ThreadPoolExecutor(_LOOK_UPS, thread_name_prefix="look-up")


__all__ = ["AddressRefused", "NoAnswerInTime", "Outbound", "Unreachable", "resolve"]
