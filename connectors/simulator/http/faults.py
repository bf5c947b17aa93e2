"""Faults on order: which calls shall fail, how, and how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass

KINDS = frozenset(
    {
        "error",
        "throttle",
        "slow",
        "reset",
        "malformed",
        "truncate",
        "empty",
        "loop",
        "fatal",
        "cancelled",
        "expire_token",
        "revoke_token",
    }
)


@dataclass(slots=True)
class Fault:
    """`operation` is an operation's name, a report type, or "*"; `skip` calls pass first, then `count` fail.

    error (`status`, default 500), throttle (429), slow (`seconds`), reset (the connection is cut),
    malformed (half a body), truncate (a document loses its last third), empty (a page or report without
    rows), loop (the page's own token again), fatal and cancelled (end of a report), expire_token and
    revoke_token (of the caller, before the call).
    """

    operation: str
    kind: str
    count: int = 1
    skip: int = 0
    status: int = 500
    seconds: float = 1.0


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Plan a fault; unknown kinds are refused with a ValueError."""
        if fault.kind not in KINDS:
            raise ValueError(f"unknown fault {fault.kind!r}; known: {', '.join(sorted(KINDS))}")
        with self._lock:
            self._waiting.append(fault)

    def next(self, names: tuple[str, ...], kinds: frozenset[str]) -> Fault | None:
        """The fault that strikes a call known by any of these names, if one of those kinds is planned."""
        with self._lock:
            for fault in self._waiting:
                if fault.kind in kinds and (fault.operation == "*" or fault.operation in names):
                    if fault.skip > 0:
                        fault.skip -= 1
                        continue
                    fault.count -= 1
                    if fault.count <= 0:
                        self._waiting.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        """Forget every planned fault."""
        with self._lock:
            self._waiting.clear()

    def pending(self) -> int:
        """How many strikes are still planned."""
        with self._lock:
            return sum(fault.count for fault in self._waiting)
