"""How news is written as Server-Sent Events (WHATWG HTML, 9.2); pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.lib.api.renderer import dumps

MEDIA_TYPE = "text/event-stream"
COMMENT = ": nothing new\n\n"
_LONGEST_ID = 18


def written(event_id: int, kind: str, data: Mapping[str, Any]) -> str:
    """One event; JSON has no line breaks of its own, so its data is one line."""
    return f"id: {event_id}\nevent: {kind}\ndata: {dumps(data).decode()}\n\n"


def retry_after(milliseconds: int) -> str:
    """After how long to come again."""
    return f"retry: {milliseconds}\n\n"


def read_last_id(text: str) -> int | None:
    """Read a `Last-Event-ID`; None for what is no id of an entry."""
    is_id = text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID
    return int(text) if is_id else None
