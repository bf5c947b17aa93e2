"""Secrets at rest: a client has a data key, wrapped by a key-encryption key; a value is bound to its place.

A sealed value is AES-256-GCM under the client's data key with a random 96-bit nonce. Its additional data name
format, key version, client, table, row and field, so a ciphertext moved to another place does not open.
Whatever goes wrong (moved, damaged, shredded, unknown key) is one error, `CredentialUnavailable`: nothing
falls back to plain text. Layout: format (1 byte) | key version (4) | nonce (12) | ciphertext and tag.

Destroying a client's wrapped keys makes all its sealed values unreadable, in backups too as soon as these no
longer hold the wrapped keys: back up the table of keys apart from the rest, and for a shorter time.
"""

from __future__ import annotations

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from config.lib import clock
from config.lib.errors import AppError, gettext_noop
from config.lib.redact import Secret
from tenants.context import require_client
from tenants.models import ClientKey

OWNER = "owner"

_FORMAT = 1
_HEADER = struct.Struct(">BI")
_NONCE = 12
_KEY = 32


class CredentialUnavailable(AppError):
    """A sealed value cannot be opened: it was moved, damaged, or its key is gone."""

    code = "credential_unavailable"
    title = gettext_noop("The stored secret cannot be read")
    status = 409
    permanent = True
    default_remedy = gettext_noop("Enter the credential again.")


def seal(value: Secret | str | bytes, *, table: str, row: object, field: str) -> bytes:
    """Encrypt a value of the current client for exactly this field of this row."""
    plain = value.reveal() if isinstance(value, Secret) else value
    version, key = _newest_key()
    nonce = os.urandom(_NONCE)
    data = plain.encode() if isinstance(plain, str) else plain
    bound = _bound(version, table, row, field)
    return _HEADER.pack(_FORMAT, version) + nonce + AESGCM(key).encrypt(nonce, data, bound)


def unseal(blob: bytes | memoryview, *, table: str, row: object, field: str) -> Secret:
    """Decrypt a text that `seal` made in the same place for the same client; else `CredentialUnavailable`."""
    try:
        return Secret(unseal_bytes(blob, table=table, row=row, field=field).decode())
    except UnicodeDecodeError as error:
        raise CredentialUnavailable("the stored value is no text") from error


def unseal_bytes(blob: bytes | memoryview, *, table: str, row: object, field: str) -> bytes:
    """The same for bytes."""
    raw = bytes(blob)
    if len(raw) < _HEADER.size + _NONCE + 16:
        raise CredentialUnavailable("the stored value is too short")
    form, version = _HEADER.unpack_from(raw)
    if form != _FORMAT:
        raise CredentialUnavailable("the stored value has an unknown format")
    nonce, sealed = raw[_HEADER.size : _HEADER.size + _NONCE], raw[_HEADER.size + _NONCE :]
    try:
        return AESGCM(_key(version)).decrypt(nonce, sealed, _bound(version, table, row, field))
    except InvalidTag as error:
        raise CredentialUnavailable("the stored value does not belong here, or is damaged") from error


def derive(purpose: str) -> bytes:
    """A 32-byte key of the current client for one purpose (HKDF-SHA256, RFC 5869, of its first data key).

    It stays the same when the data key is rotated, so that peppered hashes keep their meaning.
    """
    info = f"tenants.derive|{require_client().id}|{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=info).derive(_key(1))


def create_client_key(client_id: int) -> None:
    """Give a client its next data key (version 1 for a new client), on the owner's connection.

    Values sealed before stay readable under their own version; new ones use the new key.
    """
    with transaction.atomic(using=OWNER):
        newest = (
            ClientKey.objects.using(OWNER)
            .select_for_update()
            .filter(client_id=client_id)
            .order_by("version")
            .last()
        )
        version = newest.version + 1 if newest else 1
        kek_id = next(iter(settings.KEY_ENCRYPTION_KEYS))
        wrapped = _wrap(os.urandom(_KEY), kek_id=kek_id, client_id=client_id, version=version)
        ClientKey.objects.using(OWNER).create(
            client_id=client_id, version=version, kek_id=kek_id, wrapped=wrapped
        )


def rewrap_keys() -> int:
    """Wrap every data key with the first key-encryption key; returns how many changed. Readers go on."""
    active = next(iter(settings.KEY_ENCRYPTION_KEYS))
    changed = 0
    keys = ClientKey.objects.using(OWNER).exclude(kek_id=active).filter(wrapped__isnull=False)
    for key_id in list(keys.values_list("id", flat=True)):
        with transaction.atomic(using=OWNER):
            row = ClientKey.objects.using(OWNER).select_for_update().get(id=key_id)
            if row.wrapped is None or row.kek_id == active:
                continue
            plain = _unwrap(row.wrapped, kek_id=row.kek_id, client_id=row.client_id, version=row.version)
            row.wrapped = _wrap(plain, kek_id=active, client_id=row.client_id, version=row.version)
            row.kek_id = active
            row.save(update_fields=["wrapped", "kek_id"])
            changed += 1
    return changed


def shred(client_id: int) -> int:
    """Destroy a client's data keys for good; returns how many. The rows stay as evidence."""
    keys = ClientKey.objects.using(OWNER).filter(client_id=client_id, wrapped__isnull=False)
    return keys.update(wrapped=None, shredded_at=clock.now())


def _newest_key() -> tuple[int, bytes]:
    client = require_client()
    row = ClientKey.objects.filter(client_id=client.id, wrapped__isnull=False).order_by("version").last()
    if row is None or row.wrapped is None:
        raise CredentialUnavailable("the client has no data key")
    return row.version, _unwrap(row.wrapped, kek_id=row.kek_id, client_id=client.id, version=row.version)


def _key(version: int) -> bytes:
    client = require_client()
    row = ClientKey.objects.filter(client_id=client.id, version=version).first()
    if row is None or row.wrapped is None:
        raise CredentialUnavailable("the client's data key is gone")
    return _unwrap(row.wrapped, kek_id=row.kek_id, client_id=client.id, version=version)


def _wrap(key: bytes, *, kek_id: str, client_id: int, version: int) -> bytes:
    nonce = os.urandom(_NONCE)
    wrapper = AESGCM(settings.KEY_ENCRYPTION_KEYS[kek_id])
    return nonce + wrapper.encrypt(nonce, key, _join("data-key", kek_id, client_id, version))


def _unwrap(wrapped: bytes | memoryview, *, kek_id: str, client_id: int, version: int) -> bytes:
    kek = settings.KEY_ENCRYPTION_KEYS.get(kek_id)
    if kek is None:
        raise CredentialUnavailable("the key that wraps the client's data key is not configured")
    raw = bytes(wrapped)
    try:
        bound = _join("data-key", kek_id, client_id, version)
        return AESGCM(kek).decrypt(raw[:_NONCE], raw[_NONCE:], bound)
    except InvalidTag as error:
        raise CredentialUnavailable("the client's data key does not open") from error


def _bound(version: int, table: str, row: object, field: str) -> bytes:
    return _join(_FORMAT, version, require_client().id, table, row, field)


def _join(*parts: object) -> bytes:
    """Parts with their lengths, so that no two lists of parts give the same bytes."""
    texts = [str(part).encode() for part in parts]
    return b"".join(struct.pack(">I", len(text)) + text for text in texts)
