"""Which stores a client has, and which streams feed each of them."""

from __future__ import annotations

from collections.abc import Iterator

from config.lib.errors import NotFound
from connectors.engine.protocol import ConnectorSpec
from connectors.models import Store
from connectors.registry import get_spec
from connectors.types import Family, StoreRef
from connectors.values import StreamRef

_COLUMNS = ("id", "connection_id", "platform", "market", "marketplace_id", "name", "currency", "time_zone")


def list_stores(*, active_only: bool = True) -> list[StoreRef]:
    """Return the client's stores, oldest first."""
    rows = Store.objects.order_by("id").values_list(*_COLUMNS)
    return [StoreRef(*row) for row in (rows.filter(is_active=True) if active_only else rows)]


def list_brands() -> dict[int, str]:
    """Return the brand of every active store that has one, by store."""
    return dict(Store.objects.filter(is_active=True).exclude(brand="").values_list("id", "brand"))


def get_brand(store_id: int) -> str:
    """Return the brand of a store, "" where it has none; `NotFound` for an unknown store."""
    found = Store.objects.filter(pk=store_id).values_list("brand", flat=True).first()
    if found is None:
        raise NotFound(f"there is no store {store_id}")
    return found


def get_store(store_id: int) -> StoreRef:
    """Return one store, active or not; `NotFound` if there is none of this id."""
    row = Store.objects.filter(pk=store_id).values_list(*_COLUMNS).first()
    if row is None:
        raise NotFound(f"there is no store {store_id}")
    return StoreRef(*row)


def to_ref(row: Store) -> StoreRef:
    """Make the value of a row."""
    return StoreRef(*(getattr(row, column) for column in _COLUMNS))


def list_streams_of(store: StoreRef) -> list[StreamRef]:
    """Return every stream that feeds the store, its advertising connection's included."""
    ads = (
        Store.objects.filter(pk=store.id, ads_connection__isnull=False)
        .values_list("ads_connection_id", "ads_connection__platform")
        .first()
    )
    streams = list(_streams(store, store.connection_id, get_spec(store.platform)))
    if ads is not None and ads[0] is not None:
        streams.extend(_streams(store, ads[0], get_spec(str(ads[1]))))
    return streams


def get_stream(store: StoreRef, stream_key: str) -> StreamRef:
    """Return one stream of the store; `NotFound` names the known ones."""
    streams = list_streams_of(store)
    for stream in streams:
        if stream.key == stream_key:
            return stream
    known = ", ".join(stream.key for stream in streams)
    raise NotFound(f"store {store.id} has no stream {stream_key!r}", remedy=f"Known: {known}.")


def opens_stores(spec: ConnectorSpec) -> bool:
    """Tell whether a platform's connection has stores of its own; an advertising one belongs to others'.

    A platform without streams is fed by uploads and has stores.
    """
    return not spec.streams or any(stream.family is not Family.ADS for stream in spec.streams.values())


def _streams(store: StoreRef, connection_id: int, spec: ConnectorSpec) -> Iterator[StreamRef]:
    for stream in spec.streams.values():
        yield StreamRef(
            store_id=store.id,
            connection_id=connection_id,
            platform=spec.key,
            key=stream.key,
            family=stream.family,
            cadence=stream.cadence,
            stale_after=stream.stale_after,
        )
