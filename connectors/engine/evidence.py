"""How long a counted check by a person stands, and under which stream key it is known."""

from __future__ import annotations

import calendar
from datetime import date

EVIDENCE_PREFIX = "evidence."


def stream_of(metric: str) -> str:
    """The stream key that a KPI needs for the evidence of a metric."""
    return f"{EVIDENCE_PREFIX}{metric}"


def metric_of(stream: str) -> str | None:
    """The metric of an evidence stream's key, None for any other stream."""
    return stream.removeprefix(EVIDENCE_PREFIX) if stream.startswith(EVIDENCE_PREFIX) else None


def validity_of(observed_on: date, expires_on: date | None) -> tuple[date, date]:
    """The days (both included) for which a check speaks.

    It speaks for the calendar month in which it was made, from its first day on, so that a check in the
    middle of a week is evidence for that week too, and until it expires; until the end of the month where
    no expiry was set.
    """
    last_of_month = calendar.monthrange(observed_on.year, observed_on.month)[1]
    until = expires_on if expires_on is not None else observed_on.replace(day=last_of_month)
    return observed_on.replace(day=1), max(until, observed_on)
