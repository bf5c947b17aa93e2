"""How machines get, change and lose their keys to the current client.

A key's secret is shown once and kept only as a hash. Rotation makes a second key of the same rights and lets
the first one live on for an overlap, so that nothing breaks while the new one is rolled out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from config.lib import clock
from config.lib.errors import Conflict, Denied, FieldError, Invalid, gettext_noop
from config.lib.ids import join_key, new_key
from config.lib.redact import Secret
from tenants import audit
from tenants.context import require_client, use_public
from tenants.models import ApiKey
from tenants.permissions import KEY_SCOPES, Capability
from tenants.selectors.people import get_key
from tenants.types import ApiKeyView

KEY_KIND = "ak"


class KeyNotLive(Conflict):
    """The key is revoked or has expired; it cannot be rotated."""

    code = "api_key_not_live"
    title = gettext_noop("This API key has ended")
    default_remedy = gettext_noop("Make a new key.")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made, with the secret that is never shown again."""

    view: ApiKeyView
    secret: Secret


def hash_secret(secret: str) -> str:
    """SHA-256 of a key's secret; a slow hash adds nothing to 256 bits of randomness."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_key(
    *,
    name: str,
    scopes: Collection[Capability],
    networks: Collection[str] = (),
    expires_at: datetime | None = None,
    created_by_id: int | None,
    held: frozenset[Capability],
) -> NewKey:
    """Make a key to the current client. `held` are the maker's capabilities: nobody hands on what they lack.

    Raises Invalid for a scope that no key may have or an expiry in the past, Denied for a scope not held.
    """
    _require_grantable(scopes, held)
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid(
            "The key would have expired already.",
            errors=[FieldError("/expires_at", "This instant has passed.", "in_the_past")],
        )
    with transaction.atomic():
        key = _make(
            name=name,
            scopes=sorted(scopes),
            networks=sorted(networks),
            expires_at=expires_at,
            created_by_id=created_by_id,
        )
        audit.record("api_key.created", target=("api_key", key.view.id), after=_audited(key.view))
    return key


def revoke_key(*, key_id: int) -> ApiKeyView:
    """End a key of the current client at once; a key revoked before stays as it was. Raises NotFound."""
    client = require_client()
    with transaction.atomic():
        with use_public():
            before = _lock(client.id, key_id)
            if before.revoked_at is not None:
                return before
            ApiKey.objects.filter(pk=key_id).update(revoked_at=clock.now())
            after = get_key(client.id, key_id)
        audit.record(
            "api_key.revoked", target=("api_key", key_id), before=_audited(before), after=_audited(after)
        )
    return after


def rotate_key(*, key_id: int, overlap: timedelta, created_by_id: int | None) -> NewKey:
    """Make a successor of the same rights; the old key ends after `overlap`. Raises NotFound, KeyNotLive."""
    client = require_client()
    now = clock.now()
    with transaction.atomic():
        with use_public():
            old = _lock(client.id, key_id)
            if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= now):
                raise KeyNotLive
            ends = now + overlap
            ApiKey.objects.filter(pk=key_id).update(expires_at=min(ends, old.expires_at or ends))
        successor = _make(
            name=old.name,
            scopes=old.scopes,
            networks=old.networks,
            expires_at=old.expires_at,
            created_by_id=created_by_id,
        )
        audit.record(
            "api_key.rotated",
            target=("api_key", key_id),
            before=_audited(old),
            after={"successor": successor.view.id, "ends_at": ends.isoformat()},
        )
    return successor


def _make(
    *,
    name: str,
    scopes: list[str] | list[Capability],
    networks: list[str],
    expires_at: datetime | None,
    created_by_id: int | None,
) -> NewKey:
    client = require_client()
    prefix, secret = new_key(KEY_KIND)
    with use_public():
        row = ApiKey.objects.create(
            client_id=client.id,
            created_by_id=created_by_id,
            name=name,
            prefix=prefix,
            secret_hash=hash_secret(secret),
            scopes=[str(scope) for scope in scopes],
            networks=networks,
            expires_at=expires_at,
        )
        return NewKey(get_key(client.id, row.pk), Secret(join_key(KEY_KIND, prefix, secret)))


def _lock(client_id: int, key_id: int) -> ApiKeyView:
    ApiKey.objects.select_for_update().filter(client_id=client_id, pk=key_id).values_list("pk").first()
    return get_key(client_id, key_id)


def _require_grantable(scopes: Collection[Capability], held: frozenset[Capability]) -> None:
    ungrantable = sorted(set(scopes) - KEY_SCOPES)
    if ungrantable:
        names = ", ".join(ungrantable)
        raise Invalid(
            gettext("No API key may have: {names}.").format(names=names),
            errors=[
                FieldError(
                    "/scopes", gettext("Not for keys: {names}.").format(names=names), "scope_not_for_keys"
                )
            ],
        )
    lacking = sorted(set(scopes) - held)
    if lacking:
        told = gettext("You cannot hand on what you may not do yourself: {names}.")
        raise Denied(told.format(names=", ".join(lacking)))


def _audited(key: ApiKeyView) -> dict[str, object]:
    return {
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "networks": key.networks,
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
