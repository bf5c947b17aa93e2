"""Days beside their likes: weekdays, events, what is left out, and that both sides have equally many days."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kpis.engine.alignment import align

MONDAY = date(2026, 11, 16)
SALE = frozenset({"sale"})
DAYS = st.dates(date(2019, 12, 25), date(2028, 3, 5))


def run(first: date, length: int) -> list[date]:
    """Consecutive days."""
    return [first + timedelta(days=n) for n in range(length)]


def test_weekdays_answer_to_weekdays() -> None:
    """A week against the one before: each day to its own, once."""
    week, before = run(MONDAY, 7), run(MONDAY - timedelta(days=7), 7)
    found = align(week, before, {})
    assert found.matched == tuple(week)
    assert dict(found.weights) == dict.fromkeys(before, 1)


def test_months_of_other_weekdays_are_evened_out() -> None:
    """October 2026 has five Saturdays, September four: each Saturday counts five quarters."""
    september, october = run(date(2026, 9, 1), 30), run(date(2026, 10, 1), 31)
    found = align(october, september, {})
    saturdays = [found.weights[day] for day in september if day.isoweekday() == 6]
    assert [float(weight) for weight in saturdays] == [1.25] * 4
    assert sum(found.weights.values()) == found.days == 31


def test_an_event_without_its_like_is_left_out() -> None:
    """A sale on Friday and Saturday of this week only: five days stand on either side."""
    week, before = run(MONDAY, 7), run(MONDAY - timedelta(days=7), 7)
    found = align(week, before, {week[4]: SALE, week[5]: SALE})
    assert found.left_out == (week[4], week[5])
    assert set(found.weights) == {*before[:4], before[6]}


def test_an_event_answers_to_itself_wherever_it_lies() -> None:
    """Three days of the sale this year face the two of last year, two weeks earlier: the third its last."""
    now, then = run(date(2026, 7, 13), 7), run(date(2025, 7, 14), 7)
    wider = run(date(2025, 6, 1), 90)
    events = dict.fromkeys((*now[1:4], date(2025, 6, 30), date(2025, 7, 1)), SALE)
    found = align(now, then, events, wider=wider)
    assert found.left_out == ()
    assert (found.weights[date(2025, 6, 30)], found.weights[date(2025, 7, 1)]) == (1, 2)


@given(DAYS, st.integers(1, 40), DAYS, st.integers(1, 40), st.sets(DAYS), st.sets(DAYS))
def test_both_sides_have_equally_many_days(
    first: date, length: int, other: date, others: int, sales: set[date], fairs: set[date]
) -> None:
    """Whatever the events: weights add up to the matched days, and no day is both matched and left out."""
    days, reference = run(first, length), run(other, others)
    events = {
        day: frozenset({*(["sale"] if day in sales else []), *(["fair"] if day in fairs else [])})
        for day in sales | fairs
    }
    found = align(days, reference, events)
    assert sum(found.weights.values()) == found.days
    assert sorted((*found.matched, *found.left_out)) == days
    likes = {events.get(like) for like in found.weights}
    assert all(events.get(day) in likes for day in found.matched)
