"""The truth: what every KPI is, computed from the world itself and from nothing of the product."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from connectors.simulator.truth import levels, measures
from connectors.simulator.truth.costs import Costs
from connectors.simulator.truth.kpis import Values, kpis, margin_lines
from connectors.simulator.truth.measures import Measures, Window
from connectors.simulator.truth.observed import Observed, everything_once
from connectors.simulator.world import World

__all__ = ["Observed", "Truth", "everything_once"]

TRAFFIC_DELAY_DAYS = 2


class Truth:
    """True figures as they can be known at the instant `at`.

    `observed` says which momentary figures were asked for; left out, each is taken to have been asked for
    once, at `at`. Money is in the store's currency; nothing is rounded.
    """

    def __init__(
        self,
        world: World,
        at: datetime,
        observed: Observed | None = None,
        traffic_delay_days: int = TRAFFIC_DELAY_DAYS,
    ) -> None:
        self._world, self._at, self._observed = world, at, observed
        self._delay = traffic_delay_days

    def measures(self, store: str, first: date, last: date, quote: str = "USD") -> Measures:
        """The sums and levels of a store over shop days, both ends included."""
        window = self._window(store, first, last)
        found: Measures = {}
        for part in (
            measures.sales(window),
            measures.charges(window),
            measures.returns(window),
            measures.traffic(window, self._delay),
            measures.ads(window),
            levels.stock(window),
            levels.age(window),
            levels.standing(window),
            levels.prices(window),
            levels.exchange(window, quote),
        ):
            found.update(part)
        return found

    def kpis(self, store: str, first: date, last: date, quote: str = "USD") -> Values:
        """The KPIs of a store over shop days; `quote` is the currency its own is compared with."""
        return kpis(self.measures(store, first, last, quote), (last - first).days + 1)

    def report(self, store: str, first: date, last: date, quote: str = "USD") -> dict[str, Any]:
        """Measures, margin lines and KPIs as JSON-ready text."""
        sums = self.measures(store, first, last, quote)
        values = kpis(sums, (last - first).days + 1)
        return {
            "store": store,
            "currency": self._world.stores[store].market.currency,
            "from": first.isoformat(),
            "to": last.isoformat(),
            "known_at": self._at.isoformat(),
            "measures": {name: f"{value:f}" for name, value in sorted(sums.items())},
            "lines": {name: f"{value:f}" for name, value in margin_lines(sums).items()},
            "kpis": {name: None if value is None else f"{value:f}" for name, value in values.items()},
        }

    def _window(self, store: str, first: date, last: date) -> Window:
        chosen = self._world.stores[store]
        observed = (
            self._observed if self._observed is not None else everything_once(self._world, store, self._at)
        )
        return Window(
            self._world, chosen, first, last, self._at, observed, Costs(self._world, chosen, self._at)
        )
