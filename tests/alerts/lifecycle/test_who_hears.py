"""Who hears what and when: identity, inhibition, silences, rosters, quiet hours, deadlines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.detectors import DETECTORS
from alerts.engine.escalation import LONGEST, ack_deadline
from alerts.engine.grouping import (
    INHIBITORS,
    Matcher,
    OpenAlert,
    fingerprint,
    inhibited_by,
)
from alerts.engine.quiet import Digest, QuietHours, When, Wishes, next_digest, quiet_body, quiet_of, when_told
from alerts.engine.roster import Shift, is_on, longest_gap, shift_body, shift_of, whom
from alerts.engine.sla import Calendar, deadline
from alerts.types import AlertState, Notice, Policy, Severity
from tenants.types import SlaClass

HOUR = timedelta(hours=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of November 2026, in UTC; the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_a_fingerprint_is_the_same_for_the_same_and_for_nothing_else() -> None:
    """Rule, store and subject do not run into each other."""
    keys = [
        (1, 2, "kpi:acos"),
        (12, None, "kpi:acos"),
        (1, None, "2kpi:acos"),
        (1, 2, "kpi:aco"),
        (1, 22, "kpi:acos"),
    ]
    assert len({fingerprint(*key) for key in keys}) == len(keys)
    assert fingerprint(*keys[0]) == fingerprint(1, 2, "kpi:acos")


def test_inhibition_by_store_and_only_by_what_fires() -> None:
    """A lost connection or stale stream mutes what is known by it; not itself, another store, or early."""
    stale = OpenAlert(5, "stale_data", "stream:orders_report", 1, AlertState.FIRING)
    assert inhibited_by("kpi_threshold", 1, [stale]) == stale
    assert inhibited_by("kpi_threshold", 2, [stale]) is None
    assert inhibited_by("price_drop", 1, [stale]) is None
    assert inhibited_by("stale_data", 1, [stale]) is None
    assert inhibited_by("kpi_threshold", 1, [replace(stale, state=AlertState.PENDING)]) is None
    assert inhibited_by("kpi_threshold", 1, [replace(stale, subject="upload:costs")]) is None
    lost = OpenAlert(3, "credential_expiry", "connection:1", 1, AlertState.ACKNOWLEDGED)
    assert inhibited_by("kpi_threshold", 1, [stale, lost]) == lost
    assert inhibited_by("stale_data", 1, [stale, lost]) == lost
    assert inhibited_by("kpi_threshold", 1, [replace(lost, subject="authorisation:1")]) is None


def test_inhibition_cannot_go_in_circles() -> None:
    """No two detectors mute each other, and every name in the table is a detector's."""
    for source in INHIBITORS:
        for other in INHIBITORS:
            assert not (source.detector in other.muted and other.detector in source.muted)
    named = {each.detector for each in INHIBITORS}.union(*(each.muted for each in INHIBITORS))
    assert named <= set(DETECTORS.keys())


@pytest.mark.parametrize(
    ("matcher", "covers"),
    [
        (Matcher(subjects=("sku:TENT",)), True),
        (Matcher(subjects=("sku:T*",)), True),
        (Matcher(subjects=("*",)), True),
        (Matcher(subjects=("sku:T?NT",)), False),
        (Matcher(subjects=("sku:[T]ENT",)), False),
        (Matcher(subjects=("sku:ten*",)), False),
        (Matcher(store_ids=(1, 2)), True),
        (Matcher(store_ids=(2,)), False),
        (Matcher(rules=("stock",), store_ids=(1,)), True),
        (Matcher(rules=("stock",), store_ids=(2,)), False),
        (Matcher(severities=(Severity.INFO,)), False),
    ],
)
def test_a_silence_covers_what_matches_in_everything_it_names(matcher: Matcher, covers: bool) -> None:
    """Lists are alternatives, several lists are conditions; only the star is special."""
    assert matcher.covers(rule="stock", store_id=1, subject="sku:TENT", severity=Severity.WARNING) is covers


SHANGHAI = Shift(1, "Asia/Shanghai", begins=time(9), ends=time(21), position="ads_operator")
MEXICO = Shift(2, "America/Mexico_City", begins=time(9), ends=time(18), position="ads_operator")
BOSS = Shift(3, "Asia/Shanghai", begins=time(8), ends=time(23), level=2)
TOKYO = Shift(4, "Asia/Tokyo", begins=time(22), ends=time(6), weekdays=(5,), store_ids=(9,))


