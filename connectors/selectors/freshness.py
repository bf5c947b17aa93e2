"""How young each stream's data is, judged by the one rule of connectors.engine.freshness."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db.models import Q

from config.lib import clock
from config.lib.errors import NotFound
from connectors.engine.freshness import verdict
from connectors.models import Store, StreamCursor
from connectors.selectors.stores import list_stores, list_streams_of, to_ref
from connectors.types import StoreRef, StreamFreshness
from connectors.values import StoreView, StreamRef


def list_freshness(
    store_ids: Collection[int], streams: Collection[str] | None = None
) -> list[StreamFreshness]:
    """Return the state of the streams of these stores; a stream that never ran is there too, as NEVER.

    `streams` limits the answer to these keys; None means all.
    """
    stores = [store for store in list_stores(active_only=False) if store.id in set(store_ids)]
    return list_store_freshness(stores, streams)


def list_store_freshness(
    stores: Collection[StoreRef], streams: Collection[str] | None = None
) -> list[StreamFreshness]:
    """The same for stores already at hand."""
    rows = StreamCursor.objects.filter(store_id__in=[store.id for store in stores])
    cursors = {(row.store_id, row.stream): row for row in rows}
    return [
        _judge(stream, cursors.get((store.id, stream.key)))
        for store in stores
        for stream in list_streams_of(store)
        if streams is None or stream.key in streams
    ]


def list_store_views(
    condition: Q | None = None, order_by: Sequence[str] = ("id",), limit: int | None = None
) -> list[StoreView]:
    """Return stores with the state of their streams, for a page of the store list."""
    rows = list(Store.objects.filter(condition or Q()).order_by(*order_by)[:limit])
    refs = [to_ref(row) for row in rows]
    states = list_store_freshness(refs)
    return [
        StoreView(
            store=ref,
            ads_connection_id=row.ads_connection_id,
            backfill_days=row.backfill_days,
            is_active=row.is_active,
            streams=tuple(state for state in states if state.store_id == ref.id),
        )
        for row, ref in zip(rows, refs, strict=True)
    ]


def get_store_view(store_id: int) -> StoreView:
    """Return one store with the state of its streams; `NotFound` if there is none of this id."""
    views = list_store_views(Q(pk=store_id))
    if not views:
        raise NotFound(f"there is no store {store_id}")
    return views[0]


def _judge(stream: StreamRef, row: StreamCursor | None) -> StreamFreshness:
    state = verdict(
        now=clock.now(),
        stale_after=stream.stale_after,
        data_as_of=row.data_as_of if row else None,
        last_success_at=row.last_success_at if row else None,
        suspect_empty_since=row.suspect_empty_since if row else None,
    )
    return StreamFreshness(
        store_id=stream.store_id,
        stream=stream.key,
        state=state,
        data_as_of=row.data_as_of if row else None,
        covered_from=row.covered_from if row else None,
        covered_through=row.covered_through if row else None,
        last_success_at=row.last_success_at if row else None,
        last_problem=str((row.last_problem or {}).get("code", "")) if row else "",
    )
