"""People, memberships and keys for tests, written as the product does but without an actor or audit."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from config.lib.ids import join_key, new_key
from tenants.context import use_public
from tenants.models import ApiKey, Membership, User
from tenants.permissions import KEY_SCOPES, Capability
from tenants.services.tokens import KEY_KIND, hash_secret
from tenants.types import STAFF_ROLES, ClientRef, Role

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key of a test: its row's id and the whole text that a machine would send."""

    id: int
    prefix: str
    text: str


def make_person(
    *,
    email: str = "",
    is_staff: bool = True,
    is_owner: bool = False,
    name: str = "",
    is_active: bool = True,
    locale: str = "en",
) -> int:
    """Save a person who can log in with PASSWORD; return the id. They read English, as the tests do."""
    email = email or f"person-{next(_numbers)}@example.com"
    with use_public():
        return User.objects.create_user(
            email,
            PASSWORD,
            name=name or email.partition("@")[0],
            is_staff_member=is_staff,
            is_provider_owner=is_owner,
            is_active=is_active,
            locale=locale,
        ).pk


def make_member(
    client: ClientRef, role: Role, *, user_id: int | None = None, email: str = ""
) -> tuple[int, int]:
    """Make somebody (by default a new person of the fitting kind) a member; return user and membership id."""
    who = user_id or make_person(email=email, is_staff=role in STAFF_ROLES)
    with use_public():
        return who, Membership.objects.create(user_id=who, client_id=client.id, role=role).pk


def make_key(
    client: ClientRef,
    *,
    scopes: Collection[Capability] = KEY_SCOPES,
    networks: Collection[str] = (),
    expires_at: datetime | None = None,
    revoked_at: datetime | None = None,
    name: str = "test key",
) -> MadeKey:
    """Save a key to the client."""
    prefix, secret = new_key(KEY_KIND)
    with use_public():
        row = ApiKey.objects.create(
            client_id=client.id,
            name=name,
            prefix=prefix,
            secret_hash=hash_secret(secret),
            scopes=sorted(scopes),
            networks=list(networks),
            expires_at=expires_at,
            revoked_at=revoked_at,
        )
    return MadeKey(row.pk, prefix, join_key(KEY_KIND, prefix, secret))
