"""Stock that lasts far too long, or has grown old: money that does not come back (L8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from alerts.detectors.base import Detector, Scope
from alerts.detectors.known import INVENTORY, ORDERS
from alerts.detectors.stock import SkuStock, StoreStock, past_stock, problem_of, read_stock
from alerts.engine.forecast import cover_of, pace_of
from alerts.engine.parameters import integer, words
from alerts.engine.saying import plain, say
from alerts.engine.threshold import HELD, Limit, Side
from alerts.types import Check, Severity, Verdict
from config.lib.errors import gettext_noop


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    cover_days: int = integer("Stock for more days than these is too much.", 120, low=7, high=3650)
    clear_days: int = integer("Stock for so many days is right again.", 105, low=1, high=3650)
    history_days: int = integer("Days of sales the pace rests on.", 60, low=7, high=180)
    least_units: int = integer("Nothing is said of fewer units in stock.", 20, low=1, high=1_000_000)
    new_days: int = integer(
        "A SKU first received within so many days is not judged: it had no time to sell.", 30, low=0, high=365
    )
    skus: tuple[str, ...] = words("Only these SKUs; all if empty.")

    def faults(self) -> list[tuple[str, str]]:
        """What only several parameters together show."""
        if self.clear_days > self.cover_days:
            return [("clear_days", "Must not lie beyond cover_days.")]
        return []


class OverStock(Detector[Parameters, tuple[StoreStock, ...]]):
    """See the module."""

    key = "over_stock"
    title = gettext_noop("Too much stock")
    meaning = gettext_noop("At its pace a SKU's stock will last far longer than it should.")
    parameters = Parameters
    severity = Severity.INFO
    cadence = timedelta(days=1)
    can_look_back = True

    def rests_on(self, subject: str, parameters: Parameters) -> Sequence[Sequence[str]]:
        """What a SKU, a campaign or a count is made of."""
        return (INVENTORY, ORDERS)

    def gather(self, scope: Scope[Parameters]) -> tuple[StoreStock, ...]:
        """Stock and sales of all stores."""
        return read_stock(scope, scope.parameters.history_days)

    def history(
        self, scope: Scope[Parameters], instants: Sequence[datetime]
    ) -> Iterator[tuple[datetime, tuple[StoreStock, ...]]]:
        """All instants by the same statements."""
        yield from past_stock(scope, instants, scope.parameters.history_days)

    def decide(self, inputs: tuple[StoreStock, ...], parameters: Parameters) -> list[Check]:
        """Hold each SKU's days of cover against the limit."""
        return [
            _check(sku, store, parameters)
            for store in inputs
            for sku in store.skus
            if not parameters.skus or sku.sku in parameters.skus
        ]


def _check(sku: SkuStock, store: StoreStock, asked: Parameters) -> Check:
    units = sku.fulfillable + sku.reserved
    pace = pace_of(
        sku.sold, sku.without_stock, store.last - timedelta(days=asked.history_days - 1), store.last
    )
    cover = cover_of(units, pace)
    problem = problem_of(sku, store)
    is_new = bool(sku.arrivals) and sku.arrivals[0] > store.today - timedelta(days=asked.new_days)
    if problem:
        verdict = Verdict.NO_DATA
        basis, evidence = say(
            gettext_noop("How long {sku} lasts cannot be said: {reason}."), sku=sku.sku, reason=problem
        )
    else:
        # What never sells lasts for ever: it is held against a span that no limit reaches.
        days = Decimal(10_000) if cover.days is None else cover.days
        verdict = Limit(Side.ABOVE, Decimal(asked.cover_days), Decimal(asked.clear_days)).judge(days)
        if units < asked.least_units or is_new:
            verdict = Verdict.CLEAR
        basis, evidence = say(
            gettext_noop(
                "{sku} has {units} units, sold {pace} a day: they last {cover} days; {limit} are enough."
            ),
            sku=sku.sku,
            units=units,
            pace=plain(pace.mean, 2),
            cover=None if cover.days is None else plain(cover.days, 0),
            limit=asked.cover_days,
        )
        evidence |= {"older_than_180_days": str(sku.aged)} if sku.aged is not None else {}
        evidence |= {"held": HELD} if verdict is Verdict.NO_DATA else {}
    return Check(
        subject=f"sku:{sku.sku}",
        verdict=verdict,
        store_id=sku.store_id,
        observed=cover.days,
        limit=Decimal(asked.cover_days),
        unit="days",
        basis=basis,
        as_of=store.as_of,
        severity=Severity.WARNING if verdict is Verdict.BREACH and sku.aged else None,
        evidence=evidence,
    )


DETECTOR = OverStock()
