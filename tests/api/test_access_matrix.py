"""Who may do what, for every route and every kind of caller; a refusal leaves nothing but its record."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants.http import EdgeView, PublicView, TenantView
from tenants.permissions import KEY_SCOPES, ROLE_CAPABILITIES, AgencyCapability, Capability
from tenants.types import STAFF_ROLES, ClientRef, Role
from tests.api.access import alerts, connectors, kpis, pricing, tenants
from tests.api.access.routes import API, Route, api_routes
from tests.api.validating import ValidatingClient

TABLE: dict[tuple[str, str], Capability | AgencyCapability] = {
    (method, API + route): needed
    for table in (tenants.TABLE, connectors.TABLE, kpis.TABLE, pricing.TABLE, alerts.TABLE)
    for (method, route), needed in table.items()
}
ROUTES = {route.route: route for route in api_routes()}
CASES = sorted(TABLE)
HANDLERS = ("get", "post", "put", "patch", "delete")

_WRITE = re.compile(r"^\s*(insert|update|delete|truncate|copy|merge|create|alter|drop)\b", re.IGNORECASE)
# A key notes when it was last used, whatever it was used for.
_KEY_USED = re.compile(r'^update "tenants_apikey" set "last_used_at"', re.IGNORECASE)
_NO_CLIENT = "There is no such client."


def test_every_route_is_in_the_table() -> None:
    """A new endpoint cannot appear without somebody deciding here who may use it."""
    served = {
        (method, route.route)
        for route in ROUTES.values()
        for method in getattr(route.view, "capabilities", {})
    }
    assert served == set(TABLE)


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
def test_every_route_goes_through_the_edge(route: Route) -> None:
    """Every view is a TenantView (below a client) or a PublicView, and names a capability per handler."""
    assert issubclass(route.view, TenantView if "<slug:client>" in route.route else PublicView)
    handlers = {name.upper() for name in HANDLERS if hasattr(route.view, name)}
    assert handlers == set(route.view.capabilities)
    assert issubclass(route.view, EdgeView)


def test_the_roles_are_as_agreed() -> None:
    """Client logins read and never write; analysts do not run syncs; owners may do everything."""
    writes = {each for each in Capability if each.endswith((":write", ":run"))}
    assert ROLE_CAPABILITIES[Role.OWNER] == set(Capability)
    assert not ROLE_CAPABILITIES[Role.CLIENT_ADMIN] & writes
    assert not ROLE_CAPABILITIES[Role.CLIENT_VIEWER] & writes
    assert ROLE_CAPABILITIES[Role.CLIENT_VIEWER] < ROLE_CAPABILITIES[Role.CLIENT_ADMIN]
    assert ROLE_CAPABILITIES[Role.ANALYST] & writes == {
        Capability.TARGET_WRITE,
        Capability.FORMULA_WRITE,
        Capability.ASSIGNMENT_WRITE,
        Capability.REVIEW_WRITE,
        Capability.ACTION_WRITE,
        Capability.EVIDENCE_WRITE,
        Capability.PRICE_WRITE,
        Capability.PRICE_RULE_WRITE,
        Capability.ALERT_WRITE,
        Capability.ALERT_RULE_WRITE,
    }
    assert Capability.MEMBER_WRITE not in ROLE_CAPABILITIES[Role.OPERATOR]
    assert set(ROLE_CAPABILITIES) == set(Role)


def call(caller: ValidatingClient, method: str, path: str) -> tuple[Any, list[str]]:
    """Send an empty request and return the answer with the statements that changed something."""
    headers = {"If-Match": "*"} if method in ("PATCH", "PUT") else {}
    with CaptureQueriesContext(connection) as queries:
        send = getattr(caller, method.lower())
        body = {} if method in ("GET", "DELETE") else {"data": {}, "format": "json"}
        response = send(path, headers=headers, **body)
    changes = [
        query["sql"]
        for query in queries.captured_queries
        if _WRITE.match(query["sql"]) and not _KEY_USED.search(query["sql"])
    ]
    return response, changes


def verdict(response: Any) -> int | str:
    """The kind of refusal, or "allowed": only who may look finds that an object is missing."""
    if response.status_code in (401, 403):
        return int(response.status_code)
    if response.status_code == 404 and response.json()["detail"] == _NO_CLIENT:
        return 404
    assert response.status_code < 500, response.content
    return "allowed"


def expect(caller: ValidatingClient, method: str, path: str, expected: int | str, who: str) -> None:
    """Assert the verdict and, for a refusal, that nothing changed."""
    response, changes = call(caller, method, path)
    assert verdict(response) == expected, (
        f"{who}: {method} {path} → {response.status_code} {response.content!r}"
    )
    if expected != "allowed":
        recorded = 0 if expected == 401 else 1
        assert len(changes) == recorded, f"{who}: {method} {path} was refused and wrote {changes}"
        assert all("insert into ledger_auditentry" in change for change in changes)


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "route"), CASES, ids=[f"{m} {r}" for m, r in CASES])
def test_access(
    method: str,
    route: str,
    acme: ClientRef,
    globex: ClientRef,
    anonymous: ValidatingClient,
    outsider: ValidatingClient,
    provider_owner: ValidatingClient,
    as_role: Callable[..., ValidatingClient],
    as_key: Callable[..., ValidatingClient],
) -> None:
    """The route's whole row: nobody, outsiders, other clients' people and keys, six roles, three keys."""
    needed = TABLE[method, route]
    path = ROUTES[route].path(acme.slug)
    expect(anonymous, method, path, 401, "anonymous")
    expect(provider_owner, method, path, "allowed", "owner of the deployment")
    if isinstance(needed, AgencyCapability):
        is_for_all = needed in (AgencyCapability.SELF_READ, AgencyCapability.CLIENT_LIST)
        for role in Role:
            may = role in STAFF_ROLES or is_for_all or needed is AgencyCapability.SELF_WRITE
            expect(as_role(role), method, path, "allowed" if may else 403, role)
        expect(outsider, method, path, "allowed", "staff without membership")
        expect(as_key(), method, path, "allowed" if is_for_all else 403, "API key")
        return
    expect(outsider, method, path, 404, "staff without membership")
    expect(as_role(Role.OWNER, globex), method, path, 404, "owner of another client")
    expect(as_role(Role.CLIENT_ADMIN, globex), method, path, 404, "another client's login")
    expect(as_key(KEY_SCOPES, globex), method, path, 404, "API key of another client")
    for role in Role:
        may = needed in ROLE_CAPABILITIES[role]
        expect(as_role(role), method, path, "allowed" if may else 403, role)
    expect(as_key(KEY_SCOPES - {needed}), method, path, 403, "API key without the scope")
    may = needed in KEY_SCOPES
    expect(as_key({needed}), method, path, "allowed" if may else 403, "API key with the scope")
