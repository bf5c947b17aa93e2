"""Problems: one format from every layer, stable codes, pointers, and nothing of our inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.utils import translation
from rest_framework import exceptions as drf
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from config.lib import errors
from config.lib.api import problem
from config.lib.api.validation import pointer_to

CANARY = "cAnArY-internal"


class _Line(serializers.Serializer[Any]):
    amount = serializers.IntegerField(min_value=1)


class _Body(serializers.Serializer[Any]):
    name = serializers.CharField()
    lines = _Line(many=True)
    tags = serializers.ListField(child=serializers.IntegerField(), required=False)
    sub = _Line(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse one name as a whole."""
        if attrs["name"] == "bad":
            raise serializers.ValidationError("Not this one.", code="not_this")
        return attrs


class _View(APIView):
    raised: Exception = Http404()

    def get(self, request: Request) -> Response:
        """Raise what the test wants."""
        raise self.raised

    def post(self, request: Request) -> Response:
        """Validate a nested body."""
        body = _Body(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(status=204)


@pytest.fixture(autouse=True)
def _request_id() -> Iterator[None]:
    """Bind a request id as the middleware does."""
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        yield


def _body(response: HttpResponse) -> dict[str, Any]:
    if isinstance(response, Response):
        response.render()
    assert response["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = orjson.loads(response.content)
    assert set(found) == {"type", "title", "status", "code", "detail", "remedy", "instance", "errors"}
    assert found["status"] == response.status_code
    assert found["type"] == f"/problems/{found['code']}"
    assert found["instance"] == "urn:request:r-1"
    return found


def _get(error: Exception) -> HttpResponse:
    view = _View.as_view(raised=error)
    response = view(APIRequestFactory().get("/x"))
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.NotFound("no store 3"), 404, "not_found"),
        (errors.Conflict(), 409, "conflict"),
        (Http404(CANARY), 404, "not_found"),
        (drf.NotFound(), 404, "not_found"),
        (PermissionDenied(CANARY), 403, "permission_denied"),
        (drf.PermissionDenied(), 403, "permission_denied"),
        (drf.NotAuthenticated(), 401, "not_authenticated"),
        (drf.AuthenticationFailed(), 401, "not_authenticated"),
        (drf.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (drf.NotAcceptable(), 406, "not_acceptable"),
        (drf.UnsupportedMediaType("text/csv"), 415, "unsupported_media_type"),
        (drf.ParseError(), 400, "bad_request"),
        (drf.Throttled(wait=3.2), 429, "too_many_requests"),
        (drf.Throttled(), 429, "too_many_requests"),
        (drf.ValidationError({"a": ["x"]}), 422, "invalid"),
        (ModelValidationError("x"), 422, "invalid"),
        (RequestDataTooBig(CANARY), 413, "payload_too_large"),
        (SuspiciousOperation(CANARY), 400, "bad_request"),
        (OperationalError(CANARY), 503, "unavailable"),
        (ZeroDivisionError(CANARY), 500, "internal_error"),
        (drf.APIException(CANARY), 500, "internal_error"),
    ],
)
def test_every_exception_becomes_one_problem(error: Exception, status: int, code: str) -> None:
    """Status and code are stable, and nothing of Django's, the database's or our inside is told."""
    response = _get(error)
    found = _body(response)
    assert (found["status"], found["code"]) == (status, code)
    assert CANARY not in response.content.decode()
    assert "Traceback" not in response.content.decode()


def test_headers_that_belong_to_a_status_are_sent() -> None:
    """Retry-After with 429, a challenge with 401, Allow with 405, our own as they are."""
    assert _get(drf.Throttled(wait=3.2))["Retry-After"] == "4"
    assert _get(errors.Unauthenticated())["WWW-Authenticate"].startswith("Bearer")
    assert "GET" in _get(drf.MethodNotAllowed("PUT"))["Allow"]
    assert _get(errors.TooMany(headers={"Retry-After": "7"}))["Retry-After"] == "7"


