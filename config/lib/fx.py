"""What an amount is worth in another currency on a day, by published reference rates."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from config.lib.errors import Unavailable, gettext_noop
from config.lib.money import Money, exponent

BASE = "EUR"
_CONTEXT = Context(prec=28)


class FXRateMissing(Unavailable):
    """No rate of a currency is known on or before the day."""

    code = "fx_rate_missing"
    title = gettext_noop("There is no exchange rate for this day")
    default_remedy = gettext_noop("Import reference rates that reach back to the day.")
    permanent = True


class FXRateStale(Unavailable):
    """The last rate published before the day is older than is allowed."""

    code = "fx_rate_stale"
    title = gettext_noop("The last exchange rate is too old")
    default_remedy = gettext_noop("Import newer reference rates.")


@dataclass(frozen=True, slots=True)
class Converted:
    """A converted amount (unrounded) with the rate that made it and the day that rate was published."""

    money: Money
    rate: Decimal
    rate_on: date


class FXTable:
    """Reference rates by day: units of a currency for one euro, as the European Central Bank publishes them.

    Rates between two other currencies go through the euro, both taken from the same day. Nothing is
    published on weekends and holidays: the last rate on or before a day counts, if it is at most
    `max_age_days` older.
    """

    def __init__(self, rates: Mapping[date, Mapping[str, Decimal]], max_age_days: int = 7) -> None:
        self._rates = {day: dict(row) for day, row in sorted(rates.items())}
        self._days = list(self._rates)
        self.max_age_days = max_age_days
        for day, row in self._rates.items():
            for currency, rate in row.items():
                if not isinstance(rate, Decimal) or not rate.is_finite() or rate <= 0:
                    raise ValueError(f"{currency} on {day}: {rate!r} is no exchange rate")

    def rate(self, frm: str, to: str, on: date) -> tuple[Decimal, date]:
        """Return how many units of `to` one unit of `frm` is worth on a day, and the rate's own day.

        28 significant digits. `FXRateMissing` if no day up to `on` has both currencies, `FXRateStale` if the
        last one that has is more than `max_age_days` before `on`, `UnknownCurrency` for unlisted codes.
        """
        exponent(frm), exponent(to)
        if frm == to:
            return Decimal(1), on
        for index in range(bisect_right(self._days, on) - 1, -1, -1):
            day = self._days[index]
            per_euro = {**self._rates[day], BASE: Decimal(1)}
            if frm in per_euro and to in per_euro:
                if (on - day).days > self.max_age_days:
                    raise FXRateStale(f"the last rate of {frm} to {to} before {on} is of {day}")
                return _CONTEXT.divide(per_euro[to], per_euro[frm]), day
        raise FXRateMissing(f"no rate of {frm} to {to} is known on or before {on}")

    def convert(self, money: Money, to: str, on: date) -> Converted:
        """Return `money` in the currency `to`: amount × `rate(…)`, not rounded; errors as `rate`."""
        rate, rate_on = self.rate(money.currency, to, on)
        if money.currency == to:
            return Converted(money, rate, rate_on)
        return Converted(Money(_CONTEXT.multiply(money.amount, rate), to), rate, rate_on)
