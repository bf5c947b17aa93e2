"""The audit over the API: changes, looks, filters and pages; refusals are in the agency's ledger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from config.lib import clock
from config.lib.clock import FrozenClock
from tenants import audit
from tenants.context import use_actor, use_public, use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import Actor, ActorKind, ClientRef, Role
from tests.api.conftest import logged_in, with_key
from tests.api.validating import ValidatingClient
from tests.factories.people import make_key, make_member

Roles = Callable[..., ValidatingClient]

pytestmark = pytest.mark.django_db


def path(client: ClientRef) -> str:
    return f"/api/v1/clients/{client.slug}/audit"


def write(client: ClientRef, *entries: tuple[Actor, str, tuple[str, object]]) -> None:
    for actor, verb, target in entries:
        with use_tenant(client), use_actor(actor):
            audit.record(verb, target=target)


def shown(caller: ValidatingClient, client: ClientRef, **query: str) -> list[dict[str, Any]]:
    answer = caller.get(path(client), query)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def looks(client: ClientRef) -> list[tuple[str, int | None]]:
    with use_tenant(client):
        entries = AuditEntry.objects.filter(verb="looked").order_by("seq")
        return list(entries.values_list("target_type", "actor_id"))


@pytest.mark.parametrize(
    "actor",
    ["user:1234567890123456789012", "user:9223372036854775808", "user:٣", "user:", "user:-1", "king:1"],
)
def test_an_actor_that_cannot_be_is_refused(owner: ValidatingClient, acme: ClientRef, actor: str) -> None:
    """A number too long for an id is not cut to that of somebody else."""
    answer = owner.get(f"/api/v1/clients/{acme.slug}/audit", {"actor": actor})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "actor"


def test_the_client_reads_its_own_audit(
    acme: ClientRef, globex: ClientRef, client_admin: ValidatingClient
) -> None:
    """A client's administrator sees who did what here and nothing of any other client."""
    person = Actor(ActorKind.USER, 7, "Ana")
    write(acme, (person, "thing.changed", ("thing", 1)))
    write(globex, (person, "secret.changed", ("secret", 1)))
    entries = shown(client_admin, acme)
    assert [
        (each["verb"], each["actor_label"], each["target_id"]) for each in entries if each["actor_id"] == 7
    ] == [("thing.changed", "Ana", "1")]
    assert "secret.changed" not in str(entries)
    assert [each["seq"] for each in entries] == sorted((each["seq"] for each in entries), reverse=True)


def test_filters_choose_entries(
    acme: ClientRef, client_admin: ValidatingClient, frozen_clock: FrozenClock
) -> None:
    """actor, verb, target and time choose exactly; together they narrow."""
    ana, erp = Actor(ActorKind.USER, 7, "Ana"), Actor(ActorKind.API_KEY, 7, "ERP")
    write(acme, (ana, "a.made", ("store", 1)), (erp, "a.made", ("store", 2)))
    middle = frozen_clock.tick(timedelta(minutes=10))
    write(
        acme, (ana, "a.changed", ("store", 1)), (Actor(ActorKind.SYSTEM, None, "sync"), "a.ran", ("job", 1))
    )

    def verbs(**query: str) -> list[tuple[str, str]]:
        return [(each["verb"], each["target_id"]) for each in shown(client_admin, acme, **query)]

    assert verbs(actor="user:7") == [("a.changed", "1"), ("a.made", "1")]
    assert verbs(actor="api_key:7") == [("a.made", "2")]
    assert ("a.ran", "1") in verbs(actor="system")
    assert verbs(verb="a.made") == [("a.made", "2"), ("a.made", "1")]
    assert verbs(target="store:1") == [("a.changed", "1"), ("a.made", "1")]
    assert len(verbs(target="store")) == 3
    assert verbs(**{"from": middle.isoformat(), "target": "store"}) == [("a.changed", "1")]
    assert verbs(to=middle.isoformat(), target="store", actor="user:7") == [("a.made", "1")]


