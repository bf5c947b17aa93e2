"""Sealed values open only where they were sealed; keys are wrapped, rotated and destroyed."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connections

from config.lib.redact import Secret
from tenants import crypto
from tenants.context import use_tenant
from tenants.crypto import CredentialUnavailable, derive, seal, unseal
from tenants.db.errors import NoTenantChosen
from tenants.types import ClientRef

PLACE: dict[str, Any] = {"table": "connectors_storeconnection", "row": 1, "field": "credential"}


@pytest.fixture
def keys(committed_db: None, owner_connection: psycopg.Connection, acme: ClientRef, globex: ClientRef) -> Any:
    """The clients' key rows are put back after a test that changes them."""
    rows = owner_connection.execute(
        "select id, kek_id, wrapped, shredded_at from tenants_clientkey"
    ).fetchall()
    yield owner_connection
    owner_connection.execute("delete from tenants_clientkey where id <> all(%s)", [[row[0] for row in rows]])
    for key_id, kek_id, wrapped, shredded_at in rows:
        owner_connection.execute(
            "update tenants_clientkey set kek_id = %s, wrapped = %s, shredded_at = %s where id = %s",
            [kek_id, wrapped, shredded_at, key_id],
        )


def test_a_value_comes_back_as_a_secret(in_acme: ClientRef) -> None:
    """Texts, bytes and secrets are sealed; what comes back shows itself only when told to."""
    for value in ("s3cret", "秘密\n", Secret("s3cret"), b"\x00\xff"):
        blob = seal(value, **PLACE)
        plain = value.reveal() if isinstance(value, Secret) else value
        raw = plain if isinstance(plain, bytes) else plain.encode()
        assert crypto.unseal_bytes(blob, **PLACE) == raw
        assert raw not in blob
    opened = unseal(memoryview(seal("s3cret", **PLACE)), **PLACE)
    assert opened == Secret("s3cret")
    assert "s3cret" not in f"{opened!r} {opened}"


def test_the_same_value_is_sealed_differently_each_time(in_acme: ClientRef) -> None:
    """A fresh nonce: equal secrets cannot be recognised."""
    assert len({seal("same", **PLACE) for _ in range(200)}) == 200


def _place(table: str, row: object, field: str) -> dict[str, Any]:
    return {"table": table, "row": row, "field": field}


def test_a_sealed_value_moved_anywhere_else_does_not_open(
    committed_db: None, acme: ClientRef, globex: ClientRef
) -> None:
    """Swap test: 1,000 random pairs of (client, table, row, field); only the own place opens."""
    rng = random.Random(7)
    places = [
        (client, _place(table, row, field))
        for client in (acme, globex)
        for table in ("a", "ab")
        for row in (1, 11, "1|f")
        for field in ("f", "1f", "credential")
    ]
    blobs = []
    for client, place in places:
        with use_tenant(client):
            blobs.append(seal("s", **place))
    rejected = 0
    for _ in range(1000):
        here, there = rng.sample(range(len(places)), 2)
        client, place = places[there]
        with use_tenant(client), pytest.raises(CredentialUnavailable):
            unseal(blobs[here], **place)
        rejected += 1
    assert rejected == 1000
    for blob, (client, place) in zip(blobs, places, strict=True):
        with use_tenant(client):
            assert unseal(blob, **place).reveal() == "s"


