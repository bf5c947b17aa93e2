"""Keys for machines: what they open, what ends them, and what nobody ever reads of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import override_settings

from config.lib import clock
from config.lib.clock import FrozenClock
from tenants.authentication import client_address
from tenants.context import use_public, use_tenant
from tenants.ledger.models import AuditEntry
from tenants.models import ApiKey
from tenants.permissions import KEY_SCOPES, Capability
from tenants.types import ClientRef, Role
from tests.api.conftest import with_key
from tests.api.validating import ValidatingClient
from tests.factories.people import make_key

Roles = Callable[..., ValidatingClient]

pytestmark = pytest.mark.django_db


def keys(client: ClientRef, key_id: int | None = None) -> str:
    base = f"/api/v1/clients/{client.slug}/api-keys"
    return base if key_id is None else f"{base}/{key_id}"


def home(client: ClientRef) -> str:
    return f"/api/v1/clients/{client.slug}"


def test_a_key_is_made_used_and_revoked(acme: ClientRef, owner: ValidatingClient) -> None:
    """The whole key is shown once, opens what its scopes say, and nothing more once revoked."""
    made = owner.post(keys(acme), {"name": "ERP", "scopes": ["client:read"]})
    assert made.status_code == 201
    machine = with_key(made.json()["key"])
    assert machine.get(home(acme)).status_code == 200
    assert machine.get(f"{home(acme)}/members").status_code == 403
    me = machine.get("/api/v1/me").json()
    assert (me["kind"], me["name"], me["email"]) == ("api_key", "ERP", None)
    assert [(each["client"]["slug"], each["role"], each["capabilities"]) for each in me["clients"]] == [
        ("acme", None, ["client:read"])
    ]
    shown = owner.get(made["Location"])
    assert "key" not in shown.json()
    assert made.json()["key"].rpartition("_")[2].encode() not in owner.get(keys(acme)).content
    assert owner.delete(made["Location"]).status_code == 204
    assert machine.get(home(acme)).status_code == 401
    assert owner.get(made["Location"]).json()["revoked_at"] is not None


def test_only_a_hash_of_the_secret_is_kept(acme: ClientRef, owner: ValidatingClient) -> None:
    """Neither the row nor the audit holds the secret."""
    made = owner.post(keys(acme), {"name": "ERP", "scopes": ["client:read"]}).json()
    secret = made["key"].rpartition("_")[2]
    with use_public():
        row = ApiKey.objects.values().get(pk=made["id"])
    with use_tenant(acme):
        entries = list(AuditEntry.objects.filter(target_type="api_key").values("before", "after"))
    assert len(entries) == 1
    assert secret not in str(row) + str(entries)
    assert len(row["secret_hash"]) == 64


def test_every_bad_key_is_refused_alike(acme: ClientRef) -> None:
    """Unknown, wrong secret, revoked, expired, malformed: one and the same 401."""
    now = clock.now()
    good = make_key(acme)
    other = make_key(acme)
    bad = [
        "ak_" + "a" * 12 + "_" + "b" * 52,
        good.text.rpartition("_")[0] + "_" + other.text.rpartition("_")[2],
        make_key(acme, revoked_at=now - timedelta(seconds=1)).text,
        make_key(acme, expires_at=now - timedelta(seconds=1)).text,
        "ak_short",
    ]
    answers = [with_key(text).get("/api/v1/me") for text in bad]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert with_key(good.text).get("/api/v1/me").status_code == 200


def test_a_key_ends_at_its_expiry(acme: ClientRef, frozen_clock: FrozenClock) -> None:
    """It works until the second before and not from the instant on."""
    ends = clock.now() + timedelta(hours=1)
    machine = with_key(make_key(acme, expires_at=ends).text)
    frozen_clock.move_to(ends - timedelta(seconds=1))
    assert machine.get("/api/v1/me").status_code == 200
    frozen_clock.move_to(ends)
    assert machine.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["203.0.113.0/24"], "203.0.113.77", 200),
        (["203.0.113.0/24"], "203.0.114.1", 401),
        (["203.0.113.0/24"], "::ffff:203.0.113.9", 200),
        (["2001:db8::/32", "10.0.0.0/8"], "10.1.2.3", 200),
        (["2001:db8::/32"], "2001:db9::1", 401),
        (["203.0.113.0/24"], "", 401),
        ([], "198.51.100.1", 200),
    ],
)
def test_a_key_is_used_from_its_networks_only(
    acme: ClientRef, networks: list[str], address: str, status: int
) -> None:
    """CIDR lists bind a key to addresses; an address that cannot be read is in none."""
    machine = with_key(make_key(acme, networks=networks).text)
    assert machine.get("/api/v1/me", REMOTE_ADDR=address).status_code == status


def test_a_forwarded_address_counts_only_from_trusted_proxies(acme: ClientRef, rf: Any) -> None:
    """Without trusted proxies the header is anybody's claim; with one, its last hop is the caller."""
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.5, 198.51.100.7"})
    assert client_address(request) == "10.0.0.1"
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        assert client_address(request) == "198.51.100.7"
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=3):
        assert client_address(request) == "10.0.0.1"


