"""A price that left its usual level, up or down (P19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from alerts.detectors.base import Detector, Scope
from alerts.detectors.known import LISTINGS, Known, known_of
from alerts.engine.parameters import decimal, integer, words
from alerts.engine.saying import percent, plain, say
from alerts.engine.threshold import HELD, Limit, Side
from alerts.types import Check, Verdict
from config.lib.calendars import business_day
from config.lib.errors import gettext_noop
from connectors.selectors.skus import list_skus
from connectors.types import StoreRef
from pricing.selectors.history import prices_at
from pricing.selectors.price_histories import load_histories


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    share: Decimal = decimal("A deviation by more than this share is told.", "0.05", low="0.001", high=10)
    clear_share: Decimal = decimal("Within this share it is right again.", "0.04", low=0, high=10)
    days: int = integer("The usual price is the median of so many days.", 30, low=7, high=90)
    least_days: int = integer("Nothing is said before so many days are known.", 7, low=3, high=90)
    skus: tuple[str, ...] = words("Only these SKUs; all if empty.")

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        found = []
        if self.clear_share > self.share:
            found.append(("clear_share", "Must not lie beyond the share."))
        if self.least_days > self.days:
            found.append(("least_days", "Must not be more than the days."))
        return found


@dataclass(frozen=True, slots=True)
class Price:
    """A listing's price now and on earlier days (every price that was shown on a day)."""

    store_id: int
    sku: str
    currency: str
    now: Decimal | None
    shown: tuple[tuple[date, Decimal], ...]
    known: Known


class PriceDeviation(Detector[Parameters, tuple[Price, ...]]):
    """See the module."""

    key = "price_deviation"
    title = gettext_noop("Price left its usual level")
    meaning = gettext_noop("Our own price deviates from the median of the last weeks.")
    parameters = Parameters
    cadence = timedelta(hours=3)
    listens = frozenset({"pricing.price_moved"})
    can_look_back = True

    def gather(self, scope: Scope[Parameters]) -> tuple[Price, ...]:
        """Three statements per store."""
        asked = scope.parameters
        known = known_of(scope, LISTINGS)
        return tuple(price for store in scope.stores for price in _read(store, scope, asked, known[store.id]))

    def decide(self, inputs: tuple[Price, ...], parameters: Parameters) -> list[Check]:
        """Judge each listing's deviation."""
        return [_check(price, parameters) for price in inputs]


def _read(store: StoreRef, scope: Scope[Parameters], asked: Parameters, known: Known) -> list[Price]:
    skus = list(asked.skus) or list(list_skus(store.id))
    on = business_day(scope.at, store.time_zone)
    now = prices_at(store.id, skus, scope.at)
    histories = load_histories(store_id=store.id, skus=skus, on=on, days=asked.days)
    return [
        Price(
            store.id,
            sku,
            store.currency,
            now.get(sku),
            tuple((each.day, each.price) for each in histories[sku].prices),
            known,
        )
        for sku in skus
    ]


def _check(price: Price, asked: Parameters) -> Check:
    days = len({day for day, _ in price.shown})
    usual = median(amount for _, amount in price.shown) if price.shown else None
    change = price.now / usual - 1 if price.now is not None and usual else None
    if change is None or days < asked.least_days or price.known.problem:
        verdict = Verdict.NO_DATA
        basis, evidence = say(
            gettext_noop("Whether {sku} is at its usual price is not known: {days} days were seen. {reason}"),
            sku=price.sku,
            days=days,
            reason=price.known.problem,
        )
    else:
        verdict = Limit(Side.ABOVE, asked.share, asked.clear_share).judge(abs(change))
        basis, evidence = say(
            gettext_noop("{sku} costs {now} {currency}, {change} from {usual}, the median of {days} days."),
            sku=price.sku,
            now=price.now,
            currency=price.currency,
            change=percent(change),
            usual=usual,
            days=days,
        )
        evidence |= {"held": HELD} if verdict is Verdict.NO_DATA else {}
    return Check(
        subject=f"sku:{price.sku}",
        verdict=verdict,
        store_id=price.store_id,
        observed=None if change is None else Decimal(plain(change)),
        limit=asked.share,
        unit="fraction",
        basis=basis.strip(),
        as_of=price.known.as_of,
        evidence=evidence,
    )


DETECTOR = PriceDeviation()
