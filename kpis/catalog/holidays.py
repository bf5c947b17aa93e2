"""The days on which warehouses and offices of a market rest: what "business hours" leaves out.

A promise of 24 business hours runs Monday to Friday outside these days. The lists are rules, so no year runs
out: Japan's are the closures of the warehouse calendar (Golden Week, Obon, turn of the year: the domain
reference's holiday table, from document S1, pitfall 8), the United States' the federal holidays of
5 U.S.C. 6103 with their observed days (the reference: "USPS/UPS off, business-hour SLAs"), Mexico's the
compulsory rest days of art. 74 LFT. Markets without a list rest at weekends only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

FIRST_YEAR, LAST_YEAR = 2020, 2035

_MONDAY, _THURSDAY = 1, 4


def rest_days(market: str, year: int) -> list[date]:
    """The rest days of a market in a calendar year, ascending; weekends are not among them by rule but may be
    by chance."""
    rule = _RULES.get(market)
    return [] if rule is None else sorted({day for day in rule(year) if day.year == year})


def all_rest_days() -> list[tuple[str, date]]:
    """Every (market, rest day) from 2020 to 2035 that is no weekend anyway."""
    return [
        (market, day)
        for market in sorted(_RULES)
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
        for day in rest_days(market, year)
        if day.isoweekday() < 6
    ]


def _japan(year: int) -> Iterator[date]:
    yield from _days(date(year, 1, 1), date(year, 1, 3))
    yield from _days(date(year, 4, 29), date(year, 5, 5))
    yield from _days(date(year, 8, 13), date(year, 8, 16))
    yield from _days(date(year, 12, 29), date(year, 12, 31))


def _united_states(year: int) -> Iterator[date]:
    yield _nth(year, 1, 3, _MONDAY)
    yield _nth(year, 2, 3, _MONDAY)
    yield _last_monday(year, 5)
    yield _nth(year, 9, 1, _MONDAY)
    yield _nth(year, 10, 2, _MONDAY)
    yield _nth(year, 11, 4, _THURSDAY)
    for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)):
        yield _observed(date(year, month, day))
    # New Year's Day on a Saturday is observed on the last day of the year before.
    yield _observed(date(year + 1, 1, 1))


def _mexico(year: int) -> Iterator[date]:
    yield from (date(year, 1, 1), date(year, 5, 1), date(year, 9, 16), date(year, 12, 25))
    yield _nth(year, 2, 1, _MONDAY)
    yield _nth(year, 3, 3, _MONDAY)
    yield _nth(year, 11, 3, _MONDAY)


_RULES: Mapping[str, Callable[[int], Iterator[date]]] = {
    "JP": _japan,
    "MX": _mexico,
    "US": _united_states,
}


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _nth(year: int, month: int, n: int, weekday: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (n - 1))


def _last_monday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=last.isoweekday() - _MONDAY)


def _observed(day: date) -> date:
    """A Saturday's holiday is observed on the Friday before, a Sunday's on the Monday after."""
    shift = {6: -1, 7: 1}.get(day.isoweekday(), 0)
    return day + timedelta(days=shift)
