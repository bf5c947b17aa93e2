"""Prices that were shown on days gone by, and what an offer would claim beside its price: the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from pricing.engine.robust import median

ZERO = Decimal(0)


class PriceKind(StrEnum):
    """Which of the prices of a product a fact is about; each is a fact of its own."""

    BASE = "base"
    PROMOTION = "promotion"
    DEAL = "deal"
    COUPON = "coupon"
    POINTS = "points"
    BUNDLE = "bundle"


@dataclass(frozen=True, slots=True)
class DatedPrice:
    """The price that was shown on a shop day. `effective` is what was left of it after coupons and points
    (None: there were none)."""

    day: date
    price: Decimal
    kind: PriceKind = PriceKind.BASE
    effective: Decimal | None = None

    @property
    def paid(self) -> Decimal:
        """What a buyer in truth paid that day."""
        return self.price if self.effective is None else self.effective


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """The prices of one listing day by day, in any order; several of a day are several facts."""

    prices: tuple[DatedPrice, ...] = ()

    def between(self, first: date, last: date) -> tuple[DatedPrice, ...]:
        """The prices of the days `first` to `last`, both included."""
        return tuple(each for each in self.prices if first <= each.day <= last)

    def days(self, first: date, last: date) -> int:
        """On how many days of the range a price was shown at all."""
        return len({each.day for each in self.between(first, last)})

    def days_at(self, price: Decimal, first: date, last: date) -> int:
        """On how many days of the range `price` was asked and nothing cheaper was shown."""
        return sum(lowest == price for lowest in self._lowest(first, last).values())

    def last_day_at(self, price: Decimal, before: date) -> date | None:
        """The last day before `before` of which `days_at` would count; None: there was none."""
        lowest = self._lowest(date.min, before - timedelta(days=1))
        return max((day for day, least in lowest.items() if least == price), default=None)

    def _lowest(self, first: date, last: date) -> dict[date, Decimal]:
        lowest: dict[date, Decimal] = {}
        for each in self.between(first, last):
            lowest[each.day] = min(each.price, lowest.get(each.day, each.price))
        return lowest

    def usual(self, on: date, days: int) -> Decimal | None:
        """The median of what buyers paid on the `days` days before `on`, one value a day; None if unknown."""
        lowest: dict[date, Decimal] = {}
        for each in self.between(on - timedelta(days=days), on - timedelta(days=1)):
            lowest[each.day] = min(each.paid, lowest.get(each.day, each.paid))
        return median(list(lowest.values())) if lowest else None


@dataclass(frozen=True, slots=True)
class PriceClaim:
    """What an offer shows beside its price.

    `reference_price` is a struck-through "was" price, `points` and `coupon` amounts of money per unit,
    `surcharges` what a way of paying (or anything else) would add to the shown price, by its name.
    `external_price` is the lowest price of the same product that the platform sees elsewhere, `packs` the
    prices of the same goods in other pack sizes (pieces, price). `emergency_since` is the first day of a
    declared emergency, as far as one is in force where the buyers live.
    """

    reference_price: Decimal | None = None
    points: Decimal = ZERO
    coupon: Decimal = ZERO
    surcharges: tuple[tuple[str, Decimal], ...] = ()
    is_tax_included: bool = True
    external_price: Decimal | None = None
    packs: tuple[tuple[int, Decimal], ...] = ()
    emergency_since: date | None = None

    def effective(self, price: Decimal) -> Decimal:
        """What a buyer pays in the end of a shown price."""
        return price - self.coupon - self.points
