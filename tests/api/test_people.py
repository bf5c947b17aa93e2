"""Members and clients over the API: ranks, last owners, kinds of people, and new clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tenants.context import use_public, use_tenant
from tenants.ledger.models import AuditEntry
from tenants.models import Client, Membership, User
from tenants.types import ClientRef, Role
from tests.api.conftest import logged_in
from tests.api.validating import ValidatingClient
from tests.factories.people import make_member, make_person

Roles = Callable[..., ValidatingClient]

pytestmark = pytest.mark.django_db


def members(client: ClientRef, member: int | None = None) -> str:
    base = f"/api/v1/clients/{client.slug}/members"
    return base if member is None else f"{base}/{member}"


def last_entry(client: ClientRef, verb: str) -> AuditEntry:
    with use_tenant(client):
        return AuditEntry.objects.filter(verb=verb).latest("seq")


def change(caller: ValidatingClient, path: str, body: Any) -> Any:
    """PATCH with the present version."""
    return caller.patch(path, body, format="json", headers={"If-Match": caller.get(path)["ETag"]})


def test_a_member_is_admitted_changed_and_let_go(acme: ClientRef, owner: ValidatingClient) -> None:
    """Each step is seen in the list and in the client's audit, with before and after."""
    made = owner.post(members(acme), {"email": "Ana@Example.com", "name": "Ana", "role": "analyst"})
    assert made.status_code == 201
    ana = made.json()
    assert (ana["email"], ana["role"], made["Location"]) == (
        "ana@example.com",
        "analyst",
        members(acme, ana["id"]),
    )
    changed = change(owner, made["Location"], {"role": "operator"})
    assert (changed.status_code, changed.json()["role"], changed.json()["version"]) == (200, "operator", 2)
    entry = last_entry(acme, "member.changed")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["role"], entry.after["role"]) == ("analyst", "operator")
    assert owner.delete(made["Location"]).status_code == 204
    assert ana["id"] not in [each["id"] for each in owner.get(members(acme)).json()["data"]]
    assert last_entry(acme, "member.removed").actor_kind == "user"
    with use_public():
        assert User.objects.filter(email="ana@example.com").exists(), "the person stays"


def test_nobody_deals_with_a_rank_above_their_own(acme: ClientRef, as_role: Roles) -> None:
    """A manager neither appoints an owner, nor changes one, nor lets one go; nothing changes."""
    manager = as_role(Role.MANAGER)
    _, owner_membership = make_member(acme, Role.OWNER)
    make_member(acme, Role.OWNER)
    _, analyst = make_member(acme, Role.ANALYST)
    path = members(acme, owner_membership)
    refusals = [
        manager.post(members(acme), {"email": "boss@example.com", "role": "owner"}),
        change(manager, path, {"role": "analyst"}),
        change(manager, members(acme, analyst), {"role": "owner"}),
        manager.delete(path),
    ]
    assert {(each.status_code, each.json()["code"]) for each in refusals} == {(403, "rank_too_low")}
    with use_public():
        assert Membership.objects.get(pk=owner_membership).role == "owner"
        assert Membership.objects.get(pk=analyst).role == "analyst"
        assert not User.objects.filter(email="boss@example.com").exists()


def test_the_last_owner_stays(acme: ClientRef) -> None:
    """The last owner can neither leave nor step down; with a second one, the first may."""
    user_id, membership = make_member(acme, Role.OWNER)
    owner, path = logged_in(user_id), members(acme, membership)
    for refused in (owner.delete(path), change(owner, path, {"role": "manager"})):
        assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    make_member(acme, Role.OWNER)
    assert owner.delete(path).status_code == 204
    assert owner.get(path).status_code == 404


@pytest.mark.parametrize(
    ("is_staff", "role"),
    [(True, "client_admin"), (True, "client_viewer"), (False, "owner"), (False, "analyst")],
)
def test_staff_and_client_logins_do_not_mix(
    acme: ClientRef, owner: ValidatingClient, is_staff: bool, role: str
) -> None:
    """Agency staff never hold a client's role, client logins never a staff role."""
    user_id = make_person(email="mixed@example.com", is_staff=is_staff)
    refused = owner.post(members(acme), {"email": "mixed@example.com", "role": role})
    assert refused.status_code == 422
    assert [each["code"] for each in refused.json()["errors"]] == ["role_unfit"]
    with use_public():
        assert not Membership.objects.filter(user_id=user_id).exists()


def test_a_member_of_another_client_is_not_found(
    acme: ClientRef, globex: ClientRef, owner: ValidatingClient
) -> None:
    """An id of another client's membership is nobody here, for reading, changing and removing."""
    _, foreign = make_member(globex, Role.ANALYST)
    path = members(acme, foreign)
    assert owner.get(path).status_code == 404
    any_version = {"If-Match": "*"}
    assert owner.patch(path, {"role": "operator"}, format="json", headers=any_version).status_code == 404
    assert owner.delete(path).status_code == 404
    with use_public():
        assert Membership.objects.get(pk=foreign).role == "analyst"


