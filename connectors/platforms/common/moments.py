"""Which instant or day a text of a platform means, and which shop day an instant belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum

from config.lib.calendars import day_bounds, zone

_ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "Z": 0, "BST": 1, "CET": 1, "CEST": 2, "JST": 9, "EST": -5, "EDT": -4,
    "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
_PARTED = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})"
    r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?)?\s*([A-Za-z]{1,4})?",
    re.ASCII,
)
_CENTURY = 2000
_REMEMBERED = 4_096
_DAY = timedelta(days=1)


class DayOrder(Enum):
    """How a date with slashes is written where neither end is a four-digit year."""

    MONTH_FIRST = "mdy"
    DAY_FIRST = "dmy"
    YEAR_FIRST = "ymd"


def instant_text(at: datetime) -> str:
    """Write an instant as Amazon wants it: "2026-11-01T08:00:00Z"."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str, order: DayOrder = DayOrder.MONTH_FIRST) -> datetime:
    """Read an instant with its own zone (offset or abbreviation) as UTC.

    ISO 8601, "2026-03-06 08:52:26 UTC", "06.03.2026 08:52:26 UTC" and "2026/03/06 08:52:26 JST" are read; a
    text without any zone is `ValueError`, because guessing one would move orders between days.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = _parse_parted(text.strip(), order)
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return at.astimezone(UTC)


def parse_day(text: str, order: DayOrder = DayOrder.MONTH_FIRST) -> date:
    """Read a calendar day: ISO, "06.03.2026", "11/21/2026", "11/21/26", "2026/11/21"; `ValueError` otherwise.

    A text with a time keeps only its own day (no zone is applied).
    """
    stripped = text.strip()
    try:
        return datetime.fromisoformat(stripped).date()
    except ValueError:
        return _parse_parted(stripped, order).date()


def _parse_parted(text: str, order: DayOrder) -> datetime:
    match = _PARTED.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no date")
    first, mark, second, third, hour, minute, second_, abbreviation = match.groups()
    year, month, day = _arrange(first, second, third, mark, order)
    tz = None
    if abbreviation is not None:
        if abbreviation.upper() not in _ABBREVIATIONS:
            raise ValueError(f"{text!r} names an unknown time zone")
        tz = timezone(timedelta(hours=_ABBREVIATIONS[abbreviation.upper()]))
    return datetime(year, month, day, int(hour or 0), int(minute or 0), int(second_ or 0), tzinfo=tz)


def _arrange(first: str, second: str, third: str, mark: str, order: DayOrder) -> tuple[int, int, int]:
    if len(first) == 4:
        return int(first), int(second), int(third)
    if order is DayOrder.YEAR_FIRST and len(third) != 4:
        return _CENTURY + int(first), int(second), int(third)
    year = int(third) if len(third) == 4 else _CENTURY + int(third)
    # A dotted date is written day first everywhere; a date with slashes as the market writes it.
    if mark == "." or order is DayOrder.DAY_FIRST:
        return year, int(second), int(first)
    return year, int(first), int(second)


class InstantReader(dict[str, datetime]):
    """The instants of one document by their text; the lines of an order share theirs."""

    def __missing__(self, text: str) -> datetime:
        if len(self) >= _REMEMBERED:
            self.clear()
        at = self[text] = parse_instant(text)
        return at

    def read(self, texts: Sequence[str]) -> list[datetime]:
        """Return the instants of a column; ISO 8601 in UTC, as reports mostly write, needs no look-up."""
        try:
            found = list(map(datetime.fromisoformat, texts))
        except ValueError:
            found = []
        if found and all(at.tzinfo is UTC for at in found):
            return found
        return [self[text] for text in texts]


class ShopClock:
    """Tells shop days of instants in one time zone, remembering the hours it has seen.

    Offsets change on quarter hours of UTC only, so all instants of one quarter hour share their day.
    """

    def __init__(self, time_zone: str) -> None:
        self.time_zone = time_zone
        self._zone = zone(time_zone)
        self._days: dict[int, date] = {}

    def day(self, at: datetime) -> date:
        """Return the shop day of an instant in UTC."""
        key = at.toordinal() * 96 + at.hour * 4 + at.minute // 15
        known = self._days.get(key)
        if known is None:
            known = self._days[key] = at.astimezone(self._zone).date()
        return known

    def days(self, instants: Iterable[datetime]) -> list[date]:
        """Return the shop days of instants in UTC, as `day` does for one."""
        known = self._days
        return [
            known.get(at.toordinal() * 96 + at.hour * 4 + at.minute // 15) or self.day(at) for at in instants
        ]

    def start_of(self, day: date) -> datetime:
        """Return the first instant of a shop day, in UTC."""
        return day_bounds(day, self.time_zone)[0]

    def end_of(self, day: date) -> datetime:
        """Return the first instant after a shop day, in UTC."""
        return day_bounds(day, self.time_zone)[1]


def first_full_day(since: datetime, clock: ShopClock) -> date:
    """Return the first shop day that lies wholly after `since`."""
    day = clock.day(since)
    return day if clock.start_of(day) == since else day + _DAY
