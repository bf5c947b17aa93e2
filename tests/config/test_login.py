"""Logging in by allauth's headless API, as this product configures it."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import get_user_model
from django.test import Client
from redis import Redis

from config.accounts import MFAAdapter
from tenants.context import use_public

EMAIL, PASSWORD = "ana@agency.example", "a-long-enough-passphrase"
AUTH = "/api/auth/app/v1"

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(redis: Redis) -> int:
    """Somebody with a password; `redis` starts the rate limits anew."""
    with use_public():
        return int(get_user_model().objects.create_user(EMAIL, PASSWORD).pk)


def post(client: Client, path: str, body: dict[str, Any], token: str = "") -> Any:
    """POST JSON with a session token."""
    headers = {"X-Session-Token": token} if token else {}
    return client.post(AUTH + path, body, content_type="application/json", headers=headers)


def log_in(client: Client, password: str = PASSWORD) -> Any:
    """The answer to an attempt."""
    return post(client, "/auth/login", {"email": EMAIL, "password": password})


def test_a_password_opens_a_session(client: Client, person: int) -> None:
    """The token works, and ends with the session."""
    answer = log_in(client)
    assert answer.status_code == 200, answer.content
    token = answer.json()["meta"]["session_token"]
    assert client.get(AUTH + "/auth/session", headers={"X-Session-Token": token}).status_code == 200
    client.delete(AUTH + "/auth/session", headers={"X-Session-Token": token})
    assert client.get(AUTH + "/auth/session", headers={"X-Session-Token": token}).status_code != 200


def test_a_wrong_password_opens_nothing_and_soon_waits(client: Client, person: int) -> None:
    """After five failures even the right password has to wait: guessing is slow."""
    assert [log_in(client, "wrong-password").status_code for _ in range(5)] == [400] * 5
    refused = log_in(client)
    assert refused.status_code in {400, 429}
    assert "too_many_login_attempts" in refused.content.decode()


def test_nobody_signs_up(client: Client, redis: Redis) -> None:
    """People are invited; an account without an invitation is not made."""
    answer = post(client, "/auth/signup", {"email": "new@evil.example", "password": PASSWORD})
    assert answer.status_code == 403
    with use_public():
        assert not get_user_model().objects.filter(email="new@evil.example").exists()


def test_a_second_factor_is_asked_for_and_stored_sealed(client: Client, person: int) -> None:
    """TOTP is switched on by whoever repeats the password; then a password alone opens nothing."""
    token = log_in(client).json()["meta"]["session_token"]
    offered = client.get(AUTH + "/account/authenticators/totp", headers={"X-Session-Token": token})
    secret = offered.json()["meta"]["secret"]

    def code() -> str:
        return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))

    with use_public():
        EmailAddress.objects.filter(user_id=person).update(verified=True)
    unconfirmed = post(client, "/account/authenticators/totp", {"code": code()}, token)
    assert unconfirmed.status_code == 401
    assert post(client, "/auth/reauthenticate", {"password": PASSWORD}, token).status_code == 200
    made = post(client, "/account/authenticators/totp", {"code": code()}, token)
    assert made.status_code == 200, made.content
    with use_public():
        stored = Authenticator.objects.get(user_id=person, type="totp").data["secret"]
    assert stored != secret
    assert MFAAdapter().decrypt(stored) == secret
    again = log_in(Client())
    assert again.status_code == 401
    assert "mfa_authenticate" in [flow["id"] for flow in again.json()["data"]["flows"]]
