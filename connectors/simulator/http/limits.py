"""Rate limits: a token bucket for each seller and operation, as Amazon keeps them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from config.lib import clock


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Limits:
    """Buckets of published size and rate, both times `scale`; not `enforced` lets everything through."""

    def __init__(
        self, scale: float = 1.0, enforced: bool = True, timer: Callable[[], float] = clock.monotonic
    ) -> None:
        self.scale, self.enforced, self._timer = scale, enforced, timer
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, seller: str, operation: str, rate: float, burst: int) -> bool:
        """Take one token; False when there is none."""
        if not self.enforced:
            return True
        rate, size = rate * self.scale, max(1.0, burst * self.scale)
        with self._lock:
            now = self._timer()
            bucket = self._buckets.setdefault((seller, operation), _Bucket(size, now))
            bucket.level = min(size, bucket.level + (now - bucket.at) * rate)
            bucket.at = now
            if bucket.level < 1:
                return False
            bucket.level -= 1
            return True

    def shown(self, rate: float) -> str:
        """The value of the header x-amzn-RateLimit-Limit."""
        return f"{rate * (self.scale if self.enforced else 1000):.4f}".rstrip("0").rstrip(".")

    def reset(self) -> None:
        """Fill every bucket."""
        with self._lock:
            self._buckets.clear()
