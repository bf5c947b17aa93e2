"""How long to wait before trying again: bounded backoff with full jitter, and what Retry-After says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from random import Random

_LONGEST = timedelta(days=1).total_seconds()


def delays(attempts: int, base: float, cap: float, rng: Random) -> Iterator[float]:
    """Yield `attempts` pauses in seconds: the n-th is uniform in 0 … min(cap, base × 2ⁿ), n from 0.

    "Full jitter": it spreads the clients of a platform that comes back after a failure better than any fixed
    share (Marc Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).
    """
    for attempt in range(attempts):
        # 2^60 seconds are beyond every cap; a larger power would overflow a float.
        yield rng.uniform(0.0, min(cap, base * 2.0 ** min(attempt, 60)))


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, None if it is absent or unreadable.

    RFC 9110 §10.2.3: whole seconds or an HTTP date. Never negative, and at most a day, so that a broken
    header cannot stop a store for good.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:10]), _LONGEST)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return min(max((at - now).total_seconds(), 0.0), _LONGEST)
