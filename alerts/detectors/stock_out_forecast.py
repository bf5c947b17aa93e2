"""Stock that will not last until a new delivery can arrive (L8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from alerts.detectors.base import Detector, Scope
from alerts.detectors.known import INVENTORY, ORDERS
from alerts.detectors.stock import SkuStock, StoreStock, past_stock, problem_of, read_stock
from alerts.engine.forecast import cover_of, forecast_error, order_quantity, pace_of, safety_days
from alerts.engine.parameters import decimal, flag, integer, words
from alerts.engine.saying import percent, plain, say
from alerts.engine.threshold import HELD, Limit, Side
from alerts.types import Check, Severity, Verdict
from config.lib.errors import gettext_noop


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a rule may set."""

    lead_days: int = integer("Days from an order until its goods can be sold.", 30, low=0, high=365)
    review_days: int = integer("Days between two orders.", 7, low=1, high=180)
    safety_factor: Decimal = decimal(
        "Standard deviations of demand over the lead time kept as safety (1.28: nine of ten).",
        "1.28",
        low=0,
        high=5,
    )
    clear_days: int = integer("It is right again with so many days of cover more.", 3, low=0, high=180)
    history_days: int = integer("Days of sales the pace rests on.", 28, low=7, high=180)
    least_units: int = integer(
        "Nothing is said of SKUs that sold less in these days.", 5, low=1, high=100_000
    )
    with_inbound: bool = flag("Count units on their way as stock.", True)
    horizon_days: int = integer("Over so many days the error of past forecasts is told.", 7, low=1, high=60)
    skus: tuple[str, ...] = words("Only these SKUs; all if empty.")


class StockOutForecast(Detector[Parameters, tuple[StoreStock, ...]]):
    """See the module."""

    key = "stock_out_forecast"
    title = gettext_noop("Stock will run out")
    meaning = gettext_noop("At its pace a SKU will be sold out before new goods can arrive.")
    parameters = Parameters
    severity = Severity.WARNING
    cadence = timedelta(hours=6)
    listens = frozenset({"kpis.measures_changed"})
    can_look_back = True

    def rests_on(self, subject: str, parameters: Parameters) -> Sequence[Sequence[str]]:
        """What a SKU, a campaign or a count is made of."""
        return (INVENTORY, ORDERS)

    def gather(self, scope: Scope[Parameters]) -> tuple[StoreStock, ...]:
        """Stock and sales of all stores."""
        asked = scope.parameters
        return read_stock(scope, asked.history_days + asked.horizon_days)

    def history(
        self, scope: Scope[Parameters], instants: Sequence[datetime]
    ) -> Iterator[tuple[datetime, tuple[StoreStock, ...]]]:
        """All instants by the same statements."""
        yield from past_stock(scope, instants, scope.parameters.history_days + scope.parameters.horizon_days)

    def decide(self, inputs: tuple[StoreStock, ...], parameters: Parameters) -> list[Check]:
        """Hold each SKU's days of cover against its lead time and safety."""
        return [
            check
            for store in inputs
            for sku in store.skus
            if not parameters.skus or sku.sku in parameters.skus
            if (check := _check(sku, store, parameters)) is not None
        ]


def _check(sku: SkuStock, store: StoreStock, asked: Parameters) -> Check | None:
    """None of a SKU that hardly sells: there is nothing to forecast."""
    first = store.last - timedelta(days=asked.history_days - 1)
    pace = pace_of(sku.sold, sku.without_stock, first, store.last)
    if sum(units for day, units in sku.sold.items() if first <= day <= store.last) < asked.least_units:
        return None
    problem = problem_of(sku, store)
    units = sku.fulfillable + sku.reserved + (sku.inbound if asked.with_inbound else 0)
    cover = cover_of(units, pace)
    safety = safety_days(pace, asked.lead_days, asked.safety_factor)
    breach = asked.lead_days + safety
    limit = Limit(Side.BELOW, breach, breach + asked.clear_days)
    if problem or cover.days is None:
        verdict = Verdict.NO_DATA
        basis, evidence = say(
            gettext_noop("How long {sku} lasts cannot be said: {reason}."),
            sku=sku.sku,
            reason=problem or "no_pace",
        )
    else:
        verdict = limit.judge(cover.days)
        basis, evidence = say(
            gettext_noop(
                "{sku} lasts {cover} days ({units} units at {pace} a day, out on {runs_out_on}); a new order "
                "takes {lead} days and {safety} of safety."
            ),
            sku=sku.sku,
            cover=plain(cover.days, 1),
            units=units,
            pace=plain(pace.mean, 2),
            runs_out_on=cover.runs_out_on(store.today),
            lead=asked.lead_days,
            safety=plain(safety, 1),
        )
        evidence |= _also(sku, store, asked)
        quantity = order_quantity(
            cover, lead_days=asked.lead_days, safety=safety, review_days=asked.review_days
        )
        evidence["order_quantity"] = str(quantity)
        evidence |= {"held": HELD} if verdict is Verdict.NO_DATA else {}
    return Check(
        subject=f"sku:{sku.sku}",
        verdict=verdict,
        store_id=sku.store_id,
        observed=cover.days,
        limit=breach,
        unit="days",
        basis=basis,
        as_of=store.as_of,
        severity=Severity.CRITICAL if verdict is Verdict.BREACH and units <= 0 else None,
        evidence=evidence,
    )


def _also(sku: SkuStock, store: StoreStock, asked: Parameters) -> dict[str, str]:
    """How good such a forecast was lately, and how often the SKU was replenished."""
    error = forecast_error(
        sku.sold, sku.without_stock, store.last, horizon=asked.horizon_days, history=asked.history_days
    )
    gaps = [(later - earlier).days for earlier, later in pairwise(sorted(set(sku.arrivals)))]
    return {
        "forecast_error": percent(error),
        "replenished_every_days": plain(Decimal(sum(gaps)) / len(gaps), 1) if gaps else "–",
        "inbound": str(sku.inbound),
        "snapshot_on": sku.snapshot_on.isoformat(),
    }


DETECTOR = StockOutForecast()
