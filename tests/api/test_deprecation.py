"""An endpoint that will go says so on every answer (RFC 9745, RFC 8594) and in the description."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from django.http import HttpResponse
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from config.lib.api.deprecation import Deprecation
from tenants.http import PublicView
from tenants.permissions import AgencyCapability
from tenants.principals import Person

SINCE, SUNSET = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
GOING = Deprecation(since=SINCE, sunset=SUNSET, link="/docs/changes#old")


class Somebody(BaseAuthentication):
    """Lets everybody in."""

    def authenticate(self, request: Request) -> Any:
        return Person(id=1, email="x@example.com"), None


class OldView(PublicView):
    """A view of which one method will go."""

    authentication_classes = (Somebody,)  # type: ignore[assignment]
    capabilities: ClassVar[Mapping[str, AgencyCapability]] = {
        "GET": AgencyCapability.SELF_READ,
        "DELETE": AgencyCapability.SELF_READ,
    }
    deprecations: ClassVar[Mapping[str, Deprecation]] = {"GET": GOING}

    def get(self, request: Request) -> Response:
        return Response({}, headers={"Link": '</next>; rel="next"'})

    def delete(self, request: Request) -> Response:
        return Response(status=204)


def ask(method: str, query: str = "") -> Any:
    request = getattr(APIRequestFactory(), method)(f"/old{query}")
    return OldView.as_view()(request)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?unknown=1"])
def test_every_answer_of_the_method_tells(query: str, redis: object) -> None:
    """Also a refusal; a Link that the answer has itself stays."""
    answer = ask("get", query)
    assert answer["Deprecation"] == "@1767225600"
    assert answer["Sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT"
    links = answer["Link"].split(", ")
    assert '</docs/changes#old>; rel="deprecation"' in links
    assert ('</next>; rel="next"' in links) == (answer.status_code == 200)


@pytest.mark.django_db
def test_other_methods_stay_silent(redis: object) -> None:
    """What goes is a method, not the resource."""
    assert not ask("delete").has_header("Deprecation")


def test_it_is_told_once() -> None:
    """An answer that passes the edge twice, as a repeated POST does, has the headers once."""
    answer = HttpResponse()
    GOING.tell(answer)
    GOING.tell(answer)
    assert answer["Link"].count("deprecation") == 1


def test_nothing_ends_before_it_is_deprecated() -> None:
    """RFC 9745: a Sunset is not earlier than the Deprecation."""
    with pytest.raises(ValueError, match="RFC 9745"):
        Deprecation(since=SUNSET, sunset=SINCE, link="/x")


def test_the_description_says_it_too() -> None:
    """Generated clients mark the call as deprecated."""
    schema = OldView.schema
    schema.view, schema.method = OldView(), "GET"
    assert schema.is_deprecated()
    schema.method = "DELETE"
    assert not schema.is_deprecated()
