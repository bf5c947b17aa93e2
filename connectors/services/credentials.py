"""How a credential is kept: sealed for its client, connection and field; opened to be used, never shown."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from django.db import transaction

from config.lib.errors import FieldError, Invalid
from config.lib.redact import Secret
from connectors.engine.errors import AttentionNeeded
from connectors.engine.protocol import ConnectorSpec
from connectors.models import StoreConnection
from connectors.registry import get_spec
from connectors.selectors.connections import get_connection
from connectors.services.tokens import token_vault
from connectors.types import ConnectionState
from connectors.values import ConnectionView
from tenants import audit, crypto

_TABLE = StoreConnection._meta.db_table
_FIELD = "credential"
_MAX_LENGTH = 4096


def check_credential(spec: ConnectorSpec, credential: Mapping[str, Secret]) -> None:
    """Refuse a credential that lacks a field of the platform, or has one it does not know (`Invalid`)."""
    check_fields(
        known=spec.auth.credential_fields,
        given={name: value.reveal() for name, value in credential.items()},
        pointer="/credential",
    )


def check_fields(*, known: tuple[str, ...], given: Mapping[str, str], pointer: str) -> None:
    """Refuse missing, empty, unknown and overlong fields, all at once (`Invalid`), without their values."""
    errors = [
        FieldError(f"{pointer}/{name}", "This field is required.", "required")
        for name in known
        if not given.get(name, "").strip()
    ]
    errors += [
        FieldError(
            f"{pointer}/{name}", f"Unknown field; known: {', '.join(known) or 'none'}.", "unknown_field"
        )
        for name in given
        if name not in known
    ]
    errors += [
        FieldError(f"{pointer}/{name}", f"Longer than {_MAX_LENGTH} characters.", "max_length")
        for name, value in given.items()
        if len(value) > _MAX_LENGTH
    ]
    if errors:
        raise Invalid(errors=errors)


def seal_credential(*, connection_id: int, credential: Mapping[str, Secret]) -> None:
    """Write the credential of a connection, sealed, in the caller's transaction."""
    plain = orjson.dumps({name: value.reveal() for name, value in credential.items()})
    sealed = crypto.seal(plain, table=_TABLE, row=connection_id, field=_FIELD)
    StoreConnection.objects.filter(pk=connection_id).update(credential=sealed)


def open_credential(*, connection_id: int) -> dict[str, Secret]:
    """Return a connection's credential for use. `AttentionNeeded` if there is none or it cannot be opened."""
    blob = StoreConnection.objects.values_list("credential", flat=True).filter(pk=connection_id).first()
    if blob is None:
        raise AttentionNeeded("The connection has no credential.", reason="credential_missing")
    try:
        plain = crypto.unseal(bytes(blob), table=_TABLE, row=connection_id, field=_FIELD)
    except crypto.CredentialUnavailable as error:
        raise AttentionNeeded(
            "The stored credential cannot be opened.", reason="credential_unavailable"
        ) from error
    return {name: Secret(value) for name, value in orjson.loads(plain.reveal()).items()}


def rotate_credential(*, connection_id: int, credential: Mapping[str, Secret]) -> ConnectionView:
    """Replace a connection's credential and take it back into service. `Invalid` names bad fields."""
    with transaction.atomic():
        before = get_connection(connection_id, for_update=True)
        check_credential(get_spec(before.platform), credential)
        seal_credential(connection_id=connection_id, credential=credential)
        StoreConnection.objects.filter(pk=connection_id).update(
            state=ConnectionState.ACTIVE, attention=None, version=before.version + 1
        )
        after = get_connection(connection_id)
        audit.record(
            "connection.credential_rotated",
            target=("connection", connection_id),
            before={"state": before.state, "version": before.version},
            after={"state": after.state, "version": after.version, "fields": sorted(credential)},
        )
        # A token bought with the old credential must not outlive it.
        transaction.on_commit(token_vault(connection_id=connection_id).forget)
    return after
