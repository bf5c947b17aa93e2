"""What facts say of a listing now: how old its stock is, how long it lasts, how old its inputs are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from pricing.types import InputAge

# The first day of each age bucket, the oldest first.
BUCKETS = (366, 271, 181, 91, 0)
_TENTH = 10
_STEP = Decimal("0.0001")
_HOURS = 24


def oldest_tenth(units_by_bucket: Sequence[int]) -> int | None:
    """The age in days from which the oldest tenth of the stock is older; None without stock.

    `units_by_bucket` holds units of 0-90, 91-180, 181-270, 271-365 and over 365 days. Of a bucket only its
    first day is known, so the answer is the least that it can be.
    """
    total = sum(units_by_bucket)
    if total <= 0:
        return None
    older = 0
    for first, units in zip(BUCKETS, reversed(units_by_bucket), strict=True):
        older += units
        if older * _TENTH >= total:
            return first
    return BUCKETS[-1]


def cover_days(stock: int | None, per_day: Decimal | None) -> Decimal | None:
    """How many days the stock lasts at the present pace; None where either is unknown or nothing is sold."""
    if stock is None or not per_day:
        return None
    return (stock / per_day).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def per_day(units: int, days: int) -> Decimal:
    """Units sold per day, to four decimals."""
    return (Decimal(units) / days).quantize(_STEP, rounding=ROUND_HALF_UP)


def ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    """A share to four decimals; None of nothing."""
    return (part / whole).quantize(_STEP, rounding=ROUND_HALF_UP) if whole > 0 else None


def input_age(name: str, as_of: datetime | None, limit_hours: int, at: datetime) -> InputAge:
    """How old an input is; one without a date is not fresh."""
    fresh = as_of is not None and at - as_of <= timedelta(hours=limit_hours)
    return InputAge(name, as_of, limit_hours, fresh)


def rate_age(rate_on: date | None, as_of: datetime | None, limit_days: int, on: date) -> InputAge:
    """How old the oldest exchange rate is, counted in days on which rates are published (Monday to Friday):
    else every Monday morning would find Friday's rate too old."""
    fresh = rate_on is not None and _working_days(rate_on, on) <= limit_days
    return InputAge("fx", as_of, limit_days * _HOURS, fresh)


def _working_days(first: date, last: date) -> int:
    """The days from Monday to Friday after `first`, up to and including `last`."""
    return sum((first + timedelta(days=n)).isoweekday() < 6 for n in range(1, (last - first).days + 1))
