"""What holds for every endpoint: parameters, problems, request ids, conditions, limits, and silence."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from config.lib.errors import error_classes
from tenants import throttling
from tenants.types import ClientRef
from tests.api.access.routes import Route, api_routes
from tests.api.validating import ValidatingClient

LISTED = [route for route in api_routes() if "GET" in getattr(route.view, "capabilities", {})]
OF_CLIENTS = [route for route in LISTED if "<slug:client>" in route.route]
PROBLEM = {"type", "title", "status", "code", "detail", "remedy", "instance", "errors"}


def same_words(problem: dict[str, Any]) -> dict[str, Any]:
    """A problem without what names this very request."""
    return {name: value for name, value in problem.items() if name != "instance"}


@pytest.mark.django_db
@pytest.mark.parametrize("route", LISTED, ids=[route.route for route in LISTED])
def test_an_unknown_query_parameter_is_a_400(route: Route, acme: ClientRef, provider_owner: Any) -> None:
    """A misspelt filter must not return everything; the answer names it and the known ones."""
    answer = provider_owner.get(route.path(acme.slug), {"no_such_parameter": "1"})
    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.json()["errors"]] == ["no_such_parameter"]


@pytest.mark.django_db
def test_a_problem_has_its_shape(acme: ClientRef, owner: ValidatingClient) -> None:
    """RFC 9457: media type, every member, a type that resolves, the request's id, pointers into the body."""
    body = {"email": "no address", "role": "king", "shoe_size": 42}
    answer = owner.post(
        f"/api/v1/clients/{acme.slug}/members", body, headers={"X-Request-ID": "req-12345678"}
    )
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == PROBLEM
    assert problem["instance"] == "urn:request:req-12345678"
    assert {each["pointer"] for each in problem["errors"]} == {"/email", "/role"}
    assert owner.get(problem["type"]).json()["code"] == problem["code"] == "invalid"


@pytest.mark.django_db
def test_an_unknown_member_of_the_body_is_named(acme: ClientRef, owner: ValidatingClient) -> None:
    """Nothing in a body is silently ignored, so that nobody believes to have set what was not."""
    body = {"email": "x@example.com", "role": "analyst", "is_provider_owner": True}
    answer = owner.post(f"/api/v1/clients/{acme.slug}/members", body)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/is_provider_owner"]


@pytest.mark.django_db
def test_the_request_id_is_echoed_or_made(owner: ValidatingClient) -> None:
    """The caller's id comes back; a missing or unusable one is replaced."""
    assert owner.get("/api/v1/me", headers={"X-Request-ID": "mine-0001"})["X-Request-ID"] == "mine-0001"
    assert re.fullmatch(r"[0-9a-f]{32}", owner.get("/api/v1/me")["X-Request-ID"])
    assert "\n" not in owner.get("/api/v1/me", headers={"X-Request-ID": "bad id\n"})["X-Request-ID"]