@pytest.mark.parametrize(
    "query",
    [{"actor": "ana"}, {"actor": "user:x"}, {"from": "yesterday"}, {"since": "1"}, {"target": "a\0b"}],
)
def test_a_filter_that_cannot_be_read_is_a_400(
    acme: ClientRef, client_admin: ValidatingClient, query: dict[str, str]
) -> None:
    """A filter is applied or refused, never ignored."""
    answer = client_admin.get(path(acme), query)
    assert answer.status_code == 400
    assert [each["parameter"] for each in answer.json()["errors"]] == list(query)


def test_pages_follow_the_filter(acme: ClientRef, client_admin: ValidatingClient) -> None:
    """A cursor leads through the filtered list and is refused with another filter."""
    actor = Actor(ActorKind.USER, 7, "Ana")
    write(acme, *((actor, "page.turned", ("page", number)) for number in range(5)))
    first = client_admin.get(path(acme), {"verb": "page.turned", "limit": "2"}).json()
    cursor = str(first["page"]["next"])
    second = client_admin.get(path(acme), {"verb": "page.turned", "limit": "2", "cursor": cursor}).json()
    ids = [each["target_id"] for each in first["data"] + second["data"]]
    assert ids == ["4", "3", "2", "1"]
    other = client_admin.get(path(acme), {"verb": "other", "cursor": cursor})
    assert (other.status_code, other.json()["code"]) == (400, "bad_cursor")


def test_staff_looks_are_noted_once_an_hour(acme: ClientRef, frozen_clock: FrozenClock) -> None:
    """One entry per person, resource and hour; client logins and keys looking at their own are not noted."""
    ana, _ = make_member(acme, Role.ANALYST)
    bo, _ = make_member(acme, Role.OPERATOR)
    members = f"/api/v1/clients/{acme.slug}/members"
    for _ in range(3):
        logged_in(ana).get(members)
    logged_in(bo).get(members)
    logged_in(ana).get(f"/api/v1/clients/{acme.slug}")
    logged_in(make_member(acme, Role.CLIENT_ADMIN)[0]).get(members)
    with_key(make_key(acme).text).get(members)
    assert looks(acme) == [("members", ana), ("members", bo), ("client", ana)]
    frozen_clock.tick(timedelta(hours=1))
    logged_in(ana).get(members)
    assert looks(acme)[3:] == [("members", ana)]


def test_what_was_refused_is_no_look(acme: ClientRef, as_role: Roles) -> None:
    """A refused or failed GET showed nothing."""
    as_role(Role.ANALYST).get(path(acme))
    as_role(Role.OWNER).get(f"/api/v1/clients/{acme.slug}/members/999999999")
    assert looks(acme) == []


def test_refusals_are_in_the_agency_s_ledger(
    acme: ClientRef, outsider: ValidatingClient, as_role: Roles
) -> None:
    """Who tried what where; the client's own ledger does not hear of it."""
    viewer_id, _ = make_member(acme, Role.CLIENT_VIEWER)
    logged_in(viewer_id).get(path(acme), headers={"X-Request-ID": "req-denied-1"})
    outsider.get(path(acme))
    with use_public():
        first, second = AuditEntry.objects.filter(verb="access.denied").order_by("seq")
    assert (first.actor_id, first.target_id, first.request_id) == (viewer_id, "acme", "req-denied-1")
    assert first.after == {"capability": "audit:read"}
    assert second.target_id == "acme"
    with use_tenant(acme):
        assert not AuditEntry.objects.filter(verb="access.denied").exists()


def test_a_change_names_its_request(
    acme: ClientRef, owner: ValidatingClient, client_admin: ValidatingClient
) -> None:
    """From an entry one finds the request's log lines."""
    body = {"email": "new@example.com", "role": "analyst"}
    owner.post(f"/api/v1/clients/{acme.slug}/members", body, headers={"X-Request-ID": "req-change-1"})
    entry = shown(client_admin, acme, verb="member.added")[0]
    assert (entry["request_id"], entry["after"]["email"]) == ("req-change-1", "new@example.com")
    assert len(entry["entry_hash"]) == 64
    assert entry["at"] <= clock.now().isoformat().replace("+00:00", "Z")
