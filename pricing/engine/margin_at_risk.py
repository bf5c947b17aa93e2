"""What exchange rates, duties, fees and returns may do to margins, by simulation, and what would mend it.

A statistic: amounts go into floats when they meet the draws and come back as rounded decimals; the same seed
gives the same answer. Shocks over the horizon are
a log-normal move of the cost currency, a new duty with some probability, and relative moves of platform fees
and of the return rate. The margin at risk is the fifth percentile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DRAWS = 4000
PERCENTILE = 5.0
_HEDGES = 20
_CENT = Decimal("0.01")
_SHARE = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Position:
    """A listing as it stands: amounts per unit in the market's currency, at the present price.

    `net` is the base of the margin; `in_currency` what is paid in the cost currency, `duty_value` the value
    on which duty is paid, `fees` what the platform takes, `per_return` what a returned unit costs.
    """

    sku: str
    market: str
    net: Decimal
    contribution: Decimal
    in_currency: Decimal
    duty_value: Decimal
    fees: Decimal
    return_rate: Decimal
    per_return: Decimal
    units_per_month: Decimal
    floor_margin: Decimal


@dataclass(frozen=True, slots=True)
class Shocks:
    """How far things move: `fx_daily` deviation of a day, over `days`; a duty of `duty_rise` with
    probability `duty_chance`; relative deviations of fees and of the return rate."""

    fx_daily: Decimal
    days: int = 90
    duty_chance: Decimal = Decimal("0.05")
    duty_rise: Decimal = Decimal("0.10")
    fee_deviation: Decimal = Decimal("0.02")
    return_deviation: Decimal = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class Mitigation:
    """A way to lift the margin at risk to its floor.

    `size`: for "price" the rise of net revenue per unit, for "hedge" the amount of the cost currency's
    exposure per month to be covered (in the market's currency), for "route" the most that a route free of
    the duty may cost more per unit. `monthly_cost` is None where it is not known.
    """

    way: str
    size: Decimal
    monthly_cost: Decimal | None
    is_enough: bool


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A listing's margin now and at the fifth percentile, what moves it most, and what would mend it."""

    sku: str
    market: str
    margin: Decimal
    p5_margin: Decimal
    monthly_loss: Decimal
    driver: str
    mitigations: tuple[Mitigation, ...]

    @property
    def cheapest(self) -> Mitigation | None:
        """The cheapest way that is enough; None where none is needed or none is enough at a known cost."""
        known = [(each.monthly_cost, each) for each in self.mitigations if each.is_enough]
        costs = [(cost, each) for cost, each in known if cost is not None]
        return min(costs, key=lambda pair: (pair[0], pair[1].way))[1] if costs else None


@dataclass(frozen=True, slots=True)
class Draws:
    """One value per draw: relative move of the currency, added duty, relative moves of fees and returns."""

    fx: NDArray[np.float64]
    duty: NDArray[np.float64]
    fees: NDArray[np.float64]
    returns: NDArray[np.float64]

    @classmethod
    def make(cls, shocks: Shocks, seed: int, draws: int = DRAWS) -> Draws:
        """Draw the shocks that all positions of a store meet together."""
        rng = np.random.default_rng(seed)
        deviation = np.float64(shocks.fx_daily) * sqrt(shocks.days)
        return cls(
            fx=np.exp(rng.normal(-(deviation**2) / 2, deviation, draws)) - 1,
            duty=np.where(
                rng.random(draws) < np.float64(shocks.duty_chance), np.float64(shocks.duty_rise), 0.0
            ),
            fees=rng.normal(0, np.float64(shocks.fee_deviation), draws),
            returns=np.maximum(rng.normal(0, np.float64(shocks.return_deviation), draws), -1.0),
        )


class _Unit(NamedTuple):
    """A position as the draws meet it: per unit, in the market's currency."""

    net: np.float64
    kept: np.float64
    exposed: np.float64
    dutiable: np.float64
    charged: np.float64
    returned: np.float64
    sold: np.float64
    least: np.float64

    @classmethod
    def of(cls, each: Position) -> _Unit:
        """The position's figures; `returned` is what returns take from the average unit."""
        return cls(
            net=np.float64(each.net),
            kept=np.float64(each.contribution),
            exposed=np.float64(each.in_currency),
            dutiable=np.float64(each.duty_value),
            charged=np.float64(each.fees),
            returned=np.float64(each.return_rate * each.per_return),
            sold=np.float64(each.units_per_month),
            least=np.float64(each.floor_margin),
        )

    def loss(
        self, draws: Draws, hedged: float = 0.0, *, is_free_of_duty: bool = False
    ) -> NDArray[np.float64]:
        """What the shocks take from the contribution of a unit; duty is paid on the value at the new rate."""
        duty = 0.0 if is_free_of_duty else draws.duty * self.dutiable * (1 + draws.fx)
        return (
            self.exposed * draws.fx * (1 - hedged)
            + duty
            + self.charged * draws.fees
            + self.returned * draws.returns
        )


def assess(
    positions: Sequence[Position],
    shocks: Shocks,
    *,
    seed: int,
    elasticity: Mapping[str, Decimal] | None = None,
    hedge_cost: Decimal | None = None,
) -> list[AtRisk]:
    """Return each listing's margin at risk, the lowest first.

    `elasticity` by SKU prices a rise by the units it loses; `hedge_cost` is what covering one unit of
    exposure costs over the horizon. Without them the cost of that way is not known.
    """
    draws = Draws.make(shocks, seed)
    found = [
        _assess(each, draws, (elasticity or {}).get(each.sku), hedge_cost)
        for each in positions
        if each.net > 0
    ]
    return sorted(found, key=lambda each: (each.p5_margin, each.sku))


def market_margins(
    positions: Sequence[Position], shocks: Shocks, *, seed: int
) -> dict[str, tuple[Decimal, Decimal]]:
    """Return by market the margin now and at the fifth percentile, listings weighted by their sales."""
    draws = Draws.make(shocks, seed)
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for market in sorted({each.market for each in positions}):
        own = [each for each in positions if each.market == market and each.net > 0]
        net = sum((each.net * each.units_per_month for each in own), Decimal(0))
        if net <= 0:
            continue
        outcomes = np.zeros_like(draws.fx)
        for unit in map(_Unit.of, own):
            outcomes += unit.sold * (unit.kept - unit.loss(draws))
        now = sum((each.contribution * each.units_per_month for each in own), Decimal(0)) / net
        found[market] = (now.quantize(_SHARE), _share(_percentile(outcomes / np.float64(net))))
    return found


def _assess(each: Position, draws: Draws, elasticity: Decimal | None, hedge_cost: Decimal | None) -> AtRisk:
    unit = _Unit.of(each)
    loss = unit.loss(draws)
    p5 = _percentile(unit.kept - loss) / unit.net
    alone = {
        "fx": unit.exposed * draws.fx,
        "duty": draws.duty * unit.dutiable,
        "fees": unit.charged * draws.fees,
        "returns": unit.returned * draws.returns,
    }
    driver = max(alone, key=lambda name: (np.percentile(alone[name], 100 - PERCENTILE), name))
    mitigations = (
        (
            _by_price(unit, unit.kept - loss, elasticity),
            _by_hedge(unit, draws, hedge_cost),
            _by_route(unit, draws),
        )
        if p5 < unit.least
        else ()
    )
    fall = _money(max(0.0, unit.kept - p5 * unit.net) * unit.sold)
    return AtRisk(each.sku, each.market, _share(unit.kept / unit.net), _share(p5), fall, driver, mitigations)


def _by_price(unit: _Unit, outcomes: NDArray[np.float64], elasticity: Decimal | None) -> Mitigation:
    """The rise x of net revenue with (P5 + x·k) / (n + x) = floor, where k is what is kept of a rise."""
    share = 1 - unit.charged / unit.net
    if share <= unit.least:
        return Mitigation("price", Decimal(0), None, False)
    rise = (unit.least * unit.net - _percentile(outcomes)) / (share - unit.least)
    cost = None
    if elasticity is not None:
        sold = (1 + rise / unit.net) ** -abs(np.float64(elasticity))
        cost = _money(max(0.0, (unit.kept - (unit.kept + share * rise) * sold) * unit.sold))
    return Mitigation("price", _money(rise), cost, True)


def _by_hedge(unit: _Unit, draws: Draws, hedge_cost: Decimal | None) -> Mitigation:
    """The smallest twentieth of the exposure whose cover lifts the margin at risk to the floor."""
    exposure = unit.exposed * unit.sold
    rate = np.float64(hedge_cost or 0)
    for part in range(1, _HEDGES + 1):
        share = part / _HEDGES
        left = unit.kept - rate * unit.exposed * share - unit.loss(draws, share)
        is_enough = bool(_percentile(left) / unit.net >= unit.least)
        if is_enough or part == _HEDGES:
            cost = None if hedge_cost is None else _money(exposure * share * rate)
            return Mitigation("hedge", _money(exposure * share), cost, is_enough)
    raise AssertionError("the whole exposure is the last part")


def _by_route(unit: _Unit, draws: Draws) -> Mitigation:
    """The most a route free of the duty may cost more per unit and still keep the floor."""
    room = _percentile(unit.kept - unit.loss(draws, is_free_of_duty=True)) - unit.least * unit.net
    return Mitigation("route", _money(max(0.0, room)), None, bool(room >= 0))


def _percentile(values: NDArray[np.float64]) -> float:
    return float(np.percentile(values, PERCENTILE))


def _money(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_CENT)


def _share(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_SHARE)
