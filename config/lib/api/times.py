"""Days, times of day and instants as callers write them: ISO 8601 in full, with a zone, in our own time.

Python and REST framework read more: week dates, instants without a zone, the year 1. The first two would be
guessed at, and with the last a day or a year before cannot be worked out.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

FIRST_YEAR = 1970
LAST_YEAR = 2199

_CLOCK_TIME = re.compile(r"\d{2}:\d{2}(:\d{2})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$", re.ASCII | re.IGNORECASE)
_OUT_OF_TIME = gettext_lazy("Years run from {first} to {last}.")


class DayField(serializers.DateField):
    """A day like 2026-11-21, of the years from 1970 to 2199."""

    default_error_messages = {"year": _OUT_OF_TIME}

    def to_internal_value(self, value: Any) -> date:
        """Read the day."""
        if isinstance(value, str) and not _DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        day = super().to_internal_value(value)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail("year", first=FIRST_YEAR, last=LAST_YEAR)
        return day


@extend_schema_field({"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2})?$"})
class ClockTimeField(serializers.TimeField):
    """A time of day like 09:00 on a clock that is told elsewhere; OpenAPI's `time` would demand its zone."""

    def to_internal_value(self, value: Any) -> time:
        """Read the time."""
        if isinstance(value, str) and not _CLOCK_TIME.fullmatch(value):
            self.fail("invalid", format="hh:mm[:ss]")
        read: time = super().to_internal_value(value)
        return read


class InstantField(serializers.DateTimeField):
    """An instant like 2026-11-21T08:00:00Z, of the years from 1970 to 2199 (RFC 3339: with its offset)."""

    default_error_messages = {"year": _OUT_OF_TIME}

    def to_internal_value(self, value: Any) -> datetime:
        """Read the instant, in UTC."""
        if isinstance(value, str) and not _ZONE.search(value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss[.uuuuuu](Z|+HH:MM|-HH:MM)")
        instant = super().to_internal_value(value).astimezone(UTC)
        if not FIRST_YEAR <= instant.year <= LAST_YEAR:
            self.fail("year", first=FIRST_YEAR, last=LAST_YEAR)
        return instant
