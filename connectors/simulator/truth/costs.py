"""What a unit truly cost on a day, in the store's money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Context, Decimal
from zoneinfo import ZoneInfo

from connectors.simulator.world import World
from connectors.simulator.world.model import CostSheet, Store

LANDED = frozenset({"purchase", "first_leg", "duty", "import_tax", "inbound"})
_CONTEXT = Context(prec=28)
_FRANKFURT = ZoneInfo("Europe/Berlin")


class NoRate(LookupError):
    """No exchange rate is known for a day."""


class Costs:
    """Unit costs of one store as known at an instant. Nothing is rounded."""

    def __init__(self, world: World, store: Store, at: datetime) -> None:
        self._sheets = world.cost_sheets[store.account.key]
        self._market, self._currency = store.market.code, store.market.currency
        self._rates = {
            day: row
            for day, row in world.rates.items()
            if datetime.combine(day, time(16), tzinfo=_FRANKFURT) <= at
        }
        self._days = sorted(self._rates)
        self._known: dict[tuple[str, date], tuple[Decimal, Decimal]] = {}

    def rate(self, source: str, target: str, day: date) -> Decimal:
        """Units of `target` for one of `source`, by the last day published up to `day`; 28 digits."""
        if source == target:
            return Decimal(1)
        usable = [known for known in self._days if known <= day]
        if not usable:
            raise NoRate(f"{source} to {target} on {day}")
        row = {**self._rates[usable[-1]], "EUR": Decimal(1)}
        return _CONTEXT.divide(row[target], row[source])

    def unit(self, sku: str, day: date) -> tuple[Decimal, Decimal]:
        """Landed and other unit costs of a SKU on a day; a market's own sheet goes before the general one."""
        key = (sku, day)
        if key not in self._known:
            own = _in_force([s for s in self._sheets if s.sku == sku and s.market == self._market], day)
            common = _in_force([s for s in self._sheets if s.sku == sku and s.market == ""], day)
            sheet = own or common
            landed = other = Decimal(0)
            for line, currency, amount in sheet.lines if sheet else ():
                worth = amount * self.rate(currency, self._currency, day)
                landed += worth if line in LANDED else 0
                other += 0 if line in LANDED else worth
            self._known[key] = (landed, other)
        return self._known[key]


def _in_force(sheets: Sequence[CostSheet], day: date) -> CostSheet | None:
    past = [sheet for sheet in sheets if sheet.effective_on <= day]
    return max(past, key=lambda sheet: sheet.effective_on, default=None)
