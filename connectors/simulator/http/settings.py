"""The knobs of a running simulator."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Knobs:
    """Durations are seconds of the simulator's clock.

    `traffic_delay_days`: visits of the last so many shop days (today counts as one) are not reported yet.
    `page_size` caps every page (0: what the operation allows).
    """

    queue_seconds: float = 0.2
    process_seconds: float = 0.5
    url_seconds: float = 300.0
    traffic_delay_days: int = 2
    page_size: int = 0
    require_user_agent: bool = True
