"""What every request passes before it is anybody's: an id, a log line, a measure, headers that protect."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.translation import override

from config import metrics
from config.lib.api.language import asked_language, content_language
from config.lib.ids import new_request_id
from config.lib.logging import get_logger, log_fields
from tenants.context import use_public, use_request_id

GetResponse = Callable[[HttpRequest], HttpResponseBase]

_log = get_logger("access")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
# Asked for every few seconds by machines; a line each would drown the others.
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})

_API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True, slots=True)
class Trace:
    """A W3C trace context: the caller's trace, our own span in it."""

    trace_id: str
    span_id: str
    flags: str

    @classmethod
    def continued(cls, header: str) -> Trace:
        """Continue the caller's trace; a missing or malformed header starts a new one (W3C, 3.2)."""
        match = _TRACEPARENT.fullmatch(header.strip())
        # Version 00 has exactly four fields; zeros mean "no id".
        if match is None or (header.startswith("00") and len(header.strip()) != 55):
            return cls(secrets.token_hex(16), secrets.token_hex(8), "00")
        trace_id, parent, flags = match.groups()
        if not int(trace_id, 16) or not int(parent, 16):
            return cls(secrets.token_hex(16), secrets.token_hex(8), "00")
        return cls(trace_id, secrets.token_hex(8), flags)

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


class RequestMiddleware:
    """Gives the request its id and trace, and writes one line about it when it is answered.

    The id is the caller's X-Request-ID where that is well-formed, so that both sides can find the same
    request. The line names the route, not the path or the query: those may hold what logs must not.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; nothing that was bound to it outlives it."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else new_request_id()
        trace = Trace.continued(request.headers.get("traceparent", ""))
        started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        try:
            with use_request_id(request_id), log_fields(request_id=request_id, trace_id=trace.trace_id):
                response = self.get_response(request)
                self._report(request, response, time.perf_counter() - started)
        finally:
            structlog.contextvars.clear_contextvars()
        response.headers["X-Request-ID"] = request_id
        response.headers["traceparent"] = str(trace)
        return response

    def _report(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        match = request.resolver_match
        route = f"/{match.route}" if match else "unmatched"
        metrics.observe(request.method or "", route, response.status_code, seconds)
        if request.path in _QUIET and response.status_code < 400:
            return
        client = match.kwargs.get("client") if match else None
        _log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
            **({"client": client} if client else {}),
        )


class LanguageMiddleware:
    """Answers in the language the request asks for, else in the deployment's, unless a view chose another.

    A view that knows the person behind a request without a language of ours activates theirs. Language is
    never kept in a cookie or a path: the same request is answered alike for a browser and a machine.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say in which language."""
        with override(asked_language(request) or settings.LANGUAGE_CODE):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", content_language())
        patch_vary_headers(response, ("Accept-Language",))
        return response


class SecurityHeadersMiddleware:
    """An API answer is no page: it loads nothing, is framed nowhere, and stays out of shared caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the headers that the view did not set itself."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", _API_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if request.path.startswith("/api/"):
            keep = "private, no-cache" if response.has_header("ETag") else "no-store"
            response.headers.setdefault("Cache-Control", keep)
        return response


class PublicSchemaMiddleware:
    """Lets allauth work, whose tables and sessions are in the public schema. Other views choose."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer below /api/auth/ in the public role."""
        if not request.path.startswith("/api/auth/"):
            return self.get_response(request)
        with use_public():
            return self.get_response(request)
