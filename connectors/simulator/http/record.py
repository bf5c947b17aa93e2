"""The simulator's own book: what was asked of it, and every natural key it has given out."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any


class Record:
    """An independent witness for tests: compare it with what the product stored."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served: dict[tuple[str, str], dict[str, str]] = {}
        self._times: Counter[tuple[str, str]] = Counter()
        self._calls: Counter[tuple[str, int]] = Counter()
        self._recent: deque[dict[str, Any]] = deque(maxlen=20_000)
        self.writes_refused = 0

    def serve(self, store: str, stream: str, keys: Iterable[tuple[str, str]]) -> None:
        """Note that rows left the house: (natural key, version) each; a newer version replaces the older."""
        with self._lock:
            served = self._served.setdefault((store, stream), {})
            for key, version in keys:
                served[key] = version
                self._times[store, stream] += 1

    def call(self, method: str, path: str, operation: str, status: int, seller: str) -> None:
        """Note a request and how it was answered."""
        with self._lock:
            self._calls[operation, status] += 1
            self._recent.append(
                {"method": method, "path": path, "operation": operation, "status": status, "seller": seller}
            )

    def refuse_write(self) -> None:
        """Note that somebody tried to change something."""
        with self._lock:
            self.writes_refused += 1

    def keys(self, store: str, stream: str) -> dict[str, str]:
        """Every natural key given out with its last version."""
        with self._lock:
            return dict(self._served.get((store, stream), {}))

    def count(self, operation: str, status: int | None = None) -> int:
        """How often an operation was called, or answered with that status."""
        with self._lock:
            return sum(
                times
                for (name, code), times in self._calls.items()
                if name == operation and status in (None, code)
            )

    def summary(self, recent: int = 0) -> dict[str, Any]:
        """All of it as JSON; `hash` is over the sorted keys and versions."""
        with self._lock:
            served = [
                {
                    "store": store,
                    "stream": stream,
                    "keys": len(keys),
                    "times": self._times[store, stream],
                    "hash": hashlib.sha256(repr(sorted(keys.items())).encode()).hexdigest(),
                }
                for (store, stream), keys in sorted(self._served.items())
            ]
            calls = [
                {"operation": operation, "status": status, "count": count}
                for (operation, status), count in sorted(self._calls.items())
            ]
            tail = list(self._recent)[-recent:] if recent else []
        return {"writes_refused": self.writes_refused, "calls": calls, "served": served, "requests": tail}

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._served.clear()
            self._times.clear()
            self._calls.clear()
            self._recent.clear()
            self.writes_refused = 0
