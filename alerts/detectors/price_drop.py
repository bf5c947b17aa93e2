"""Our own price fell suddenly, and nobody planned it (L4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from alerts.detectors.base import Detector, Scope
from alerts.detectors.known import LISTINGS, Known, known_of
from alerts.engine.parameters import decimal, flag, integer, words
from alerts.engine.saying import percent, plain, say
from alerts.engine.threshold import HELD, Limit, Side
from alerts.types import Check, Severity, Verdict
from config.lib.calendars import business_day
from config.lib.errors import gettext_noop
from connectors.selectors.skus import list_skus
from connectors.types import StoreRef
from pricing.selectors.history import last_changes, prices_at
from pricing.selectors.promotions import windows_of


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    share: Decimal = decimal("A fall by more than this share is sudden.", "0.15", low="0.01", high="0.99")
    clear_share: Decimal = decimal("Within this share it is right again.", "0.05", low=0, high="0.99")
    hours: int = integer("Compared with the price so many hours ago.", 24, low=1, high=720)
    ignore_planned: bool = flag("Say nothing while a planned promotion of the listing runs.", True)
    skus: tuple[str, ...] = words("Only these SKUs; all if empty.")

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        return [("clear_share", "Must not lie beyond the share.")] if self.clear_share > self.share else []


@dataclass(frozen=True, slots=True)
class Price:
    """A listing's price now and before, None where none was observed."""

    store_id: int
    sku: str
    currency: str
    now: Decimal | None
    before: Decimal | None
    changed_at: datetime | None
    in_promotion: bool
    known: Known


class PriceDrop(Detector[Parameters, tuple[Price, ...]]):
    """See the module."""

    key = "price_drop"
    title = gettext_noop("Price fell suddenly")
    meaning = gettext_noop("Our own price is far below what it was hours ago, without a planned promotion.")
    parameters = Parameters
    severity = Severity.CRITICAL
    cadence = timedelta(minutes=30)
    listens = frozenset({"pricing.price_moved"})
    can_look_back = True

    def gather(self, scope: Scope[Parameters]) -> tuple[Price, ...]:
        """Four statements per store."""
        asked = scope.parameters
        earlier = scope.at - timedelta(hours=asked.hours)
        known = known_of(scope, LISTINGS)
        return tuple(
            price
            for store in scope.stores
            for price in scope.reads.once(
                ("prices", store.id, asked.hours, asked.skus, scope.at),
                lambda store=store: _read(  # type: ignore[misc]
                    store, asked.skus, earlier, scope.at, known[store.id]
                ),
            )
        )

    def decide(self, inputs: tuple[Price, ...], parameters: Parameters) -> list[Check]:
        """Judge each listing's fall."""
        return [_check(price, parameters) for price in inputs]


def _read(store: StoreRef, only: Sequence[str], earlier: datetime, at: datetime, known: Known) -> list[Price]:
    skus = list(only) or list(list_skus(store.id))
    now, before = prices_at(store.id, skus, at), prices_at(store.id, skus, earlier)
    changes, windows = last_changes(store.id, skus), windows_of(store, skus)
    today = business_day(at, store.time_zone)
    return [
        Price(
            store.id,
            sku,
            store.currency,
            now.get(sku),
            before.get(sku),
            changes[sku].observed_at if sku in changes and changes[sku].observed_at <= at else None,
            any(window.first <= today <= window.last for window in windows.get(sku, ())),
            known,
        )
        for sku in skus
    ]


def _check(price: Price, asked: Parameters) -> Check:
    change = price.now / price.before - 1 if price.now is not None and price.before else None
    if change is None or price.known.problem:
        verdict = Verdict.NO_DATA
        basis, evidence = say(
            gettext_noop("What became of the price of {sku} is not known: {reason}."),
            sku=price.sku,
            reason=price.known.problem or "no_earlier_price",
        )
    else:
        verdict = Limit(Side.BELOW, -asked.share, -asked.clear_share).judge(change)
        basis, evidence = say(
            gettext_noop("{sku} costs {now} {currency}, {change} against {before} {hours} hours ago."),
            sku=price.sku,
            now=price.now,
            currency=price.currency,
            change=percent(change),
            before=price.before,
            hours=asked.hours,
        )
        evidence |= {"held": HELD} if verdict is Verdict.NO_DATA else {}
        if price.in_promotion:
            evidence["promotion"] = "planned"
            verdict = Verdict.CLEAR if asked.ignore_planned else verdict
    if price.changed_at is not None:
        evidence["changed_at"] = price.changed_at.isoformat()
    return Check(
        subject=f"sku:{price.sku}",
        verdict=verdict,
        store_id=price.store_id,
        observed=None if change is None else Decimal(plain(change)),
        limit=-asked.share,
        unit="fraction",
        basis=basis,
        as_of=price.known.as_of,
        evidence=evidence,
    )


DETECTOR = PriceDrop()
