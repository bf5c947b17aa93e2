"""People come in by allauth: session tokens and cookies, and every ending of a session holds at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client, override_settings

from tenants.context import use_public
from tenants.models import Membership, User
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.factories.people import PASSWORD, make_member, make_person

LOGIN = "/api/auth/app/v1/auth/login"
SESSION = "/api/auth/app/v1/auth/session"
ME = "/api/v1/me"

pytestmark = pytest.mark.django_db


def log_in(email: str, password: str = PASSWORD) -> Any:
    """Log in as an application would; return the answer."""
    return Client().post(LOGIN, {"email": email, "password": password}, content_type="application/json")


def session_of(email: str) -> ValidatingClient:
    """A client with the session token of a fresh login."""
    answer = log_in(email)
    assert answer.status_code == 200, answer.content
    return ValidatingClient(headers={"X-Session-Token": answer.json()["meta"]["session_token"]})


def test_login_me_logout(acme: ClientRef) -> None:
    """A login's token opens the API; after the logout the very next request is refused."""
    user_id, _ = make_member(acme, Role.ANALYST, email="ana@example.com")
    ana = session_of("ana@example.com")
    me = ana.get(ME)
    assert me.status_code == 200
    assert (me.json()["kind"], me.json()["id"], me.json()["email"]) == ("user", user_id, "ana@example.com")
    assert [(each["client"]["slug"], each["role"]) for each in me.json()["clients"]] == [("acme", "analyst")]
    assert ana.delete(SESSION).status_code == 401, "allauth answers a logout with the state: logged out"
    refused = ana.get(ME)
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"] == 'Bearer realm="api"'


def test_a_wrong_password_opens_nothing() -> None:
    """Neither a known nor an unknown address comes in without its password, and both are answered alike."""
    make_person(email="known@example.com")
    known, unknown = log_in("known@example.com", "wrong"), log_in("unknown@example.com", "wrong")
    assert known.status_code == unknown.status_code == 400
    assert known.json() == unknown.json()


def test_nobody_signs_up() -> None:
    """People are invited; the sign-up of allauth is closed."""
    answer = Client().post(
        "/api/auth/app/v1/auth/signup",
        {"email": "new@example.com", "password": PASSWORD},
        content_type="application/json",
    )
    assert answer.status_code == 403


def test_a_made_up_token_is_refused() -> None:
    """A session token that nobody was given is a 401."""
    assert ValidatingClient(headers={"X-Session-Token": "x" * 32}).get(ME).status_code == 401


def test_a_deactivated_person_is_out_at_once(acme: ClientRef) -> None:
    """Deactivation holds from the next request on, in a session that was opened before."""
    user_id, _ = make_member(acme, Role.OWNER, email="gone@example.com")
    gone = session_of("gone@example.com")
    assert gone.get(ME).status_code == 200
    with use_public():
        User.objects.filter(pk=user_id).update(is_active=False)
    assert gone.get(ME).status_code == 401


def test_a_removed_member_reads_nothing_more(acme: ClientRef) -> None:
    """RELIABILITY T5: a membership taken away holds from the next request on."""
    _, membership_id = make_member(acme, Role.MANAGER, email="left@example.com")
    left = session_of("left@example.com")
    path = f"/api/v1/clients/{acme.slug}"
    assert left.get(path).status_code == 200
    with use_public():
        Membership.objects.filter(pk=membership_id).update(role=Role.OPERATOR)
    assert left.get(f"{path}/audit").status_code == 403
    with use_public():
        Membership.objects.filter(pk=membership_id).delete()
    assert left.get(path).status_code == 404


def test_a_browser_needs_its_csrf_token(acme: ClientRef) -> None:
    """The cookie alone reads; a write by cookie needs the CSRF token, and without it nothing is written."""
    user_id, _ = make_member(acme, Role.OWNER)
    browser = ValidatingClient(enforce_csrf_checks=True)
    with use_public():
        browser.force_login(User.objects.get(pk=user_id))
    assert browser.get(ME).status_code == 200
    path = f"/api/v1/clients/{acme.slug}/members"
    refused = browser.post(path, {"email": "x@example.com", "role": "analyst"})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    with use_public():
        assert not User.objects.filter(email="x@example.com").exists()


def test_a_staff_role_on_a_client_login_opens_nothing(acme: ClientRef) -> None:
    """Should the data ever hold a staff role for a client's login, it counts for nothing."""
    user_id = make_person(is_staff=False)
    make_member(acme, Role.OWNER, user_id=user_id)
    browser = ValidatingClient()
    with use_public():
        browser.force_login(User.objects.get(pk=user_id))
    assert browser.get(f"/api/v1/clients/{acme.slug}").status_code == 404
    assert browser.get(ME).json()["clients"] == []


@override_settings(STAFF_TOTP_REQUIRED=True)
def test_staff_need_a_second_factor_where_the_deployment_says_so(acme: ClientRef) -> None:
    """With STAFF_TOTP_REQUIRED a password alone does not open the API to staff; client logins are let in."""
    make_member(acme, Role.OWNER, email="staff@example.com")
    make_member(acme, Role.CLIENT_ADMIN, email="login@example.com")
    refused = session_of("staff@example.com").get(ME)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")
    assert session_of("login@example.com").get(ME).status_code == 200


def test_an_invited_person_sets_a_password_and_comes_in(
    acme: ClientRef, owner: ValidatingClient, mailoutbox: list[EmailMessage]
) -> None:
    """From the invitation to the first request: admitted without a password, one set by the mailed key."""
    invited = {"email": "invited@example.com", "role": "client_viewer"}
    assert owner.post(f"/api/v1/clients/{acme.slug}/members", invited).status_code == 201
    assert log_in(invited["email"]).status_code == 400
    browser = Client()
    asked = browser.post(
        "/api/auth/app/v1/auth/password/request", {"email": invited["email"]}, content_type="application/json"
    )
    assert asked.status_code == 200
    key = re.search(r"/account/password/reset/(\S+)", str(mailoutbox[-1].body))
    assert key is not None
    browser.post(
        "/api/auth/app/v1/auth/password/reset",
        {"key": key[1], "password": PASSWORD},
        content_type="application/json",
    )
    me = session_of(invited["email"]).get(ME).json()
    assert [(each["client"]["slug"], each["role"]) for each in me["clients"]] == [("acme", "client_viewer")]
