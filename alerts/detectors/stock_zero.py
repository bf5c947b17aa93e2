"""Stock that fell to nothing while the SKU sells (L4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from alerts.detectors.base import Detector, Scope
from alerts.detectors.known import INVENTORY, ORDERS
from alerts.detectors.stock import SkuStock, StoreStock, past_stock, problem_of, read_stock
from alerts.engine.parameters import integer, words
from alerts.engine.saying import say
from alerts.engine.threshold import HELD
from alerts.types import Check, Severity, Verdict
from config.lib.errors import gettext_noop


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    history_days: int = integer("A SKU counts as selling if it sold in so many days.", 14, low=1, high=90)
    least_units: int = integer("And if it sold so many units in them.", 3, low=1, high=100_000)
    clear_units: int = integer("With so many units it is right again.", 1, low=1, high=100_000)
    skus: tuple[str, ...] = words("Only these SKUs; all if empty.")


class StockZero(Detector[Parameters, tuple[StoreStock, ...]]):
    """See the module."""

    key = "stock_zero"
    title = gettext_noop("Out of stock")
    meaning = gettext_noop("A SKU that sells has nothing left to be sold.")
    parameters = Parameters
    severity = Severity.CRITICAL
    cadence = timedelta(hours=1)
    listens = frozenset({"kpis.measures_changed"})
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
        """Look at each SKU's last snapshot."""
        return [
            check
            for store in inputs
            for sku in store.skus
            if not parameters.skus or sku.sku in parameters.skus
            if (check := _check(sku, store, parameters)) is not None
        ]


def _check(sku: SkuStock, store: StoreStock, asked: Parameters) -> Check | None:
    """None of a SKU that is sold out and does not sell: nobody misses it."""
    first = store.today - timedelta(days=asked.history_days)
    sold = sum(units for day, units in sku.sold.items() if first <= day <= store.today)
    is_empty = sku.fulfillable <= 0
    problem = problem_of(sku, store)
    if is_empty and sold < asked.least_units and not problem:
        return None
    verdict = Verdict.BREACH if is_empty else Verdict.CLEAR
    if problem or (not is_empty and sku.fulfillable < asked.clear_units):
        verdict = Verdict.NO_DATA
    basis, evidence = say(
        gettext_noop(
            "{sku} has {units} units to sell on {on} (before: {before}) and sold {sold} in {days} days."
        ),
        sku=sku.sku,
        units=sku.fulfillable,
        on=sku.snapshot_on,
        before=sku.before,
        sold=sold,
        days=asked.history_days,
    )
    evidence |= {"inbound": str(sku.inbound), "reserved": str(sku.reserved)}
    if verdict is Verdict.NO_DATA:
        evidence |= {"reason": problem} if problem else {"held": HELD}
    return Check(
        subject=f"sku:{sku.sku}",
        verdict=verdict,
        store_id=sku.store_id,
        observed=Decimal(sku.fulfillable),
        limit=Decimal(0),
        unit="count",
        basis=basis,
        as_of=store.as_of,
        evidence=evidence,
    )


DETECTOR = StockZero()
