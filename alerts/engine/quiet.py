"""When a person is told: at once, after their quiet hours, in their next digest. Critical always passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from alerts.types import Notice, Severity
from config.lib.calendars import zone

_DAY = timedelta(days=1)


class Digest(StrEnum):
    """Whether a person wants one message for many alerts, and how often."""

    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


class When(StrEnum):
    """When a notice reaches a person."""

    NOW = "now"
    LATER = "later"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours of a person's own wall clock in which nothing but critical alerts reaches them.

    `until` at or before `since` means the next morning; `weekdays` are the ISO days on which they begin.
    """

    since: time
    until: time
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class Wishes:
    """When a person wants to hear of a client's alerts, in their own time zone."""

    time_zone: str
    quiet: QuietHours | None = None
    digest: Digest = Digest.OFF
    digest_hour: int = 8
    digest_weekday: int = 1


def quiet_body(quiet: QuietHours) -> dict[str, Any]:
    """Quiet hours as JSON."""
    return {
        **asdict(quiet),
        "since": quiet.since.strftime("%H:%M"),
        "until": quiet.until.strftime("%H:%M"),
        "weekdays": list(quiet.weekdays),
    }


def quiet_of(body: Mapping[str, Any]) -> QuietHours:
    """Quiet hours from their JSON; the inverse of `quiet_body`."""
    return QuietHours(
        time.fromisoformat(body["since"]), time.fromisoformat(body["until"]), tuple(body["weekdays"])
    )


def when_told(
    wishes: Wishes | None, severity: Severity, notice: Notice, at: datetime
) -> tuple[When, datetime]:
    """Return when a notice that is due at `at` reaches a person, and that instant.

    Critical alerts and escalations are told at once, whatever was wished: somebody has to wake up. The rest
    goes into the digest of who has one, else waits for the end of quiet hours.
    """
    if wishes is None or severity is Severity.CRITICAL or notice is Notice.ESCALATED:
        return When.NOW, at
    if wishes.digest is not Digest.OFF:
        return When.DIGEST, next_digest(wishes, at)
    end = quiet_end(wishes, at)
    return (When.NOW, at) if end is None else (When.LATER, end)


def quiet_end(wishes: Wishes, at: datetime) -> datetime | None:
    """Return when the quiet hours end that hold at an instant; None if none hold."""
    if wishes.quiet is None:
        return None
    local = at.astimezone(zone(wishes.time_zone)).date()
    for day in (local - _DAY, local):
        if day.isoweekday() not in wishes.quiet.weekdays:
            continue
        last = day if wishes.quiet.until > wishes.quiet.since else day + _DAY
        begin = _instant(day, wishes.quiet.since, wishes.time_zone)
        end = _instant(last, wishes.quiet.until, wishes.time_zone)
        if begin <= at < end:
            return end
    return None


def next_digest(wishes: Wishes, after: datetime) -> datetime:
    """Return the first digest strictly after an instant: at their hour, weekly on their weekday."""
    day = after.astimezone(zone(wishes.time_zone)).date()
    while True:
        at = _instant(day, time(wishes.digest_hour), wishes.time_zone)
        is_day = wishes.digest is not Digest.WEEKLY or day.isoweekday() == wishes.digest_weekday
        if is_day and at > after:
            return at
        day += _DAY


def _instant(day: date, at: time, time_zone: str) -> datetime:
    return datetime.combine(day, at, tzinfo=zone(time_zone)).astimezone(UTC)