def test_an_alert_goes_to_who_is_awake() -> None:
    """10:00 in Shanghai to the one, 10:00 in Mexico to the other; a level up to the boss, in his hours."""
    roster = [SHANGHAI, MEXICO, BOSS]
    assert whom(roster, 1, "ads_operator", at(20, 2)) == [1]
    assert whom(roster, 1, "ads_operator", at(20, 16)) == [2]
    assert whom(roster, 1, "ads_operator", at(20, 4), level=2) == [3]
    assert whom(roster, 1, "ads_operator", at(20, 18), level=2) == [2], "the boss sleeps, Mexico is awake"
    assert whom(roster, 1, "ads_operator", at(20, 13, 30)) == [3], "between the shifts the next level"
    assert whom(roster, 1, "warehouse", at(20, 2)) == [3], "whoever is there for every position"
    assert whom([SHANGHAI], 1, "warehouse", at(20, 2)) == [1], "better a colleague than nobody"


def test_nobody_awake_is_no_reason_to_tell_nobody() -> None:
    """Whoever comes on first hears of it; after a long weekend all who will come."""
    weekdays = (1, 2, 3, 4, 5)
    early = Shift(1, "Asia/Shanghai", begins=time(8), weekdays=weekdays)
    late = Shift(2, "Asia/Shanghai", begins=time(10), weekdays=weekdays)
    assert whom([late, early], 1, "", at(19, 20)) == [1]
    assert whom([late, early], 1, "", at(20, 20)) == [2, 1], "Friday night: nobody within a day, so both"
    gone = Shift(3, "Asia/Shanghai", until_on=date(2026, 11, 1))
    assert whom([gone], 1, "", at(20, 3)) == []
    assert whom([], 1, "", at(20, 3)) == []


def test_a_night_shift_ends_the_next_morning_and_belongs_to_the_day_it_began() -> None:
    """Friday 22:00 to Saturday 06:00 in Tokyo, of one store."""
    turn = [at(20, 13), at(20, 20, 59), at(20, 21), at(21, 13)]
    assert [is_on(TOKYO, instant) for instant in turn] == [True, True, False, False]
    assert whom([TOKYO, SHANGHAI], 9, "ads_operator", at(20, 14)) == [4]
    assert whom([TOKYO, SHANGHAI], 1, "ads_operator", at(20, 14)) == [1]


def test_a_shift_keeps_its_wall_clock_across_a_change_of_the_clocks() -> None:
    """09:00 in New York is 13:00 UTC before the first of November 2026 and 14:00 after it."""
    york = Shift(1, "America/New_York")
    assert is_on(york, datetime(2026, 10, 30, 13, 30, tzinfo=UTC))
    assert not is_on(york, at(2, 13, 30))
    assert is_on(york, at(2, 14))


def test_the_longest_gap_of_a_roster() -> None:
    """Two shifts that meet leave none; office hours leave the weekend."""
    day, night = (
        Shift(1, "UTC", begins=time(6), ends=time(18)),
        Shift(2, "UTC", begins=time(18), ends=time(6)),
    )
    assert longest_gap([day, night], at(20, 12)) is None
    office = Shift(1, "UTC", weekdays=(1, 2, 3, 4, 5))
    assert longest_gap([office], at(20, 12)) == (at(20, 18), at(23, 9))


SHIFTS = st.builds(
    Shift,
    user_id=st.integers(1, 4),
    time_zone=st.sampled_from(["Asia/Tokyo", "America/Mexico_City", "UTC", "America/New_York"]),
    weekdays=st.lists(st.integers(1, 7), min_size=1, max_size=7, unique=True).map(
        lambda days: tuple(sorted(days))
    ),
    begins=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    ends=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    level=st.integers(1, 3),
    position=st.sampled_from(["", "finance", "warehouse"]),
    store_ids=st.sampled_from([(), (1,), (1, 2)]),
)


@given(st.lists(SHIFTS, min_size=1, max_size=5), st.integers(0, 24 * 60 * 8), st.integers(1, 3))
def test_a_roster_for_the_store_never_tells_nobody(shifts: list[Shift], minutes: int, level: int) -> None:
    """Whenever it is; those it tells are awake if anybody fitting is; and a shift survives its storage."""
    instant = at(16, 0) + timedelta(minutes=minutes)
    found = whom(shifts, 1, "finance", instant, level)
    assert found
    fitting = [one for one in shifts if one.position in ("", "finance")] or shifts
    awake = {one.user_id for one in fitting if is_on(one, instant)}
    assert not awake or set(found) <= awake
    assert [shift_of(shift_body(one)) for one in shifts] == shifts