def test_every_single_flipped_bit_is_rejected(in_acme: ClientRef) -> None:
    """Format, key version, nonce, ciphertext and tag are all covered; so is every truncation."""
    blob = seal("s3cret", **PLACE)
    for bit in range(len(blob) * 8):
        damaged = bytearray(blob)
        damaged[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(CredentialUnavailable):
            unseal(bytes(damaged), **PLACE)
    for length in range(len(blob)):
        with pytest.raises(CredentialUnavailable):
            unseal(blob[:length], **PLACE)


def test_only_a_client_seals(public: ClientRef) -> None:
    """The public schema has no data key."""
    with pytest.raises(NoTenantChosen):
        seal("s", **PLACE)


def test_rotating_the_wrapping_key_interrupts_no_reader(
    keys: psycopg.Connection, acme: ClientRef, globex: ClientRef, settings: Any
) -> None:
    """Readers go on while keys are rewrapped; afterwards the old key is not needed, and was not before."""
    old = dict(settings.KEY_ENCRYPTION_KEYS)
    with use_tenant(acme):
        blob = seal("s3cret", **PLACE)
    settings.KEY_ENCRYPTION_KEYS = {"next": bytes(range(32)), **old}

    def read(_: int) -> int:
        try:
            with use_tenant(acme):
                return sum(unseal(blob, **PLACE).reveal() == "s3cret" for _ in range(100))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        reading = pool.map(read, range(4))
        assert crypto.rewrap_keys() == 2
        assert sum(reading) == 400
    assert crypto.rewrap_keys() == 0
    settings.KEY_ENCRYPTION_KEYS = {"next": bytes(range(32))}
    with use_tenant(acme):
        assert unseal(blob, **PLACE).reveal() == "s3cret"
    settings.KEY_ENCRYPTION_KEYS = old
    with use_tenant(acme), pytest.raises(CredentialUnavailable):
        unseal(blob, **PLACE)


def test_a_new_data_key_seals_and_the_old_one_still_opens(keys: psycopg.Connection, acme: ClientRef) -> None:
    """Rotation of the data key: old values stay readable, derived keys stay the same."""
    with use_tenant(acme):
        before, pepper = seal("old", **PLACE), derive("buyer_pepper")
    crypto.create_client_key(acme.id)
    with use_tenant(acme):
        after = seal("new", **PLACE)
        assert (before[1:5], after[1:5]) == (b"\0\0\0\1", b"\0\0\0\2")
        assert unseal(before, **PLACE).reveal() == "old"
        assert unseal(after, **PLACE).reveal() == "new"
        assert derive("buyer_pepper") == pepper


def test_a_wrapped_key_moved_to_another_client_does_not_open(
    keys: psycopg.Connection, acme: ClientRef, globex: ClientRef
) -> None:
    """The wrapping binds client and version, so key rows cannot be swapped."""
    with use_tenant(acme):
        blob = seal("s3cret", **PLACE)
    keys.execute(
        "update tenants_clientkey set wrapped = (select wrapped from tenants_clientkey where client_id = %s)"
        " where client_id = %s",
        [acme.id, globex.id],
    )
    with use_tenant(globex):
        for attempt in (lambda: unseal(blob, **PLACE), lambda: seal("mine", **PLACE), lambda: derive("p")):
            with pytest.raises(CredentialUnavailable):
                attempt()


def test_after_shredding_nothing_opens_and_nothing_can_be_sealed(
    keys: psycopg.Connection, acme: ClientRef, globex: ClientRef
) -> None:
    """All versions are destroyed at once, for this client only; the rows stay as evidence."""
    crypto.create_client_key(acme.id)
    blobs = {}
    for client in (acme, globex):
        with use_tenant(client):
            blobs[client.id] = seal("s3cret", **PLACE)
    assert crypto.shred(acme.id) == 2
    assert crypto.shred(acme.id) == 0
    with use_tenant(acme):
        for attempt in (
            lambda: unseal(blobs[acme.id], **PLACE),
            lambda: seal("x", **PLACE),
            lambda: derive("p"),
        ):
            with pytest.raises(CredentialUnavailable):
                attempt()
    with use_tenant(globex):
        assert unseal(blobs[globex.id], **PLACE).reveal() == "s3cret"
    rows = keys.execute(
        "select wrapped is null, shredded_at is not null from tenants_clientkey where client_id = %s",
        [acme.id],
    ).fetchall()
    assert rows == [(True, True), (True, True)]


def test_derived_keys_differ_by_purpose_and_client(
    committed_db: None, acme: ClientRef, globex: ClientRef
) -> None:
    """32 bytes each, stable, and never the same twice."""
    found = []
    for client in (acme, globex):
        with use_tenant(client):
            found += [derive("buyer_pepper"), derive("other")]
            assert derive("buyer_pepper") == found[-2]
    assert len(set(found)) == 4
    assert {len(key) for key in found} == {32}


def test_a_dump_without_the_wrapping_key_holds_no_secret(
    keys: psycopg.Connection, acme: ClientRef, settings: Any
) -> None:
    """Whoever has all tables and another key-encryption key of the same id opens nothing."""
    with use_tenant(acme):
        blob = seal("s3cret", **PLACE)
    settings.KEY_ENCRYPTION_KEYS = dict.fromkeys(settings.KEY_ENCRYPTION_KEYS, b"\x01" * 32)
    with use_tenant(acme), pytest.raises(CredentialUnavailable):
        unseal(blob, **PLACE)
