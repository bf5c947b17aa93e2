"""Access tokens of single-page applications: what they open, how they are renewed, and every way they end."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import Client, override_settings

from tenants.context import use_public
from tenants.models import Membership, User
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.factories.people import PASSWORD, make_member, make_person

AUTH = "/api/auth/app/v1"
ME = "/api/v1/me"

pytestmark = pytest.mark.django_db


def log_in(email: str) -> dict[str, str]:
    """The tokens of a fresh login: access_token, refresh_token, session_token."""
    body = {"email": email, "password": PASSWORD}
    answer = Client().post(f"{AUTH}/auth/login", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    meta: dict[str, str] = answer.json()["meta"]
    return meta


def bearing(token: str) -> ValidatingClient:
    """A client that sends this access token."""
    return ValidatingClient(headers={"Authorization": f"Bearer {token}"})


def renew(refresh_token: str) -> Any:
    """The answer to a refresh token."""
    body = {"refresh_token": refresh_token}
    return Client().post(f"{AUTH}/tokens/refresh", body, content_type="application/json")


@pytest.fixture
def ana(acme: ClientRef) -> dict[str, str]:
    """The tokens of an analyst of acme."""
    make_member(acme, Role.ANALYST, email="ana@example.com")
    return log_in("ana@example.com")


def test_an_access_token_opens_the_api(acme: ClientRef, ana: dict[str, str]) -> None:
    """Like the session it belongs to, for reading and for writing, and in allauth's own endpoints."""
    spa = bearing(ana["access_token"])
    assert spa.get(ME).json()["email"] == "ana@example.com"
    assert spa.get(f"/api/v1/clients/{acme.slug}").status_code == 200
    denied = spa.post(f"/api/v1/clients/{acme.slug}/members", {"email": "x@example.com", "role": "analyst"})
    assert (denied.status_code, denied.json()["code"]) == (403, "permission_denied")
    assert spa.get(f"{AUTH}/auth/session").json()["data"]["user"]["email"] == "ana@example.com"


def test_it_lives_for_minutes_and_names_no_rights(ana: dict[str, str]) -> None:
    """A token that leaks tells nothing of roles or clients, and holds no session key."""
    claims = jwt.decode(ana["access_token"], options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] <= 300
    assert set(claims) == {"iat", "exp", "sid", "jti", "token_use", "sub", "aud"}
    assert ana["session_token"] not in ana["access_token"]


def forged(token: str, *, key: str | None = "", algorithm: str = "HS256", **claims: Any) -> str:
    """The same token with other claims, signed by `key` (by default our own)."""
    told = {**jwt.decode(token, options={"verify_signature": False}), **claims}
    kept = {name: value for name, value in told.items() if value is not None}
    return jwt.encode(kept, settings.HEADLESS_JWT_PRIVATE_KEY if key == "" else key, algorithm)


FORGERIES: dict[str, Callable[[str], str]] = {
    "alg none": lambda token: forged(token, key=None, algorithm="none"),
    "signature cut off": lambda token: token.rpartition(".")[0] + ".",
    "wrong key": lambda token: forged(token, key="k" * 64),
    "the secret key itself": lambda token: forged(token, key=settings.SECRET_KEY),
    "another algorithm": lambda token: forged(token, algorithm="HS384"),
    "expired": lambda token: forged(token, exp=int(time.time()) - 1),
    "another audience": lambda token: forged(token, aud="warehouse"),
    "several audiences": lambda token: forged(token, aud=["api", "warehouse"]),
    "no audience": lambda token: forged(token, aud=None),
    "a refresh token": lambda token: forged(token, token_use="refresh"),
    "no session": lambda token: forged(token, sid=None),
    "a made-up session": lambda token: forged(token, sid="eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4"),
    "another person": lambda token: forged(token, sub="999999"),
    "no token": lambda token: "three.small.parts",
}


def test_the_forger_can_sign(ana: dict[str, str]) -> None:
    """The forgeries below fail for what they change, and not because they were not signed well."""
    assert bearing(forged(ana["access_token"])).get(ME).status_code == 200


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_token_opens_nothing(forge: Callable[[str], str], ana: dict[str, str]) -> None:
    """A 401 here and nobody in allauth, although the session is there."""
    spa = bearing(forge(ana["access_token"]))
    refused = spa.get(ME)
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
    assert spa.get(f"{AUTH}/auth/session").status_code == 401