def test_last_use_is_noted_once_a_minute(acme: ClientRef, frozen_clock: FrozenClock) -> None:
    """A read does not write more than once a minute for it."""
    key = make_key(acme)
    machine, first = with_key(key.text), clock.now()

    def last_used() -> datetime | None:
        with use_public():
            return ApiKey.objects.get(pk=key.id).last_used_at

    machine.get("/api/v1/me")
    assert last_used() == first
    frozen_clock.tick(59)
    machine.get("/api/v1/me")
    assert last_used() == first
    frozen_clock.tick(1)
    machine.get("/api/v1/me")
    assert last_used() == first + timedelta(seconds=60)


def test_rotation_overlaps(acme: ClientRef, owner: ValidatingClient, frozen_clock: FrozenClock) -> None:
    """Old and new key work side by side for the overlap, then the new one alone, with the same rights."""
    old = make_key(acme, scopes={Capability.CLIENT_READ}, networks=["127.0.0.0/8"])
    made = owner.post(f"{keys(acme, old.id)}/rotation", {"overlap_hours": 2})
    assert made.status_code == 201
    assert (made.json()["scopes"], made.json()["networks"]) == (["client:read"], ["127.0.0.0/8"])
    new = made.json()["key"]
    assert [with_key(text).get(home(acme)).status_code for text in (old.text, new)] == [200, 200]
    frozen_clock.tick(timedelta(hours=2))
    assert [with_key(text).get(home(acme)).status_code for text in (old.text, new)] == [401, 200]
    again = owner.post(f"{keys(acme, old.id)}/rotation", {})
    assert (again.status_code, again.json()["code"]) == (409, "api_key_not_live")


@pytest.mark.parametrize("scope", sorted(set(Capability) - KEY_SCOPES))
def test_no_key_admits_people_or_mints_keys(acme: ClientRef, owner: ValidatingClient, scope: str) -> None:
    """Such a key would outlive its own revocation; nobody can make one."""
    refused = owner.post(keys(acme), {"name": "evil", "scopes": [scope]})
    assert refused.status_code == 422
    with use_public():
        assert not ApiKey.objects.filter(name="evil").exists()


def test_a_scope_slipped_into_the_row_opens_nothing(acme: ClientRef, owner: ValidatingClient) -> None:
    """What keys may never do they cannot do even if the data says so."""
    machine = with_key(make_key(acme, scopes=set(Capability)).text)
    assert machine.post(keys(acme), {"name": "child", "scopes": ["kpi:read"]}).status_code == 403


def test_a_key_of_another_client_is_not_found(
    acme: ClientRef, globex: ClientRef, owner: ValidatingClient
) -> None:
    """An id of another client's key is nobody here, and stays alive."""
    foreign = make_key(globex)
    path = keys(acme, foreign.id)
    assert [owner.get(path).status_code, owner.delete(path).status_code] == [404, 404]
    assert owner.post(f"{path}/rotation", {}).status_code == 404
    assert with_key(foreign.text).get(home(globex)).status_code == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("scopes", []),
        ("scopes", ["no:such"]),
        ("networks", ["300.0.0.0/8"]),
        ("networks", ["10.0.0.1/8"]),
        ("expires_at", datetime(2020, 1, 1, tzinfo=UTC).isoformat()),
    ],
)
def test_a_key_s_particulars_are_checked(
    acme: ClientRef, owner: ValidatingClient, field: str, value: object
) -> None:
    """What cannot be is a 422 that points at the member."""
    answer = owner.post(keys(acme), {"name": "ERP", "scopes": ["kpi:read"], field: value})
    assert answer.status_code == 422
    assert {each["pointer"].split("/")[1] for each in answer.json()["errors"]} == {field}


def test_an_analyst_makes_no_keys(acme: ClientRef, as_role: Roles) -> None:
    """Keys are made by owners and managers."""
    for role, status in ((Role.OWNER, 201), (Role.MANAGER, 201), (Role.OPERATOR, 403), (Role.ANALYST, 403)):
        made = as_role(role).post(keys(acme), {"name": role.value, "scopes": ["kpi:read"]})
        assert made.status_code == status, role
