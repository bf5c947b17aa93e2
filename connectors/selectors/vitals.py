"""How young a client's data is as a whole, for monitoring."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.registry import PLATFORMS, get_spec
from connectors.selectors.freshness import list_stores_with_freshness
from connectors.types import StoreRef, StreamFreshness


@dataclass(frozen=True, slots=True)
class Freshness:
    """The streams of a client's active stores: how many in each state, and the instants their ages grow from.

    Up to `oldest_as_of` all of them are known; at `stale_at` the first is older than its own limit. Streams
    that never ran have neither: they are counted as never.
    """

    streams: dict[str, int]
    oldest_as_of: datetime | None
    stale_at: datetime | None


def get_overall_freshness() -> Freshness:
    """Return the freshness of the current client as a whole, by one query."""
    stores, states = list_stores_with_freshness(None)
    by_id = {store.id: store for store in stores}
    ages = [
        (as_of, as_of + limit)
        for state in states
        if (as_of := state.data_as_of or state.last_success_at) is not None
        and (limit := _stale_after(by_id[state.store_id], state)) is not None
    ]
    return Freshness(
        streams=dict(Counter(state.state.value for state in states)),
        oldest_as_of=min((as_of for as_of, _ in ages), default=None),
        stale_at=min((stale_at for _, stale_at in ages), default=None),
    )


def _stale_after(store: StoreRef, state: StreamFreshness) -> timedelta | None:
    """The limit of a stream: of the store's own platform, or of the advertising platform beside it.

    None for what people hand in: that a file is late is no ailment of the service.
    """
    own = get_spec(store.platform).streams.get(state.stream)
    if own is not None:
        return own.stale_after
    limits = (
        spec.streams[state.stream].stale_after
        for spec in PLATFORMS.all().values()
        if state.stream in spec.streams
    )
    return next(limits, None)
