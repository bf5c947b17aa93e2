"""Days and instants: what is read, and what is refused rather than guessed at or calculated with."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from rest_framework.exceptions import ValidationError

from config.lib.api.times import DayField, InstantField


def test_a_day_is_read() -> None:
    """Year, month and day."""
    assert DayField().run_validation("2026-11-21") == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-W47", "invalid"),
        ("2026-W47-1", "invalid"),
        ("20261121", "invalid"),
        ("٢٠٢٦-١١-٢١", "invalid"),
        ("2026-11-31", "invalid"),
        ("2026-11-21T00:00:00Z", "invalid"),
        ("0001-01-01", "year"),
        ("1969-12-31", "year"),
        ("2200-01-01", "year"),
        ("9999-12-31", "year"),
    ],
)
def test_what_is_no_day_of_ours_is_refused(text: str, code: str) -> None:
    """A week would be read as its Monday; before the year 1 there is no day to compare with."""
    with pytest.raises(ValidationError) as caught:
        DayField().run_validation(text)
    assert caught.value.get_codes() == [code]


@pytest.mark.parametrize("text", ["2026-11-21T08:00:00Z", "2026-11-21T16:00:00+08:00"])
def test_an_instant_is_read_in_utc(text: str) -> None:
    """Whatever offset it is written with."""
    assert InstantField().run_validation(text) == datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-11-21T08:00:00", "invalid"),
        ("2026-11-21", "invalid"),
        ("2026-11-21T25:00:00Z", "invalid"),
        ("0001-01-01T00:00:00+14:00", "overflow"),
        ("0001-01-01T00:00:00Z", "year"),
        ("9999-12-31T23:59:59-14:00", "overflow"),
    ],
)
def test_what_is_no_instant_of_ours_is_refused(text: str, code: str) -> None:
    """Without an offset it is not known which instant is meant."""
    with pytest.raises(ValidationError) as caught:
        InstantField().run_validation(text)
    assert caught.value.get_codes() == [code]
