"""Callers of the API for tests: a login per role, keys, and nobody; all speak through ValidatingClient."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest
from django.contrib.auth import get_user_model

from tenants.context import use_public
from tenants.permissions import KEY_SCOPES, Capability
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.factories.people import make_key, make_member, make_person


def logged_in(user_id: int) -> ValidatingClient:
    """A client with the session of this person."""
    client = ValidatingClient()
    with use_public():
        client.force_login(get_user_model().objects.get(pk=user_id))
    return client


def with_key(text: str) -> ValidatingClient:
    """A client that sends this API key."""
    return ValidatingClient(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture(autouse=True)
def _fresh_limits(redis: object) -> None:
    """No test meets the request counts of another."""


@pytest.fixture
def anonymous(db: None) -> ValidatingClient:
    """Nobody."""
    return ValidatingClient()


@pytest.fixture
def as_role(db: None, acme: ClientRef) -> Callable[..., ValidatingClient]:
    """`as_role(Role.MANAGER)`: a new person with that role at acme (or another client), logged in."""

    def make(role: Role, client: ClientRef = acme) -> ValidatingClient:
        return logged_in(make_member(client, role)[0])

    return make


@pytest.fixture
def as_key(db: None, acme: ClientRef) -> Callable[..., ValidatingClient]:
    """`as_key({Capability.X})`: a machine with a new key to acme (or another client) with those scopes."""

    def make(scopes: Collection[Capability] = KEY_SCOPES, client: ClientRef = acme) -> ValidatingClient:
        return with_key(make_key(client, scopes=scopes).text)

    return make


@pytest.fixture
def outsider(db: None) -> ValidatingClient:
    """Staff of the agency without any membership."""
    return logged_in(make_person(is_staff=True))


@pytest.fixture
def provider_owner(db: None) -> ValidatingClient:
    """The owner of the deployment, who has no membership and needs none."""
    return logged_in(make_person(is_staff=True, is_owner=True))


@pytest.fixture
def owner(as_role: Callable[..., ValidatingClient]) -> ValidatingClient:
    """An owner of acme."""
    return as_role(Role.OWNER)


@pytest.fixture
def client_admin(as_role: Callable[..., ValidatingClient]) -> ValidatingClient:
    """The client's own administrator of acme."""
    return as_role(Role.CLIENT_ADMIN)
