"""What all SP-API streams share: what they declare, and how they put a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.engine.protocol import Request, StreamContext
from connectors.platforms.common.problems import AccountIncomplete
from connectors.types import Family


@dataclass(slots=True, eq=False)
class SpStream:
    """The declared part of a stream; a subclass adds `run`."""

    key: str
    family: Family
    cadence: timedelta
    stale_after: timedelta
    needs_skus: bool = False


def call(
    operation: str,
    *,
    path: Mapping[str, str] | None = None,
    query: Mapping[str, str] | None = None,
    json: Any = None,
) -> Request:
    """Return a request of Amazon's `operation`."""
    return Request(operation=operation, path=path or {}, query=query or {}, json=json)


def seller_id(context: StreamContext) -> str:
    """Return the seller's own id at Amazon; `AccountIncomplete` if the connection does not name it."""
    value = context.account.get("seller_id", "")
    if not value:
        raise AccountIncomplete("the connection's account has no seller_id")
    return value
