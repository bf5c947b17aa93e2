"""The world's own figures in the form of a scorecard, by arithmetic that shares nothing with ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

from config.lib.calendars import Period
from connectors.simulator.http.simulator import Simulator
from connectors.simulator.http.views import observed_by
from connectors.simulator.truth import Truth
from connectors.simulator.truth.costs import Costs
from connectors.simulator.truth.kpis import Values, kpis, margin_lines

ZERO = Decimal(0)
EXPONENTS = {"USD": 2, "MXN": 2, "JPY": 0}
# Sums of money: an all-stores scorecard converts each day's amount at that day's rate.
MONEY = frozenset(
    {
        "gmv_ordered", "live_sales", "refunds", "cogs_sold", "cogs_returned", "platform_fees_charged",
        "platform_fees_estimated", "subscription_fees", "fulfilment_fees_charged",
        "fulfilment_fees_estimated", "storage_fees", "return_fees", "unit_costs_other", "ad_spend",
        "ad_sales",
    }
)  # fmt: skip
LEVELS = frozenset({"inventory_cost", "aged_stock_cost", "aged_90_cost"})
# KPIs of the catalogue that are one of the margin's lines as a share of net sales.
SHARES = {
    "landed_cost_ratio": "cogs",
    "platform_fee_rate": "platform_fees",
    "fulfilment_cost_rate": "fulfilment_fees",
    "storage_cost_rate": "storage_fees",
    "return_fee_rate": "return_fees",
    "other_unit_cost_rate": "unit_costs_other",
    "cm3_pct": "cm3",
}
MONEY_KPIS = frozenset({"gmv_ordered", "net_sales", "aov", "asp", "ad_spend"})


class Oracle:
    """What every KPI truly is at the simulator's present moment, given what it was asked for so far."""

    def __init__(self, simulator: Simulator, *, quote: str = "USD") -> None:
        self._world, self._at, self._quote = simulator.world, simulator.clock.now(), quote
        self._days: dict[tuple[str, date], Mapping[str, Decimal]] = {}
        self._periods: dict[tuple[str, ...], Values] = {}
        self._truths = {
            key: Truth(
                simulator.world,
                self._at,
                observed_by(simulator.record, key),
                simulator.knobs.traffic_delay_days,
            )
            for key in simulator.world.stores
        }

    @property
    def at(self) -> datetime:
        """The moment it speaks of."""
        return self._at

    def today(self, store: str) -> date:
        """The store's present day."""
        return self._world.stores[store].today(self._at)

    def store(self, store: str, period: Period) -> Values:
        """Every KPI of one store, in its own money."""
        key = (store, period.id)
        if key not in self._periods:
            self._periods[key] = self._store(store, period)
        return self._periods[key]

    def all_stores(self, stores: Iterable[str], period: Period) -> Values:
        """Every KPI of several stores together, in the reporting currency."""
        names = list(stores)
        key = (*names, period.id)
        if key not in self._periods:
            self._periods[key] = self._all_stores(names, period)
        return self._periods[key]

    def _store(self, store: str, period: Period) -> Values:
        sums = self._truths[store].measures(store, period.start, period.end, self._quote)
        values = _values(sums, self._passed(period, [store]))
        if period.start <= self._world.start:
            # The reference is the rate at the end of the shop's former period; the first has none.
            values["fx_change_pct"] = None
        return values

    def _all_stores(self, names: list[str], period: Period) -> Values:
        with localcontext(prec=34):
            total: defaultdict[str, Decimal] = defaultdict(Decimal)
            for name in names:
                for key, value in self._converted(name, period).items():
                    worst = key in ("odr", "late_shipment_rate") and key in total
                    total[key] = max(total[key], value) if worst else total[key] + value
            values = _values(total, self._passed(period, names))
        moves = [move for name in names if (move := self.store(name, period)["fx_change_pct"]) is not None]
        values["fx_change_pct"] = max(moves, key=abs, default=None)
        return values

    def _converted(self, store: str, period: Period) -> Mapping[str, Decimal]:
        truth, market = self._truths[store], self._world.stores[store].market
        costs = Costs(self._world, self._world.stores[store], self._at)
        found = dict(truth.measures(store, period.start, period.end, self._quote))
        for key in MONEY & found.keys():
            found[key] = ZERO
        worth: list[Decimal] = []
        day = period.start
        while day <= min(period.end, self.today(store)):
            of_day = self._of_day(store, day)
            present = (MONEY | LEVELS) & {key for key, value in of_day.items() if value}
            if present:
                rate = costs.rate(market.currency, self._quote, day)
                for key in MONEY & present:
                    found[key] += of_day[key] * rate
                # Levels are the last snapshot's, but for the mean worth of the stock.
                for key in (LEVELS - {"inventory_cost"}) & present:
                    found[key] = of_day[key] * rate
            if "inventory_cost" in of_day:
                worth.append(of_day["inventory_cost"] * costs.rate(market.currency, self._quote, day))
            day += timedelta(days=1)
        if worth:
            found["inventory_cost"] = sum(worth, ZERO) / len(worth)
        return found

    def _of_day(self, store: str, day: date) -> Mapping[str, Decimal]:
        if (store, day) not in self._days:
            self._days[store, day] = self._truths[store].measures(store, day, day, self._quote)
        return self._days[store, day]

    def _passed(self, period: Period, stores: list[str]) -> int:
        last = max(self.today(store) for store in stores)
        return max((min(period.end, last) - period.start).days + 1, 1)


def _values(sums: Mapping[str, Decimal], days: int) -> Values:
    measures = dict(sums)
    lines = margin_lines(measures)
    sales = lines["net_sales"]
    shares: Values = {key: lines[line] / sales if sales else None for key, line in SHARES.items()}
    return {**kpis(measures, days), **shares}


def shown(value: Decimal, kpi: str, currency: str) -> Decimal:
    """A money value rounded half up to the currency's smallest coin."""
    places = EXPONENTS[currency] if kpi in MONEY_KPIS else 12
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