def test_the_real_refresh_token_is_no_access_token(ana: dict[str, str]) -> None:
    """It is longer-lived and may only be exchanged."""
    assert bearing(ana["refresh_token"]).get(ME).status_code == 401
    assert renew(ana["access_token"]).status_code == 400


def test_a_logout_holds_at_once(ana: dict[str, str]) -> None:
    """Signature and date of the token are still good; its session is not, nor can it be renewed."""
    spa = bearing(ana["access_token"])
    assert spa.delete(f"{AUTH}/auth/session").status_code == 401
    assert spa.get(ME).status_code == 401
    assert renew(ana["refresh_token"]).status_code == 400


def test_rights_are_read_at_every_request(acme: ClientRef, ana: dict[str, str]) -> None:
    """Another role, a lost membership, a deactivation: from the next request on."""
    spa, path = bearing(ana["access_token"]), f"/api/v1/clients/{acme.slug}"
    assert spa.get(f"{path}/audit").status_code == 403
    with use_public():
        Membership.objects.filter(user__email="ana@example.com").update(role=Role.MANAGER)
    assert spa.get(f"{path}/audit").status_code == 200
    with use_public():
        Membership.objects.filter(user__email="ana@example.com").delete()
    assert spa.get(path).status_code == 404
    with use_public():
        User.objects.filter(email="ana@example.com").update(is_active=False)
    assert spa.get(ME).status_code == 401
    assert renew(ana["refresh_token"]).status_code == 400


def test_another_password_ends_other_sessions(ana: dict[str, str]) -> None:
    """Whoever knew the old password is out."""
    with use_public():
        person = User.objects.get(email="ana@example.com")
        person.set_password("another long passphrase")
        person.save()
    assert bearing(ana["access_token"]).get(ME).status_code == 401


def test_refreshing_rotates(ana: dict[str, str]) -> None:
    """Each refresh gives a new pair that works; the session stays one and the same."""
    first = renew(ana["refresh_token"]).json()["data"]
    assert first["refresh_token"] != ana["refresh_token"]
    assert bearing(first["access_token"]).get(ME).status_code == 200
    second = renew(first["refresh_token"]).json()["data"]
    assert bearing(second["access_token"]).get(ME).status_code == 200


def test_a_refresh_token_used_twice_ends_the_session(ana: dict[str, str]) -> None:
    """Thief or owner, one of them has a copy: nothing of this session works any more."""
    fresh = renew(ana["refresh_token"]).json()["data"]
    assert renew(ana["refresh_token"]).status_code == 400
    assert bearing(fresh["access_token"]).get(ME).status_code == 401
    assert renew(fresh["refresh_token"]).status_code == 400


@override_settings(STAFF_TOTP_REQUIRED=True)
def test_a_token_is_no_way_around_the_second_factor(ana: dict[str, str]) -> None:
    """What the session lacks, its token lacks too."""
    refused = bearing(ana["access_token"]).get(ME)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_required")


def test_people_see_and_end_their_sessions(ana: dict[str, str]) -> None:
    """Another device's session is listed and can be ended; its tokens fail at the very next request."""
    other = log_in("ana@example.com")
    spa = bearing(ana["access_token"])
    sessions = spa.get(f"{AUTH}/auth/sessions").json()["data"]
    assert len(sessions) == 2
    assert {"id", "ip", "user_agent", "created_at", "is_current"} <= set(sessions[0])
    (theirs,) = [each["id"] for each in sessions if not each["is_current"]]
    left = spa.delete(f"{AUTH}/auth/sessions", {"sessions": [theirs]}, format="json")
    assert [each["is_current"] for each in left.json()["data"]] == [True]
    assert bearing(other["access_token"]).get(ME).status_code == 401
    assert ValidatingClient(headers={"X-Session-Token": other["session_token"]}).get(ME).status_code == 401
    assert spa.get(ME).status_code == 200


def test_nobody_ends_the_session_of_another(ana: dict[str, str]) -> None:
    """An id of somebody else's session is refused and that session lives on."""
    make_person(email="ben@example.com")
    ben = bearing(log_in("ben@example.com")["access_token"])
    (his,) = ben.get(f"{AUTH}/auth/sessions").json()["data"]
    spa = bearing(ana["access_token"])
    refused = spa.delete(f"{AUTH}/auth/sessions", {"sessions": [his["id"]]}, format="json")
    assert refused.status_code == 400
    assert ben.get(ME).status_code == 200
