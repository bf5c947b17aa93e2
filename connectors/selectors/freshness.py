"""How young each stream's data is, judged by the one rule of connectors.engine.freshness.

What is stored of stores and streams may be kept by its version (`stored_version`); the verdicts may not, for
time alone changes them: `judge` gives them anew with every reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from config.lib import clock
from config.lib.errors import NotFound
from connectors.engine.freshness import verdict
from connectors.engine.handfed import HandFed, hand_fed
from connectors.engine.protocol import Stream
from connectors.models import Store, StreamCursor
from connectors.registry import get_spec
from connectors.selectors.prepared import fetch_prepared
from connectors.selectors.stores import to_ref
from connectors.selectors.versions import among, rows_version
from connectors.types import FreshnessState, StoreRef, StreamFreshness
from connectors.values import StoreView


def stored_version(stores: str) -> str:
    """SQL of a text that differs whenever what is stored of some stores and their streams does.

    `stores` is what follows `in` (connectors.selectors.versions.among). Null where there is no such store.
    Of its connections only the platform matters, which never changes.
    """
    return f"""
(select {rows_version("s")} from connectors_store s where s.id in {stores})
|| ' ' || coalesce((select {rows_version("c")} from connectors_streamcursor c
                    where c.store_id in {stores}), '')"""  # noqa: S608 - our own


def _states(stores: str) -> str:
    """SQL of stores with their cursors, each joined to its store: scorecards ask this with every change."""
    return f"""
select s.id, s.connection_id, s.platform::text, s.market::text, s.marketplace_id::text, s.name::text,
       s.currency::text, s.time_zone::text, a.platform::text, ({stored_version(stores)})::text,
       c.stream::text, c.data_as_of, c.covered_from, c.covered_through, c.last_success_at,
       c.suspect_empty_since, c.last_problem->>'code', c.stale_at
from connectors_store s
left join connectors_storeconnection a on a.id = s.ads_connection_id
left join connectors_streamcursor c on c.store_id = s.id
where s.id in {stores}
order by s.id"""  # noqa: S608 - our own


_STORE_COLUMNS = 8
_NO_CURSOR = (None,) * 6


@dataclass(frozen=True, slots=True)
class StoredStates:
    """Some stores and what is stored of their streams, as of one moment; `version` as by `stored_version`."""

    version: str | None
    stores: tuple[StoreRef, ...]
    streams: tuple[tuple[int, Stream | HandFed, tuple[Any, ...]], ...]


def list_freshness(
    store_ids: Collection[int], streams: Collection[str] | None = None
) -> list[StreamFreshness]:
    """Return the state of the streams of these stores; a stream that never ran is there too, as NEVER.

    `streams` limits the answer to these keys; None means all that the platforms have and that were handed in.
    """
    stores, states = list_stores_with_freshness(store_ids, streams)
    known = {(state.store_id, state.stream) for state in states}
    asked = [(store.id, key) for store in stores for key in dict.fromkeys(streams or ())]
    never = [_never(*each) for each in asked if each not in known]
    return [*states, *never]


def has_succeeded(*, store_id: int, stream: str) -> bool:
    """Tell whether a stream of a store was ever synced to its end."""
    return StreamCursor.objects.filter(
        store_id=store_id, stream=stream, last_success_at__isnull=False
    ).exists()


def list_stores_with_freshness(
    store_ids: Collection[int] | None, streams: Collection[str] | None = None
) -> tuple[list[StoreRef], list[StreamFreshness]]:
    """Return these stores (None: all active ones), oldest first, with the state of their streams, by one
    query; a store that does not exist is left out."""
    stored = read_stored_states(store_ids)
    return list(stored.stores), judge(stored, streams)


def read_stored_states(store_ids: Collection[int] | None) -> StoredStates:
    """Return what is stored of these stores (None: all active ones) and their streams, by one query."""
    if store_ids is not None and not store_ids:
        return StoredStates(None, (), ())
    chosen, parameters = among(list(store_ids or ()))
    rows = fetch_prepared(_states(chosen), parameters)
    stores = {row[0]: (StoreRef(*row[:_STORE_COLUMNS]), row[_STORE_COLUMNS]) for row in rows}
    cursors = {(row[0], row[_STORE_COLUMNS + 2]): row[_STORE_COLUMNS + 3 : -1] for row in rows}
    synced = tuple(
        (store.id, stream, cursors.get((store.id, stream.key), _NO_CURSOR))
        for store, ads_platform in stores.values()
        for stream in _specs(store.platform, ads_platform)
    )
    known = {(store_id, stream.key) for store_id, stream, _ in synced}
    # What people hand in has no specification: its own row says which stream it is.
    handed_in = tuple(
        (
            row[0],
            hand_fed(row[_STORE_COLUMNS + 2], row[_STORE_COLUMNS + 3 : -1], row[-1]),
            row[_STORE_COLUMNS + 3 : -1],
        )
        for row in rows
        if row[_STORE_COLUMNS + 2] is not None and (row[0], row[_STORE_COLUMNS + 2]) not in known
    )
    return StoredStates(
        version=rows[0][_STORE_COLUMNS + 1] if rows else None,
        stores=tuple(store for store, _ in stores.values()),
        streams=(*synced, *handed_in),
    )


def judge(stored: StoredStates, streams: Collection[str] | None = None) -> list[StreamFreshness]:
    """Return the state of these streams (None: all) at this moment."""
    now = clock.now()
    return [
        _judge(store_id, stream, row, now)
        for store_id, stream, row in stored.streams
        if streams is None or stream.key in streams
    ]


def list_store_freshness(
    stores: Collection[StoreRef], streams: Collection[str] | None = None
) -> list[StreamFreshness]:
    """Return the state of the streams of stores already at hand."""
    return list_freshness([store.id for store in stores], streams)


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


def _specs(platform: str, ads_platform: str | None) -> Iterator[Stream]:
    yield from get_spec(platform).streams.values()
    if ads_platform is not None:
        yield from get_spec(ads_platform).streams.values()


def _never(store_id: int, stream: str) -> StreamFreshness:
    return StreamFreshness(store_id, stream, FreshnessState.NEVER, None, None, None, None, "")


def _judge(store_id: int, stream: Stream | HandFed, row: Sequence[Any], now: datetime) -> StreamFreshness:
    data_as_of, covered_from, covered_through, last_success_at, suspect_empty_since, problem = row
    state = verdict(
        now=now,
        stale_after=stream.stale_after,
        data_as_of=data_as_of,
        last_success_at=last_success_at,
        suspect_empty_since=suspect_empty_since,
    )
    return StreamFreshness(
        store_id, stream.key, state, data_as_of, covered_from, covered_through, last_success_at, problem or ""
    )
