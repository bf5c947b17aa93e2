"""Which shop day an instant belongs to, and what a day, week, month, quarter or rolling window is.

Days, weeks, months and quarters are calendar units of a shop's time zone; a `Period` knows only days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.lib.errors import Invalid, gettext_noop

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_ROLLING_DAYS = 28
_LONGEST_ROLLING = 366

_WEEK_ID = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)
_MONTH_ID = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_QUARTER_ID = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_DAY_ID = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ROLLING_ID = re.compile(r"(\d{4}-\d{2}-\d{2})~([1-9]\d{0,2})d", re.ASCII)


class UnknownTimeZone(Invalid):
    """A name that the IANA time zone database does not have."""

    code = "unknown_time_zone"
    title = gettext_noop("There is no such time zone")


class BadPeriod(Invalid):
    """A text that names no period, or one outside the calendar."""

    code = "bad_period"
    title = gettext_noop("This is no period")
    default_remedy = gettext_noop("Write 2026-11-21, 2026-W47, 2026-11, 2026-Q4 or 2026-11-21~28d.")


class PeriodKind(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    ROLLING = "rolling"


def zone(tz: str) -> ZoneInfo:
    """Return the IANA time zone `tz`; `UnknownTimeZone` if there is none of that name."""
    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnknownTimeZone(f"there is no time zone {tz!r}") from error


def business_day(at: datetime, tz: str) -> date:
    """Return the calendar day that clocks in `tz` show at the aware instant `at`."""
    if at.tzinfo is None:
        raise ValueError("a naive datetime belongs to no business day")
    return at.astimezone(zone(tz)).date()


def day_bounds(day: date, tz: str) -> tuple[datetime, datetime]:
    """Return the first instant of `day` in `tz` and the first instant after it (UTC, half-open).

    Days have 23 or 25 hours where clocks change, other lengths where a zone is redefined, and none at all
    where it skips a date (Pacific/Apia, 2011-12-30).
    """
    where = zone(tz)
    return _first_instant(day, where), _first_instant(day + _DAY, where)


def _first_instant(day: date, where: ZoneInfo) -> datetime:
    midnight = datetime.combine(day, time.min, tzinfo=where)
    first = midnight.astimezone(UTC)
    if first.astimezone(where).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return first
    # Midnight is skipped: the day begins where the gap does, between these two readings of midnight.
    before = midnight.replace(fold=1).astimezone(UTC)
    while first - before > _MICROSECOND:
        middle = before + (first - before) // 2
        if middle.astimezone(where).date() < day:
            before = middle
        else:
            first = middle
    return first


@dataclass(frozen=True, slots=True)
class Period:
    """A run of whole days, `start` and `end` both included.

    `id` names it for people and URLs and reads back as the same period (given the same `week_start`,
    1 = Monday … 7 = Sunday). A week has the id of the ISO 8601 week in which its Thursday lies. With Monday
    weeks that is ISO's own rule; every other week holds exactly one Thursday too, so ids neither repeat nor
    leave a number out, and it is the ISO week with which it shares four days or more. The year of a week's
    id is therefore ISO's: the days from 2027-01-01 to 2027-01-03 are in 2026-W53. A rolling window is named
    by its *last* day and its length.
    """

    kind: PeriodKind
    id: str
    start: date
    end: date
    week_start: int = 1

    @classmethod
    def parse(cls, text: str, week_start: int = 1) -> Period:
        """Read "2026-11-21", "2026-W47", "2026-11", "2026-Q4" or "2026-11-21~28d"; `BadPeriod` for others."""
        try:
            if match := _WEEK_ID.fullmatch(text):
                thursday = date.fromisocalendar(int(match[1]), int(match[2]), 4)
                return cls.containing(thursday, PeriodKind.WEEK, week_start)
            if match := _ROLLING_ID.fullmatch(text):
                return cls.rolling(date.fromisoformat(match[1]), int(match[2]), week_start)
            if match := _MONTH_ID.fullmatch(text):
                return cls.containing(date(int(match[1]), int(match[2]), 1), PeriodKind.MONTH, week_start)
            if match := _QUARTER_ID.fullmatch(text):
                first = date(int(match[1]), 3 * int(match[2]) - 2, 1)
                return cls.containing(first, PeriodKind.QUARTER, week_start)
            if _DAY_ID.fullmatch(text):
                return cls.containing(date.fromisoformat(text), PeriodKind.DAY, week_start)
        except (ValueError, OverflowError) as error:
            raise BadPeriod(f"{text!r} is not in the calendar") from error
        raise BadPeriod(f"{text!r} is no period")

    @classmethod
    def containing(cls, day: date, kind: PeriodKind | str, week_start: int = 1) -> Period:
        """Return the period of a kind that holds `day`; for a rolling window, the 28 days that end on it."""
        kind = PeriodKind(kind)
        _check_week_start(week_start)
        if kind is PeriodKind.ROLLING:
            return cls.rolling(day, _ROLLING_DAYS, week_start)
        if kind is PeriodKind.DAY:
            return cls(kind, day.isoformat(), day, day, week_start)
        if kind is PeriodKind.MONTH:
            start = day.replace(day=1)
            return cls(kind, f"{start:%Y-%m}", start, _next_month(start) - _DAY, week_start)
        if kind is PeriodKind.QUARTER:
            number = (day.month + 2) // 3
            start = date(day.year, 3 * number - 2, 1)
            end = _next_month(start.replace(month=3 * number)) - _DAY
            return cls(kind, f"{start:%Y}-Q{number}", start, end, week_start)
        start = day - timedelta(days=(day.isoweekday() - week_start) % 7)
        thursday = start + timedelta(days=(4 - week_start) % 7)
        iso = thursday.isocalendar()
        return cls(kind, f"{iso.year:04d}-W{iso.week:02d}", start, start + timedelta(days=6), week_start)

    @classmethod
    def rolling(cls, end: date, days: int, week_start: int = 1) -> Period:
        """Return the window of `days` days (1 to 366) that ends on `end`."""
        _check_week_start(week_start)
        if not 1 <= days <= _LONGEST_ROLLING:
            raise BadPeriod(f"a rolling window has 1 to {_LONGEST_ROLLING} days, not {days}")
        start = end - timedelta(days=days - 1)
        return cls(PeriodKind.ROLLING, f"{end.isoformat()}~{days}d", start, end, week_start)

    @property
    def length(self) -> int:
        """How many days the period has."""
        return (self.end - self.start).days + 1

    def days(self) -> Iterator[date]:
        """Yield every day, first to last."""
        for offset in range(self.length):
            yield self.start + timedelta(days=offset)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    def previous(self) -> Period:
        """Return the period of the same kind (and, for rolling windows, length) that ends the day before."""
        if self.kind is PeriodKind.ROLLING:
            return Period.rolling(self.start - _DAY, self.length, self.week_start)
        return Period.containing(self.start - _DAY, self.kind, self.week_start)

    def next(self) -> Period:
        """Return the period of the same kind and length that begins the day after."""
        if self.kind is PeriodKind.ROLLING:
            return Period.rolling(self.end + timedelta(days=self.length), self.length, self.week_start)
        return Period.containing(self.end + _DAY, self.kind, self.week_start)

    def year_ago(self) -> Period:
        """Return the period to compare with a year before.

        A week: the same number in the ISO year before, its last week (52) for a week 53 it does not have. A
        month or quarter: the same one. A day or a rolling window: 364 days earlier, weekdays facing weekdays.
        """
        if self.kind is PeriodKind.WEEK:
            year, week = int(self.id[:4]) - 1, int(self.id[6:])
            last = date(year, 12, 28).isocalendar().week
            return Period.parse(f"{year:04d}-W{min(week, last):02d}", self.week_start)
        if self.kind in (PeriodKind.MONTH, PeriodKind.QUARTER):
            start = self.start.replace(year=self.start.year - 1)
            return Period.containing(start, self.kind, self.week_start)
        if self.kind is PeriodKind.ROLLING:
            return Period.rolling(self.end - timedelta(days=364), self.length, self.week_start)
        return Period.containing(self.start - timedelta(days=364), self.kind, self.week_start)


def _check_week_start(week_start: int) -> None:
    if week_start not in range(1, 8):
        raise Invalid(f"a week starts on day 1 (Monday) to 7 (Sunday), not {week_start}")


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
