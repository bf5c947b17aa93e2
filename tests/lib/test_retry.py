"""Retries: bounded, jittered, and obedient to Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.retry import delays, parse_retry_after

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@given(st.integers(0, 80), st.floats(0.01, 10), st.floats(0.1, 1000), st.integers())
def test_delays_stay_under_their_growing_bound(attempts: int, base: float, cap: float, seed: int) -> None:
    """The n-th pause lies in 0 … min(cap, base × 2ⁿ), also after eighty attempts."""
    found = list(delays(attempts, base, cap, Random(seed)))
    assert len(found) == attempts
    for attempt, delay in enumerate(found):
        assert 0 <= delay <= min(cap, base * 2**attempt) * (1 + 1e-12)


def test_delays_use_the_whole_range() -> None:
    """Full jitter: a thousand fifth pauses average half of their bound."""
    rng = Random(7)
    fifth = [list(delays(5, 1, 60, rng))[4] for _ in range(1000)]
    assert 7.5 < sum(fifth) / 1000 < 8.5
    assert min(fifth) < 1
    assert max(fifth) > 15


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("99999999999999999999", 86400.0),
        ("Sat, 21 Nov 2099 12:00:30 GMT", 86400.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, seconds: float | None) -> None:
    """Seconds or an HTTP date; at most a day, never negative, None for nonsense."""
    assert parse_retry_after(value, NOW) == seconds


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    """A platform can send what it likes."""
    found = parse_retry_after(text, NOW)
    assert found is None or 0 <= found <= timedelta(days=1).total_seconds()
