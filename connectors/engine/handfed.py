"""A stream that no platform delivers: people hand it in, and its own row says when it becomes stale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class HandFed:
    """What judging freshness needs of a stream; see `connectors.engine.protocol.Stream`."""

    key: str
    stale_after: timedelta


_FOR_EVER = timedelta(days=36_500)


def hand_fed(key: str, row: Sequence[Any], stale_at: datetime | None) -> HandFed:
    """Make the stream of a cursor's row: stale at `stale_at`, however old its data is then.

    `row` begins with the instant the data speaks for and has that of the last hand-in as its fourth value.
    """
    as_of = row[0] or row[3]
    return HandFed(key, _FOR_EVER if stale_at is None or as_of is None else stale_at - as_of)