def test_a_person_is_a_member_once(acme: ClientRef, owner: ValidatingClient) -> None:
    """The second admission, in another spelling of the address, is a conflict."""
    owner.post(members(acme), {"email": "one@example.com", "role": "analyst"})
    again = owner.post(members(acme), {"email": "ONE@example.com", "role": "operator"})
    assert (again.status_code, again.json()["code"]) == (409, "member_exists")


def test_staff_make_a_client(public: ClientRef) -> None:
    """202 with a job to poll; the maker is its owner; until the job is done nobody works with it."""
    maker_id = make_person()
    maker, other = logged_in(maker_id), logged_in(make_person())
    body = {
        "slug": "initech",
        "name": "Initech",
        "reporting_currency": "MXN",
        "time_zone": "America/Mexico_City",
    }
    made = maker.post("/api/v1/clients", body)
    assert made.status_code == 202
    assert made["Location"] == f"/api/v1/jobs/{made.json()['id']}"
    assert int(made["Retry-After"]) > 0
    job = maker.get(made["Location"])
    assert (job.status_code, job.json()["state"]) == (200, "queued")
    assert other.get(made["Location"]).status_code == 404, "only its creator and the owners may poll"
    listed = maker.get("/api/v1/clients").json()["data"]
    assert [(each["slug"], each["state"], each["reporting_currency"]) for each in listed] == [
        ("initech", "preparing", "MXN")
    ]
    closed = maker.get("/api/v1/clients/initech")
    assert (closed.status_code, closed.json()["code"]) == (409, "client_not_ready")
    assert other.get("/api/v1/clients/initech").status_code == 404
    assert Membership.objects.get(user_id=maker_id).role == "owner"


def test_a_slug_is_taken_once(acme: ClientRef, outsider: ValidatingClient) -> None:
    """A second client of the same slug is a conflict and leaves nothing."""
    with use_public():
        before = Client.objects.count()
    refused = outsider.post("/api/v1/clients", {"slug": acme.slug, "name": "Copy"})
    assert (refused.status_code, refused.json()["code"]) == (409, "slug_taken")
    with use_public():
        assert Client.objects.count() == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("slug", each) for each in ("ab", "Upper", "9lives", "end-", "a" * 41, "a_b", "")),
        ("name", ""),
        ("reporting_currency", "XXQ"),
        ("time_zone", "Mars/Olympus"),
        ("locale", "tlh"),
        ("week_start", 8),
    ],
)
def test_a_client_s_particulars_are_checked(outsider: ValidatingClient, field: str, value: object) -> None:
    """What cannot be is a 422 that points at the member."""
    answer = outsider.post("/api/v1/clients", {"slug": "fine", "name": "Fine", field: value})
    assert answer.status_code == 422
    assert {each["pointer"] for each in answer.json()["errors"]} == {f"/{field}"}


def test_a_suspended_client_is_closed(acme: ClientRef, owner: ValidatingClient) -> None:
    """Nobody works with a client that is not active, and its people are told why."""
    with use_public():
        Client.objects.filter(pk=acme.id).update(state="suspended")
    refused = owner.get(f"/api/v1/clients/{acme.slug}/members")
    assert (refused.status_code, refused.json()["code"]) == (409, "client_not_ready")


def test_lists_are_paged(acme: ClientRef, owner: ValidatingClient) -> None:
    """Following `next` shows everybody once, in order, and `prev` leads back."""
    for _ in range(6):
        make_member(acme, Role.ANALYST)
    path, seen, pages = f"{members(acme)}?limit=3&count=exact", [], []
    while path:
        answer = owner.get(path)
        pages.append(answer.json())
        seen += [each["id"] for each in answer.json()["data"]]
        cursor = answer.json()["page"]["next"]
        assert (cursor is not None) == ('rel="next"' in answer.headers.get("Link", ""))
        path = f"{members(acme)}?limit=3&count=exact&cursor={cursor}" if cursor else ""
    assert seen == sorted(seen)
    assert len(seen) == len(set(seen)) == pages[0]["page"]["count"] == 7
    back = owner.get(f"{members(acme)}?limit=3&cursor={pages[1]['page']['prev']}").json()
    assert back["data"] == pages[0]["data"]


def test_the_agency_is_shown_to_staff(outsider: ValidatingClient, client_admin: ValidatingClient) -> None:
    """Staff see which agency they work for; client logins do not."""
    assert outsider.get("/api/v1/provider").json()["reporting_currency"] == "USD"
    assert client_admin.get("/api/v1/provider").status_code == 403