def test_details_remedies_and_query_errors_are_told() -> None:
    """What the raiser said reaches the caller, a parameter as a parameter."""
    fault = errors.FieldError("", "Unknown.", "unknown_parameter", parameter="period")
    found = _body(_get(errors.BadRequest("Cannot be read.", remedy="Look it up.", errors=[fault])))
    assert (found["detail"], found["remedy"]) == ("Cannot be read.", "Look it up.")
    assert found["errors"] == [{"parameter": "period", "detail": "Unknown.", "code": "unknown_parameter"}]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": "a", "lines": [{"amount": 1}, {"amount": 0}]}, [("/lines/1/amount", "min_value")]),
        ({"lines": [{}]}, [("/lines/0/amount", "required"), ("/name", "required")]),
        ({"name": "a", "lines": [], "tags": [1, "x"]}, [("/tags/1", "invalid")]),
        ({"name": "a", "lines": [], "sub": {"amount": "x"}}, [("/sub/amount", "invalid")]),
        ({"name": "a", "lines": {"amount": 1}}, [("/lines", "not_a_list")]),
        ({"name": "bad", "lines": []}, [("", "not_this")]),
        ([1], [("", "invalid")]),
    ],
)
def test_nested_faults_become_json_pointers(body: Any, expected: list[tuple[str, str]]) -> None:
    """Lists of objects, lists of values, nested objects, and the body as a whole."""
    response = _View.as_view()(APIRequestFactory().post("/x", body, format="json"))
    assert isinstance(response, HttpResponse)
    found = _body(response)
    assert found["status"] == 422
    assert sorted((each["pointer"], each["code"]) for each in found["errors"]) == expected


def test_pointers_escape_their_separators() -> None:
    """RFC 6901: ~ and / inside a name."""
    assert pointer_to("a/b", 0, "c~d") == "/a~1b/0/c~0d"
    assert pointer_to() == ""


def test_malformed_bodies_and_media_types_are_problems_too() -> None:
    """Errors raised before the handler runs."""
    broken = _View.as_view()(APIRequestFactory().post("/x", "{", content_type="application/json"))
    strange = _View.as_view()(APIRequestFactory().post("/x", "a,b", content_type="text/csv"))
    assert isinstance(broken, HttpResponse)
    assert isinstance(strange, HttpResponse)
    assert _body(broken)["code"] == "bad_request"
    assert _body(strange)["code"] == "unsupported_media_type"


def test_djangos_own_pages_are_problems() -> None:
    """Unknown paths, refused hosts, failed CSRF checks and crashes outside of views."""
    request = RequestFactory().get("/x")
    found = [
        problem.handler400(request, SuspiciousOperation(CANARY)),
        problem.handler400(request),
        problem.handler403(request, PermissionDenied(CANARY)),
        problem.handler404(request, Http404(CANARY)),
        problem.handler500(request),
        problem.csrf_failure(request, CANARY),
    ]
    codes = [_body(each)["code"] for each in found]
    assert codes == [
        *("bad_request", "bad_request", "permission_denied", "not_found", "internal_error", "csrf_failed")
    ]
    assert all(CANARY not in each.content.decode() for each in found)


def test_codes_are_never_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles follow the language, codes and types do not."""
    monkeypatch.setattr(problem, "gettext", lambda text: f"<{text}>")
    with translation.override("ja"):
        found = _body(_get(errors.NotFound()))
    assert found["title"] == "<Not found>"
    assert (found["code"], found["type"]) == ("not_found", "/problems/not_found")


def test_every_type_can_be_looked_up() -> None:
    """The address in `type` explains the problem, as JSON and as a page."""
    for code in errors.error_classes():
        page = problem.problem_page(RequestFactory().get(f"/problems/{code}"), code)
        found = orjson.loads(page.content)
        assert (page.status_code, found["code"], found["type"]) == (200, code, f"/problems/{code}")
    html = problem.problem_page(RequestFactory().get("/x", headers={"Accept": "text/html,*/*"}), "not_found")
    assert b"<h1>Not found</h1>" in html.content
    listed = orjson.loads(problem.problem_list(RequestFactory().get("/problems")).content)
    assert [each["code"] for each in listed["data"]] == list(errors.error_classes())
    missing = problem.problem_page(RequestFactory().get("/x"), "<script>")
    assert _body(missing)["status"] == 404
