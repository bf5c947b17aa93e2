"""Which connections there are, in what state, and which streams are due. Credentials are never read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from config.lib.errors import NotFound
from connectors.models import StoreConnection, StreamCursor
from connectors.selectors.stores import list_stores, list_streams_of
from connectors.types import ConnectionState
from connectors.values import ConnectionView, StreamRef

CONNECTION_COLUMNS = (
    "id",
    "platform",
    "name",
    "account",
    "state",
    "attention",
    "warnings",
    "version",
    "created_at",
    "updated_at",
)


def connections_query() -> QuerySet[Any, Any]:
    """The rows of the connection list, without credentials, for paging."""
    rows: QuerySet[Any, Any] = StoreConnection.objects.values(*CONNECTION_COLUMNS)
    return rows


def get_connection(connection_id: int, *, for_update: bool = False) -> ConnectionView:
    """Return one connection without its credential; `NotFound` if there is none of this id.

    `for_update` locks it until the caller's transaction ends.
    """
    rows = StoreConnection.objects.filter(pk=connection_id)
    if for_update:
        rows = rows.select_for_update()
    row = rows.values(*CONNECTION_COLUMNS).first()
    if row is None:
        raise NotFound(f"there is no connection {connection_id}")
    return to_view(row)


def to_view(row: dict[str, Any]) -> ConnectionView:
    """Make the public value of a row of `CONNECTION_COLUMNS`."""
    return ConnectionView(**{**row, "state": ConnectionState(row["state"])})


def list_due_streams(now: datetime) -> list[StreamRef]:
    """Return the streams of active stores that are due: never run, or past their next turn.

    Streams of a connection that is not active wait until a person has mended it.
    """
    usable = set(StoreConnection.objects.filter(state=ConnectionState.ACTIVE).values_list("id", flat=True))
    next_due = {
        (store_id, stream): due
        for store_id, stream, due in StreamCursor.objects.values_list("store_id", "stream", "next_due_at")
    }
    return [
        stream
        for store in list_stores()
        for stream in list_streams_of(store)
        if stream.connection_id in usable and _is_due(next_due.get((store.id, stream.key)), now)
    ]


def own_seller_ids() -> frozenset[str]:
    """Return the platform account ids of the client itself, so that its own offers are told apart."""
    accounts = StoreConnection.objects.values_list("account", flat=True)
    return frozenset(str(account["seller_id"]) for account in accounts if account.get("seller_id"))


def _is_due(due: datetime | None, now: datetime) -> bool:
    return due is None or due <= now