NIGHT = Wishes("Asia/Tokyo", quiet=QuietHours(time(21), time(8)))


@pytest.mark.parametrize(
    ("wishes", "severity", "notice", "instant", "when"),
    [
        (None, Severity.INFO, Notice.FIRED, at(20, 15), (When.NOW, at(20, 15))),
        (NIGHT, Severity.WARNING, Notice.FIRED, at(20, 15), (When.LATER, at(20, 23))),
        (NIGHT, Severity.WARNING, Notice.FIRED, at(20, 22, 59), (When.LATER, at(20, 23))),
        (NIGHT, Severity.WARNING, Notice.FIRED, at(20, 23), (When.NOW, at(20, 23))),
        (NIGHT, Severity.WARNING, Notice.RESOLVED, at(20, 12), (When.LATER, at(20, 23))),
        (NIGHT, Severity.CRITICAL, Notice.FIRED, at(20, 15), (When.NOW, at(20, 15))),
        (NIGHT, Severity.WARNING, Notice.ESCALATED, at(20, 15), (When.NOW, at(20, 15))),
        (
            Wishes("UTC", digest=Digest.DAILY),
            Severity.INFO,
            Notice.FIRED,
            at(20, 9),
            (When.DIGEST, at(21, 8)),
        ),
        (
            Wishes("UTC", digest=Digest.WEEKLY),
            Severity.INFO,
            Notice.FIRED,
            at(20, 9),
            (When.DIGEST, at(23, 8)),
        ),
        (
            Wishes("UTC", digest=Digest.DAILY),
            Severity.CRITICAL,
            Notice.FIRED,
            at(20, 9),
            (When.NOW, at(20, 9)),
        ),
    ],
)
def test_when_a_person_is_told(
    wishes: Wishes | None, severity: Severity, notice: Notice, instant: datetime, when: tuple[When, datetime]
) -> None:
    """Nights wait for the morning, digests for their hour; critical and escalated never wait."""
    assert when_told(wishes, severity, notice, instant) == when


def test_quiet_weekends_and_storage() -> None:
    """Quiet hours belong to the day on which they begin; they are read back as they were written."""
    weekend = QuietHours(time(0), time(0), (6, 7))
    wishes = Wishes("UTC", quiet=weekend)
    assert when_told(wishes, Severity.INFO, Notice.FIRED, at(21, 5)) == (When.LATER, at(22, 0))
    assert when_told(wishes, Severity.INFO, Notice.FIRED, at(23, 0)) == (When.NOW, at(23, 0))
    assert quiet_of(quiet_body(weekend)) == weekend


def test_a_digest_comes_once_a_day_also_when_the_clocks_change() -> None:
    """Strictly after the last one, at the same hour of the wall clock."""
    wishes = Wishes("America/New_York", digest=Digest.DAILY, digest_hour=8)
    first = next_digest(wishes, datetime(2026, 10, 30, 20, tzinfo=UTC))
    second = next_digest(wishes, first)
    assert (first, second) == (datetime(2026, 10, 31, 12, tzinfo=UTC), at(1, 13))


@pytest.mark.parametrize(
    ("sla", "severity", "own", "due"),
    [
        (SlaClass.STANDARD, Severity.WARNING, None, at(21, 16)),
        (SlaClass.STANDARD, Severity.CRITICAL, None, at(20, 20)),
        (SlaClass.URGENT, Severity.WARNING, None, at(20, 20)),
        (SlaClass.BUSINESS, Severity.WARNING, None, at(21, 16)),
        (SlaClass.BUSINESS, Severity.CRITICAL, None, at(20, 20)),
        (SlaClass.STANDARD, Severity.CRITICAL, "0.5", at(20, 16, 30)),
        (SlaClass.STANDARD, Severity.WARNING, "72", at(21, 16)),
    ],
)
def test_by_when_somebody_has_to_acknowledge(
    sla: SlaClass, severity: Severity, own: str | None, due: datetime
) -> None:
    """From Friday 16:00: the rule's own hours, the contract's promise, 4 hours if critical, a day at most."""
    calendar = Calendar("UTC")
    policy = Policy(escalate_after_hours=None if own is None else Decimal(own))
    start = at(20, 16)
    assert ack_deadline(start, policy, severity, lambda one: deadline(one, sla, calendar)) == due
    assert due - start <= LONGEST
