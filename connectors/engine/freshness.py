"""Is a stream's data as young as it ought to be? One rule for the API, the scorecards and the alerts."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.types import FreshnessState


def verdict(
    *,
    now: datetime,
    stale_after: timedelta,
    data_as_of: datetime | None,
    last_success_at: datetime | None,
    suspect_empty_since: datetime | None,
) -> FreshnessState:
    """Judge one stream.

    `data_as_of`, the instant the platform speaks for, decides; where a platform names none, the last run
    that went through does. An unconfirmed empty answer is told before age: empty is not zero.
    """
    if suspect_empty_since is not None:
        return FreshnessState.SUSPECT_EMPTY
    as_of = data_as_of or last_success_at
    if as_of is None:
        return FreshnessState.NEVER
    return FreshnessState.FRESH if now - as_of <= stale_after else FreshnessState.STALE
