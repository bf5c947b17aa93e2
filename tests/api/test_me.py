"""What people change of themselves, and that nobody else can."""

from __future__ import annotations

from typing import Any

import pytest

from tenants.context import use_public
from tenants.ledger.models import AuditEntry
from tenants.models import User
from tests.api.conftest import logged_in
from tests.api.validating import ValidatingClient
from tests.factories.people import make_person

ME = "/api/v1/me"

pytestmark = pytest.mark.django_db


def change(caller: ValidatingClient, body: Any, etag: str = "") -> Any:
    """PATCH with the present ETag, or another."""
    return caller.patch(ME, body, format="json", headers={"If-Match": etag or caller.get(ME)["ETag"]})


def entries() -> int:
    """How many changes of people the agency's ledger holds."""
    with use_public():
        return AuditEntry.objects.filter(verb="person.changed").count()


def test_people_change_how_they_are_called_and_read() -> None:
    """Name, language and time zone; the very next answer is in the new language, and the audit knows."""
    user_id = make_person(name="Ana")
    ana = logged_in(user_id)
    changed = change(ana, {"name": "Ana Sato", "locale": "ja", "time_zone": "Asia/Tokyo"})
    assert changed.status_code == 200
    me = ana.get(ME)
    assert me.json() == changed.json()
    assert me["ETag"] == changed["ETag"]
    assert (me.json()["name"], me.json()["locale"], me.json()["time_zone"]) == (
        "Ana Sato",
        "ja",
        "Asia/Tokyo",
    )
    assert me["Content-Language"] == "ja"
    with use_public():
        entry = AuditEntry.objects.filter(verb="person.changed").latest("seq")
    assert (entry.target_id, entry.actor_id) == (str(user_id), user_id)
    assert entry.before is not None
    assert entry.before["name"] == "Ana"


@pytest.mark.parametrize("given", ["zh-Hans", "zh-hans"])
def test_languages_are_tags_of_bcp_47(given: str) -> None:
    """Chinese is zh-Hans wherever it is told, also to a caller who still sends the former spelling."""
    person = logged_in(make_person(is_staff=False, locale="ja"))
    me = change(person, {"locale": given})
    assert me.status_code == 200
    assert me.json()["locale"] == person.get("/api/v1/me").json()["locale"] == "zh-Hans"
    assert person.get("/api/v1/me")["Content-Language"] == "zh-Hans"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"locale": "fr"}, "/locale"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"name": ""}, "/name"),
        ({"name": "x" * 151}, "/name"),
        ({"email": "other@example.com"}, "/email"),
        ({"is_staff_member": True}, "/is_staff_member"),
        ({"is_provider_owner": True}, "/is_provider_owner"),
    ],
)
def test_nothing_else_can_be_changed(body: dict[str, Any], pointer: str) -> None:
    """An unknown value or member is named, and nothing is changed."""
    user_id = make_person(is_staff=False)
    person = logged_in(user_id)
    with use_public():
        before = User.objects.filter(pk=user_id).values().get()
    refused = change(person, body)
    assert (refused.status_code, [each["pointer"] for each in refused.json()["errors"]]) == (422, [pointer])
    with use_public():
        assert User.objects.filter(pk=user_id).values().get() == before
    assert entries() == 0


def test_a_change_of_what_has_changed_is_refused() -> None:
    """An ETag read before another change is a 412, none is a 428; nothing is written."""
    ana = logged_in(make_person(name="Ana"))
    old = ana.get(ME)["ETag"]
    assert change(ana, {"name": "Anna"}).status_code == 200
    assert change(ana, {"name": "Anne"}, etag=old).status_code == 412
    assert ana.patch(ME, {"name": "Anne"}, format="json").status_code == 428
    assert ana.get(ME).json()["name"] == "Anna"
    assert entries() == 1


def test_no_change_is_no_entry() -> None:
    """What is equal already is answered alike and leaves no trace."""
    ana = logged_in(make_person(name="Ana"))
    assert change(ana, {"name": "Ana"}).status_code == 200
    assert change(ana, {}).status_code == 200
    assert entries() == 0
