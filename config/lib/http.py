"""The one way out: sends listed read operations to platforms, within a deadline, and reports each call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpcore
import httpx
import orjson

from config.lib import clock
from config.lib.allowlist import AllowList, OperationLike, ReadOperation, Target, WriteRefused
from config.lib.errors import AppError, Unavailable, gettext_noop
from config.lib.redact import Secret
from config.lib.transport import Transport, deadline, shared_transport

__all__ = [
    "Call",
    "HTTPAnswer",
    "PlatformClient",
    "ReadOperation",
    "ResponseTooLarge",
    "Unreachable",
    "WriteRefused",
]

LARGEST_BODY = 256 * 1024 * 1024
_USER_AGENT = "agency-backend/0.1 (Language=Python)"
_REQUEST_ID_HEADERS = ("x-amzn-requestid", "x-amz-rid", "x-amz-request-id", "x-request-id")
_NO_ANSWER = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpx.DecodingError,
    OSError,
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9\-]{1,64}")
_HEADER_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?")
# They would change where a call goes, what method a server sees, or how long its body is.
_FORBIDDEN_HEADERS = re.compile(
    r"host|connection|content-length|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|x-forwarded-.*"
    r"|x-http-method.*|x-method-override|x-original-url|x-rewrite-url|cookie",
    re.IGNORECASE,
)
# A presigned address is its own credential; only these go with it, whatever the caller adds.
_DOCUMENT_HEADERS = frozenset({"accept", "accept-encoding", "user-agent", "range"})


class Unreachable(Unavailable):
    """No complete answer came: name, connection, TLS or protocol failure, or the deadline passed."""

    code = "platform_unreachable"
    title = gettext_noop("The platform does not answer")


class ResponseTooLarge(AppError):
    """An answer went on beyond the size we are willing to hold."""

    code = "response_too_large"
    title = gettext_noop("The platform's answer is too large")
    status = 502
    permanent = True


@dataclass(frozen=True, slots=True)
class HTTPAnswer:
    """What came back, whatever its status (redirects are not followed); header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One call that left us, for the log: no query, header or body. `status` is None if no status line came.

    `origin` is the real one even where it is mapped to a stand-in; `request_id` is the platform's.
    """

    operation: str
    method: str
    origin: str
    path: str
    status: int | None
    duration_ms: int
    request_id: str


class PlatformClient:
    """Sends the operations of one platform and nothing else.

    `operations`, `document_hosts`, `endpoints` and `hosts` are those of `AllowList`. `observer` gets one
    `Call` for each call that left, answered or not. `timeout` limits a whole call in seconds, from looking up
    the name to the last byte of the body.
    """

    def __init__(
        self,
        operations: Mapping[str, OperationLike],
        document_hosts: Iterable[str] = (),
        endpoints: Mapping[str, str] | None = None,
        observer: Callable[[Call], None] | None = None,
        timeout: float = 60.0,
        *,
        hosts: Iterable[str] = (),
        largest_body: int = LARGEST_BODY,
        transport: Transport | None = None,
    ) -> None:
        self._allowed = AllowList(operations, document_hosts, endpoints, hosts)
        self._observer = observer
        self._timeout = timeout
        self._largest_body = largest_body
        self._transport = transport

    def send(
        self,
        operation_key: str,
        *,
        host: str | None = None,
        path_params: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str | Secret] | None = None,
        json: Any = None,
        form: Mapping[str, str | Secret] | None = None,
        url: str = "",
        timeout: float | None = None,
    ) -> HTTPAnswer:
        """Send one listed operation and return the answer of any status.

        `host` picks a regional origin, `path_params` fill the operation's path, `url` is a presigned document
        address (nothing else but `headers` goes with it, and of these only harmless ones). Raises
        `WriteRefused` before any byte leaves, `Unreachable` (worth a retry) and `ResponseTooLarge`.
        """
        target = self._allowed.resolve(operation_key, host=host, path_params=path_params, url=url)
        if target.is_document and (query or json is not None or form is not None):
            raise WriteRefused(f"{operation_key}: a presigned address is sent as it is")
        request = httpx.Request(
            target.method,
            target.url + (f"?{urlencode(query)}" if query else ""),
            headers=_headers(target, headers or {}, json is not None, form is not None),
            content=_body(target, json, form),
        )
        self._verify(target, request)
        return self._exchange(target, request, timeout or self._timeout)

    def _verify(self, target: Target, request: httpx.Request) -> None:
        final = request.url
        path = final.raw_path.partition(b"?")[0].decode("ascii")
        origin = f"{final.scheme}://{final.netloc.decode('ascii').rpartition('@')[2]}"
        self._allowed.verify(target, method=request.method, origin=origin, path=path, userinfo=final.userinfo)

    def _exchange(self, target: Target, request: httpx.Request, seconds: float) -> HTTPAnswer:
        started = clock.monotonic()
        status: int | None = None
        request_id = ""
        try:
            with deadline(seconds):
                response = (self._transport or shared_transport()).handle_request(request)
                try:
                    request_id = _request_id(response.headers)
                    status = response.status_code
                    body = self._read(response, target)
                finally:
                    response.close()
            return HTTPAnswer(status, dict(response.headers.items()), body)
        except _NO_ANSWER as error:
            raise Unreachable(
                f"{target.operation}: {target.origin} gave no answer ({type(error).__name__})"
            ) from error
        finally:
            if self._observer is not None:
                duration_ms = round((clock.monotonic() - started) * 1000)
                self._observer(
                    Call(
                        target.operation,
                        target.method,
                        target.origin,
                        target.path,
                        status,
                        duration_ms,
                        request_id,
                    )
                )

    def _read(self, response: httpx.Response, target: Target) -> bytes:
        body = bytearray()
        # Decoded bytes are counted, so a small compressed answer cannot grow without limit either.
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._largest_body:
                raise ResponseTooLarge(f"{target.operation}: more than {self._largest_body} bytes came back")
        return bytes(body)


def _request_id(headers: httpx.Headers) -> str:
    found = next((headers[name] for name in _REQUEST_ID_HEADERS if name in headers), "")
    return "".join(char for char in found if char.isprintable())[:80]


def _plain(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _headers(
    target: Target, given: Mapping[str, str | Secret], is_json: bool, is_form: bool
) -> dict[str, str]:
    headers = {"user-agent": _USER_AGENT, "accept": "*/*", "accept-encoding": "gzip, deflate"}
    if is_json:
        headers["content-type"] = "application/json"
    if is_form:
        headers["content-type"] = "application/x-www-form-urlencoded"
    for name, value in given.items():
        text = _plain(value)
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(text):
            raise WriteRefused(f"{target.operation}: the header {name[:64]!r} is malformed")
        if _FORBIDDEN_HEADERS.fullmatch(name):
            raise WriteRefused(f"{target.operation}: the header {name!r} may not be set")
        if not target.is_document or name.lower() in _DOCUMENT_HEADERS:
            headers[name.lower()] = text
    return headers


def _body(target: Target, json: Any, form: Mapping[str, str | Secret] | None) -> bytes | None:
    if json is None and form is None:
        return None
    if target.method != "POST" or (json is not None and form is not None):
        raise WriteRefused(f"{target.operation}: only a POST has a body, and only one")
    if form is not None:
        return urlencode({name: _plain(value) for name, value in form.items()}).encode()
    return orjson.dumps(json)
