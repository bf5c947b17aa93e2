"""What is kept of the calls that left us for a platform: gathered while fetching, written in batches."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from config.lib import clock
from config.lib.http import Call
from connectors.models import OutboundCall


@dataclass(frozen=True, slots=True)
class _Logged:
    call: Call
    at: datetime


class CallLog:
    """The calls of one run. `note` may be called from the fetching thread, `flush` may not."""

    def __init__(self, *, platform: str, store_id: int, connection_id: int) -> None:
        self._platform = platform
        self._store_id = store_id
        self._connection_id = connection_id
        self._calls: deque[_Logged] = deque()

    def note(self, call: Call) -> None:
        """Remember one call; the observer of `PlatformClient`."""
        self._calls.append(_Logged(call, clock.now()))

    def flush(self) -> int:
        """Write what was gathered in the caller's transaction and return how many calls that were."""
        taken: list[_Logged] = []
        while self._calls:
            taken.append(self._calls.popleft())
        OutboundCall.objects.bulk_create(self._row(logged) for logged in taken)
        return len(taken)

    def _row(self, logged: _Logged) -> OutboundCall:
        call = logged.call
        return OutboundCall(
            store_id=self._store_id,
            connection_id=self._connection_id,
            platform=self._platform,
            operation=call.operation[:60],
            method=call.method,
            host=call.origin.partition("://")[2][:200],
            path=call.path[:500],
            status=call.status,
            duration_ms=call.duration_ms,
            request_id=call.request_id,
            called_at=logged.at,
        )
