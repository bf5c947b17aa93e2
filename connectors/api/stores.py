"""The client's shops, how fresh their data is, and syncing them on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.pagination import Keyset
from config.lib.api.query import PageQuery, QuerySerializer
from config.lib.api.schema import page_of
from connectors.api.forms import SyncInput
from connectors.api.queries import RunQuery
from connectors.api.serializers import StoreSerializer, StreamsSerializer, SyncRunSerializer
from connectors.selectors.freshness import get_store_view, list_store_views
from connectors.selectors.runs import runs_query
from connectors.selectors.stores import get_store
from connectors.services.sync import request_sync
from connectors.types import StreamFreshness
from connectors.values import StoreView
from tenants.http import JobSerializer, TenantView
from tenants.permissions import Capability


class StoresView(TenantView):
    """The stores of a client."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PageQuery.of(StoreSerializer)}
    looks = "stores"

    @extend_schema(operation_id="list_stores", responses=page_of(StoreSerializer), tags=["stores"])
    def get(self, request: Request, client: str) -> Response:
        """List the client's stores with the freshness of their streams, the oldest first."""
        return self.page(_fetch, ordering=("id",))


class StoreDetailView(TenantView):
    """One store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}
    looks = "stores"

    @extend_schema(operation_id="get_store", responses=StoreSerializer, tags=["stores"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show a store with the freshness of its streams."""
        return self.ok(store_body(get_store_view(store_id)))


class StoreStreamsView(TenantView):
    """The streams of one store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.CONNECTION_READ}

    @extend_schema(operation_id="list_store_streams", responses=StreamsSerializer, tags=["stores"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Tell how far each stream of the store is known."""
        return self.ok({"data": [_stream_body(stream) for stream in get_store_view(store_id).streams]})


class StoreSyncsView(TenantView):
    """The syncs of one store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.CONNECTION_READ,
        "POST": Capability.SYNC_RUN,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RunQuery.of(SyncRunSerializer)}

    @extend_schema(operation_id="list_sync_runs", responses=page_of(SyncRunSerializer), tags=["syncs"])
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List the runs of the store's streams, the newest first."""
        return self.page(runs_query(store_id=get_store(store_id).id, stream=self.query.get("stream")))

    @extend_schema(
        operation_id="start_sync", request=SyncInput, responses={202: JobSerializer}, tags=["syncs"]
    )
    def post(self, request: Request, client: str, store_id: int) -> Response:
        """Sync one stream now; while it is being synced already, that job is told."""
        return self.accepted(request_sync(store_id=store_id, stream_key=self.body(SyncInput)["stream"]))


def store_body(view: StoreView) -> dict[str, Any]:
    """The JSON body of a store."""
    return {
        **asdict(view.store),
        "ads_connection_id": view.ads_connection_id,
        "backfill_days": view.backfill_days,
        "is_active": view.is_active,
        "streams": [_stream_body(stream) for stream in view.streams],
    }


def _stream_body(stream: StreamFreshness) -> dict[str, Any]:
    return {name: value for name, value in asdict(stream).items() if name != "store_id"}


def _fetch(keyset: Keyset, limit: int) -> Sequence[Mapping[str, Any]]:
    return [store_body(view) for view in list_store_views(keyset.condition(), keyset.order_by, limit)]
