"""How a client's platforms are connected: connections made, renamed, paused; stores attached to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, PreconditionFailed
from config.lib.redact import Secret
from connectors.engine.errors import AttentionNeeded, problem_of
from connectors.engine.protocol import ConnectorSpec, Marketplace
from connectors.models import Store, StoreConnection
from connectors.registry import get_spec
from connectors.selectors.connections import get_connection
from connectors.selectors.stores import get_store, opens_stores
from connectors.services.credentials import check_credential, check_fields, seal_credential
from connectors.services.events import Event
from connectors.types import ConnectionState, StoreRef
from connectors.values import ConnectionView
from tenants import audit
from tenants.outbox import emit

MAX_BACKFILL_DAYS = 730


def create_connection(
    *, platform: str, name: str, account: Mapping[str, str], credential: Mapping[str, Secret]
) -> ConnectionView:
    """Store an authorisation at a platform. `Invalid` names every field the platform does not take or misses.

    A platform that knows no read-only grant leaves its warning on the connection.
    """
    spec = get_spec(platform)
    check_fields(known=spec.account_fields, given=account, pointer="/account")
    check_credential(spec, credential)
    with transaction.atomic():
        row = StoreConnection.objects.create(
            platform=platform, name=name, account=dict(account), warnings=_warnings(spec)
        )
        seal_credential(connection_id=row.pk, credential=credential)
        created = get_connection(row.pk)
        audit.record("connection.created", target=("connection", row.pk), after=_shown(created))
    return created


def update_connection(
    *, connection_id: int, version: int, name: str | None = None, state: ConnectionState | None = None
) -> ConnectionView:
    """Rename a connection, or take it out of service (revoked) and back (active).

    `PreconditionFailed` if it is not at `version` any more. A connection that needs attention becomes active
    by a new credential only (`Conflict`).
    """
    with transaction.atomic():
        before = get_connection(connection_id, for_update=True)
        if before.version != version:
            raise PreconditionFailed
        if state is ConnectionState.ACTIVE and before.state is ConnectionState.NEEDS_ATTENTION:
            raise Conflict(
                "The connection needs attention.", remedy="Store a new credential to bring it back."
            )
        changes: dict[str, Any] = {"version": version + 1, "updated_at": clock.now()}
        if name is not None:
            changes["name"] = name
        if state is not None:
            changes["state"] = state
        StoreConnection.objects.filter(pk=connection_id).update(**changes)
        after = get_connection(connection_id)
        audit.record(
            "connection.updated",
            target=("connection", connection_id),
            before=_shown(before),
            after=_shown(after),
        )
    return after


def attach_store(
    *, connection_id: int, marketplace_id: str, name: str = "", backfill_days: int = 90
) -> StoreRef:
    """Begin to follow one shop of a connection. `Conflict` if it is attached already."""
    connection = get_connection(connection_id)
    spec = get_spec(connection.platform)
    if not opens_stores(spec):
        raise Invalid(
            errors=[
                FieldError(
                    "/store_id", f"{spec.title} has no stores; name the store it advertises.", "required"
                )
            ]
        )
    place = _marketplace(spec, marketplace_id)
    with transaction.atomic():
        row, created = Store.objects.get_or_create(
            connection_id=connection_id,
            marketplace_id=marketplace_id,
            defaults={
                "platform": connection.platform,
                "market": place.market,
                "name": name or f"{connection.name} {place.market}",
                "currency": place.currency,
                "time_zone": place.time_zone,
                "backfill_days": backfill_days,
            },
        )
        if not created:
            raise Conflict(f"Marketplace {marketplace_id} is attached to this connection as store {row.pk}.")
        store = get_store(row.pk)
        audit.record("store.attached", target=("store", row.pk), after=asdict(store))
    return store


def attach_advertising(*, connection_id: int, store_id: int) -> StoreRef:
    """Let an advertising connection feed a store of the same marketplaces. `Invalid` if it cannot."""
    connection = get_connection(connection_id)
    spec = get_spec(connection.platform)
    store = get_store(store_id)
    if opens_stores(spec):
        raise Invalid(
            errors=[FieldError("/store_id", f"{spec.title} is no advertising platform.", "not_advertising")]
        )
    _marketplace(spec, store.marketplace_id)
    with transaction.atomic():
        before = (
            Store.objects.select_for_update().values_list("ads_connection_id", flat=True).get(pk=store_id)
        )
        Store.objects.filter(pk=store_id).update(ads_connection_id=connection_id)
        audit.record(
            "store.advertising_attached",
            target=("store", store_id),
            before={"ads_connection_id": before},
            after={"ads_connection_id": connection_id},
        )
    return store


def mark_attention(*, connection_id: int, stream: str, error: AttentionNeeded) -> None:
    """Note that a person has to mend the connection, and tell the apps above.

    A dead credential pauses the whole connection; a refused operation (a role that was not granted) is
    noted, but the other streams go on. The same reason is told once.
    """
    with transaction.atomic():
        before = get_connection(connection_id, for_update=True)
        attention = {
            "code": error.reason,
            "message": error.detail,
            "since": clock.now().isoformat(),
            "stream": "" if error.is_credential else stream,
        }
        state = ConnectionState.NEEDS_ATTENTION if error.is_credential else before.state
        known = before.attention or {}
        if state == before.state and all(known.get(k) == attention[k] for k in ("code", "stream")):
            return
        StoreConnection.objects.filter(pk=connection_id).update(
            state=state, attention=attention, version=before.version + 1, updated_at=clock.now()
        )
        emit(Event.ATTENTION_NEEDED, {"connection_id": connection_id, "stream": stream, "code": error.reason})
        audit.record(
            "connection.attention_needed",
            target=("connection", connection_id),
            before={"state": before.state},
            after={"state": state, "stream": stream, "problem": problem_of(error)},
        )


def clear_attention(*, connection_id: int, stream: str) -> None:
    """A stream that was refused goes through again: forget the note about it."""
    noted = StoreConnection.objects.filter(pk=connection_id, attention__stream=stream)
    if not noted.exists():
        return
    with transaction.atomic():
        if noted.update(attention=None, updated_at=clock.now()):
            audit.record(
                "connection.attention_cleared",
                target=("connection", connection_id),
                after={"stream": stream},
            )


def _marketplace(spec: ConnectorSpec, marketplace_id: str) -> Marketplace:
    place = spec.marketplaces.get(marketplace_id)
    if place is None:
        known = ", ".join(f"{place.id} ({place.market})" for place in spec.marketplaces.values())
        raise Invalid(
            errors=[
                FieldError("/marketplace_id", f"{spec.title} is known in: {known}.", "unknown_marketplace")
            ]
        )
    return place


def _warnings(spec: ConnectorSpec) -> list[dict[str, str]]:
    return [{"code": "write_scope", "message": spec.scope_warning}] if spec.scope_warning else []


def _shown(connection: ConnectionView) -> dict[str, Any]:
    return {
        "platform": connection.platform,
        "name": connection.name,
        "account": connection.account,
        "state": connection.state,
        "version": connection.version,
    }
