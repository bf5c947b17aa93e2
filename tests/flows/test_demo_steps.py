"""Can the demo run again over what its visitors did?"""

from __future__ import annotations

from typing import Any, cast

from alerts.demo.api import API
from alerts.demo.steps import start_syncs


class Listening:
    """An API that only notes what it is asked to sync."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        """Take a job."""
        self.asked.append(body["stream"])
        return {"id": len(self.asked)}


def test_what_was_handed_in_as_a_file_is_not_synced() -> None:
    """A store that was handed reviews has a stream of them, which no platform serves."""
    listening = Listening()
    streams = [{"stream": key} for key in ("orders", "reviews", "sp_advertised_product")]
    started = start_syncs(cast(API, listening), {"harbor": [{"id": 1, "streams": streams}]})
    assert listening.asked == ["orders", "sp_advertised_product"]
    assert started == {"harbor": {1, 2}}