@pytest.mark.django_db
def test_an_unchanged_resource_is_a_304(acme: ClientRef, owner: ValidatingClient) -> None:
    """If-None-Match with the ETag of the last answer: no body; after a change: the body again."""
    for path in ("/api/v1/me", f"/api/v1/clients/{acme.slug}", f"/api/v1/clients/{acme.slug}/members"):
        first = owner.get(path)
        unchanged = owner.get(path, headers={"If-None-Match": first["ETag"]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged["ETag"] == first["ETag"]
        assert owner.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.django_db
def test_a_change_needs_the_present_version(acme: ClientRef, owner: ValidatingClient) -> None:
    """PATCH without If-Match: 428; with an old ETag: 412; neither changes anything; with the present: 200."""
    path = f"/api/v1/clients/{acme.slug}"
    etag = owner.get(path)["ETag"]
    assert owner.patch(path, {"name": "New"}, format="json").status_code == 428
    stale = owner.patch(path, {"name": "New"}, format="json", headers={"If-Match": '"999"'})
    assert (stale.status_code, stale["ETag"]) == (412, etag)
    assert owner.get(path).json()["name"] == acme.name
    changed = owner.patch(path, {"name": "New"}, format="json", headers={"If-Match": etag})
    assert (changed.status_code, changed.json()["name"]) == (200, "New")
    assert changed["ETag"] != etag
    assert owner.get(path, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("route", OF_CLIENTS, ids=[route.route for route in OF_CLIENTS])
def test_a_foreign_client_is_answered_like_none(
    route: Route, globex: ClientRef, owner: ValidatingClient
) -> None:
    """The 404 for another's client and for no client: the same words, headers and number of statements."""
    seen = []
    for slug in (globex.slug, "never-was"):
        with CaptureQueriesContext(connection) as queries:
            answer = owner.get(route.path(slug))
        names = sorted(set(answer.headers) - {"X-Request-ID", "traceparent"})
        seen.append((answer.status_code, same_words(answer.json()), names, len(queries)))
    assert seen[0][0] == 404
    assert seen[0] == seen[1]


@pytest.mark.django_db
def test_an_unknown_path_is_a_problem_too(owner: ValidatingClient) -> None:
    """Also what no view answers has the one shape."""
    answer = owner.get("/api/v1/no-such-thing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert set(answer.json()) == PROBLEM


@pytest.mark.django_db
def test_a_method_nobody_serves_is_a_405(acme: ClientRef, owner: ValidatingClient) -> None:
    """With exactly the methods that there are in Allow."""
    answer = owner.delete(f"/api/v1/clients/{acme.slug}")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, PATCH, OPTIONS"
    assert owner.post("/api/v1/provider", {})["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.django_db
@pytest.mark.parametrize("route", LISTED, ids=[route.route for route in LISTED])
def test_options_tell_the_methods(route: Route, acme: ClientRef, anonymous: ValidatingClient) -> None:
    """To anybody and for any client, existing or not: they are in the public description anyway."""
    served = {*route.view.capabilities, "HEAD", "OPTIONS"}
    for slug in (acme.slug, "never-was"):
        answer = anonymous.options(route.path(slug))
        assert (answer.status_code, answer.content) == (204, b"")
        assert set(answer["Allow"].split(", ")) == served


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "patch"])
@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_body_that_is_too_large_is_a_413(method: str, acme: ClientRef, owner: ValidatingClient) -> None:
    """Whether the method keeps its body for comparison or only parses it; nothing is changed."""
    path = f"/api/v1/clients/{acme.slug}" + ("/members" if method == "post" else "")
    body = {"name": "x" * 1000}
    answer = getattr(owner, method)(path, body, format="json", headers={"If-Match": "*"})
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")
    assert answer.json()["code"] == "payload_too_large"
    assert owner.get(f"/api/v1/clients/{acme.slug}").json()["name"] == acme.name


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_login_that_is_too_large_is_a_413_too(client: Any, db: None) -> None:
    """allauth's views have the same limit and the same form of problem."""
    body = {"email": "x" * 1000}
    answer = client.post("/api/auth/app/v1/auth/login", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")


@pytest.mark.django_db
def test_every_answer_tells_the_limits(acme: ClientRef, owner: ValidatingClient) -> None:
    """RateLimit counts down, RateLimit-Policy names quota and window; both policies below a client."""
    path = f"/api/v1/clients/{acme.slug}"
    first, second = owner.get(path), owner.get(path)
    assert first["RateLimit-Policy"] == '"caller";q=600;w=60, "client";q=6000;w=60'
    left = [int(re.match(r'"caller";r=(\d+);t=\d+', each["RateLimit"])[1]) for each in (first, second)]  # type: ignore[index]
    assert left == [599, 598]


@pytest.mark.django_db
@override_settings(API_RATE_LIMITS={"caller": (3, 60), "anonymous": (2, 60)})
def test_too_many_requests_wait(owner: ValidatingClient, anonymous: ValidatingClient) -> None:
    """The fourth of three is a 429 with Retry-After; one caller's limit is not another's."""
    answers = [owner.get("/api/v1/me") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert answers[-1].json()["code"] == "too_many_requests"
    assert [anonymous.get("/api/v1/me").status_code for _ in range(3)] == [401, 401, 429]


def test_a_limit_holds_under_parallel_requests(redis: Any) -> None:
    """200 at once at a limit of 100: exactly 100 pass (RELIABILITY §6)."""
    policy = throttling.Policy("parallel", 100, 60)
    passed: list[bool] = []

    def take() -> None:
        passed.extend(throttling.take([(policy, "one")]).allowed for _ in range(20))

    threads = [threading.Thread(target=take) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(passed), sum(passed)) == (200, 100)


def test_an_exhausted_policy_charges_no_other(redis: Any) -> None:
    """A request refused by one policy is not counted against the other."""
    narrow, wide = throttling.Policy("narrow", 1, 60), throttling.Policy("wide", 10, 60)
    charges = [(narrow, "one"), (wide, "one")]
    assert [throttling.take(charges).allowed for _ in range(3)] == [True, False, False]
    assert throttling.take([(wide, "one")]).limits[0].remaining == 8


def test_without_redis_limits_still_hold(redis: Any) -> None:
    """Redis away: this process counts for itself, the limit is not lifted."""
    policy = throttling.Policy("away", 2, 60)
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        assert [throttling.take([(policy, "x")]).allowed for _ in range(3)] == [True, True, False]


def test_problem_codes_have_a_page(client: Any) -> None:
    """Every `type` that a problem can have resolves to its explanation."""
    for code, found in error_classes().items():
        answer = client.get(f"/problems/{code}")
        assert (answer.status_code, answer.json()["status"]) == (200, found.status)


@pytest.mark.django_db
def test_head_is_get_without_a_body(acme: ClientRef, owner: ValidatingClient) -> None:
    """The same status and headers, for callers that only want to know."""
    path = f"/api/v1/clients/{acme.slug}"
    got, asked = owner.get(path), owner.head(path)
    assert (asked.status_code, asked.content, asked["ETag"]) == (200, b"", got["ETag"])
