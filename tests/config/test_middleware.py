"""What surrounds every request: ids, traces, log lines, metrics, headers, the public role for logins."""

from __future__ import annotations

import re

import pytest
import structlog
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from prometheus_client import REGISTRY
from pytest_django import Settings
from structlog.testing import capture_logs

from config.middleware import PublicSchemaMiddleware, RequestMiddleware, Trace
from tenants.context import current_ledger, request_id
from tenants.db.errors import NoTenantChosen

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_the_callers_request_id_comes_back(client: Client) -> None:
    """Both sides can then name the same request."""
    assert client.get("/livez", headers={"X-Request-ID": "order-7f3a.2"})["X-Request-ID"] == "order-7f3a.2"


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "a b c d e f g h", "evil\tvalue-here", "ünïcödé-id"]
)
def test_an_unfit_request_id_is_replaced(client: Client, given: str) -> None:
    """Nothing that could break a log line or a header is taken over."""
    made = client.get("/livez", headers={"X-Request-ID": given})["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_the_request_id_reaches_the_code_and_ends_with_the_request() -> None:
    """Services record it in audit entries and jobs; the next request starts clean."""
    seen: list[object] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.extend([request_id(), structlog.contextvars.get_contextvars()["request_id"]])
        return HttpResponse()

    request = RequestFactory().get("/x", headers={"X-Request-ID": "abcdefgh"})
    RequestMiddleware(view)(request)
    assert seen == ["abcdefgh", "abcdefgh"]
    assert structlog.contextvars.get_contextvars() == {}
    assert request_id() == ""


def test_a_trace_is_continued_with_a_span_of_our_own() -> None:
    """The trace id and flags stay, the parent is replaced (W3C Trace Context)."""
    trace = Trace.continued(TRACE)
    assert trace.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert trace.flags == "01"
    assert trace.span_id != "00f067aa0ba902b7"
    assert Trace.continued(str(trace)).trace_id == trace.trace_id


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        TRACE.upper(),
        "ff" + TRACE[2:],
        TRACE + "-extra",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
    ],
)
def test_an_invalid_trace_is_replaced(header: str) -> None:
    """The standard says: restart the trace."""
    assert Trace.continued(header).trace_id != "4bf92f3577b34da6a3ce929d0e0e4736"


def test_a_later_version_of_the_header_is_read() -> None:
    """Versions above 00 may carry more fields; the first four keep their meaning."""
    assert Trace.continued("cc" + TRACE[2:] + "-what-comes").trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"


def test_the_log_line_names_the_route_and_nothing_private(client: Client) -> None:
    """Neither query nor path is logged: they may hold tokens and names."""
    with capture_logs() as lines:
        client.get("/problems/not_found?token=s3cret-value")
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["route"], line["status"], line["method"]) == ("/problems/<slug:code>", 200, "GET")
    assert "s3cret-value" not in str(line)


def test_requests_are_counted_by_route(client: Client) -> None:
    """Unknown paths share one label, so that no caller can make the series grow."""
    labels = {"method": "GET", "route": "unmatched", "status": "404"}
    before = REGISTRY.get_sample_value("http_requests_total", labels) or 0
    client.get("/no/such/path/1")
    client.get("/no/such/path/2")
    assert REGISTRY.get_sample_value("http_requests_total", labels) == before + 2


def test_an_api_answer_is_protected(client: Client) -> None:
    """It loads nothing, is framed nowhere, sniffed never, and kept by no shared cache."""
    answer = client.get("/api/v1/no-such-thing")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"] == "application/problem+json"


def test_only_listed_origins_may_read_answers(client: Client, settings: Settings) -> None:
    """Credentials are allowed, therefore never a wildcard; others get no permission at all."""
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    known = client.get("/api/v1/x", headers={"Origin": "https://app.example.com"})
    other = client.get("/api/v1/x", headers={"Origin": "https://evil.example.com"})
    assert known["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert known["Access-Control-Allow-Credentials"] == "true"
    assert not other.has_header("Access-Control-Allow-Origin")


def test_a_preflight_lets_listed_origins_send_and_read_our_headers(
    client: Client, settings: Settings
) -> None:
    """Every header the API asks for may be sent, every one it tells may be read; others learn nothing."""
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    asked = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
    known = client.options("/api/v1/me", headers={"Origin": "https://app.example.com", **asked})
    other = client.options("/api/v1/me", headers={"Origin": "https://evil.example.com", **asked})
    sent = {"authorization", "idempotency-key", "if-match", "if-none-match", "x-csrftoken", "x-session-token"}
    assert known["Access-Control-Allow-Origin"] == "https://app.example.com"
    assert "PATCH" in known["Access-Control-Allow-Methods"]
    assert sent <= set(known["Access-Control-Allow-Headers"].split(", "))
    assert not other.has_header("Access-Control-Allow-Origin")
    read = client.get("/api/v1/me", headers={"Origin": "https://app.example.com"})
    told = {"etag", "link", "location", "retry-after", "x-request-id", "ratelimit", "idempotency-replayed"}
    assert told | {"deprecation", "sunset"} <= set(read["Access-Control-Expose-Headers"].split(", "))


@pytest.mark.parametrize(("path", "is_public"), [("/api/auth/app/v1/config", True), ("/api/v1/me", False)])
def test_only_logins_get_the_public_role_by_themselves(path: str, is_public: bool) -> None:
    """Every other view has to choose whose data it touches."""

    def view(request: HttpRequest) -> HttpResponse:
        if is_public:
            assert current_ledger().id == 0
        else:
            with pytest.raises(NoTenantChosen):
                current_ledger()
        return HttpResponse()

    PublicSchemaMiddleware(view)(RequestFactory().get(path))
