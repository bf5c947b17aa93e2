"""What exchange rates, duties, fees and returns may do to margins, by simulation, and what would mend it.

A statistic: floats and a seeded generator, the same seed gives the same answer. Shocks over the horizon are
a log-normal move of the cost currency, a new duty with some probability, and relative moves of platform fees
and of the return rate. The margin at risk is the fifth percentile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

import numpy as np
from numpy.typing import NDArray

DRAWS = 4000
PERCENTILE = 5.0
_HEDGES = 20


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

    fx_daily: float
    days: int = 90
    duty_chance: float = 0.05
    duty_rise: float = 0.10
    fee_deviation: float = 0.02
    return_deviation: float = 0.25


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
    margin: float
    p5_margin: float
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
        deviation = shocks.fx_daily * sqrt(shocks.days)
        return cls(
            fx=np.exp(rng.normal(-(deviation**2) / 2, deviation, draws)) - 1,
            duty=np.where(rng.random(draws) < shocks.duty_chance, shocks.duty_rise, 0.0),
            fees=rng.normal(0, shocks.fee_deviation, draws),
            returns=np.maximum(rng.normal(0, shocks.return_deviation, draws), -1.0),
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
) -> dict[str, tuple[float, float]]:
    """Return by market the margin now and at the fifth percentile, listings weighted by their sales."""
    draws = Draws.make(shocks, seed)
    found: dict[str, tuple[float, float]] = {}
    for market in sorted({each.market for each in positions}):
        own = [each for each in positions if each.market == market and each.net > 0]
        net = sum(float(each.net * each.units_per_month) for each in own)
        if net <= 0:
            continue
        total = np.zeros_like(draws.fx)
        for each in own:
            total += float(each.units_per_month) * (float(each.contribution) - _loss(each, draws))
        now = sum(float(each.contribution * each.units_per_month) for each in own) / net
        found[market] = (now, float(np.percentile(total / net, PERCENTILE)))
    return found


def _loss(
    each: Position, draws: Draws, hedged: float = 0.0, *, free_of_duty: bool = False
) -> NDArray[np.float64]:
    """What the shocks take from the contribution of a unit; duty is paid on the value at the new rate."""
    duty = 0.0 if free_of_duty else draws.duty * float(each.duty_value) * (1 + draws.fx)
    return (
        float(each.in_currency) * draws.fx * (1 - hedged)
        + duty
        + float(each.fees) * draws.fees
        + float(each.return_rate) * float(each.per_return) * draws.returns
    )


def _assess(each: Position, draws: Draws, elasticity: Decimal | None, hedge_cost: Decimal | None) -> AtRisk:
    net, now = float(each.net), float(each.contribution)
    loss = _loss(each, draws)
    p5 = _percentile(now - loss) / net
    alone = {
        "fx": float(each.in_currency) * draws.fx,
        "duty": draws.duty * float(each.duty_value),
        "fees": float(each.fees) * draws.fees,
        "returns": float(each.return_rate) * float(each.per_return) * draws.returns,
    }
    driver = max(alone, key=lambda name: (float(np.percentile(alone[name], 100 - PERCENTILE)), name))
    short = float(each.floor_margin) - p5
    mitigations = (
        (
            _by_price(each, now - loss, elasticity),
            _by_hedge(each, draws, hedge_cost),
            _by_route(each, draws),
        )
        if short > 0
        else ()
    )
    fall = _money(max(0.0, (now / net - p5) * net) * float(each.units_per_month))
    return AtRisk(each.sku, each.market, now / net, p5, fall, driver, mitigations)


def _by_price(each: Position, outcomes: NDArray[np.float64], elasticity: Decimal | None) -> Mitigation:
    """The rise x of net revenue with (P5 + x·k) / (n + x) = floor, where k is what is kept of a rise."""
    net, floor = float(each.net), float(each.floor_margin)
    kept = 1 - float(each.fees) / net
    if kept <= floor:
        return Mitigation("price", Decimal(0), None, False)
    rise = (floor * net - _percentile(outcomes)) / (kept - floor)
    cost = None
    if elasticity is not None:
        sold = (1 + rise / net) ** -abs(float(elasticity))
        now, then = float(each.contribution), float(each.contribution) + kept * rise
        cost = _money(max(0.0, (now - then * sold) * float(each.units_per_month)))
    return Mitigation("price", _money(rise), cost, True)


def _by_hedge(each: Position, draws: Draws, hedge_cost: Decimal | None) -> Mitigation:
    """The smallest twentieth of the exposure whose cover lifts the margin at risk to the floor."""
    net, now = float(each.net), float(each.contribution)
    exposure = float(each.in_currency * each.units_per_month)
    for part in range(1, _HEDGES + 1):
        share = part / _HEDGES
        price = 0.0 if hedge_cost is None else float(hedge_cost) * float(each.in_currency) * share
        is_enough = _percentile(now - price - _loss(each, draws, share)) / net >= float(each.floor_margin)
        if is_enough or part == _HEDGES:
            cost = None if hedge_cost is None else _money(exposure * share * float(hedge_cost))
            return Mitigation("hedge", _money(exposure * share), cost, is_enough)
    raise AssertionError("the whole exposure is the last part")


def _by_route(each: Position, draws: Draws) -> Mitigation:
    """The most a route free of the duty may cost more per unit and still keep the floor."""
    left = _percentile(float(each.contribution) - _loss(each, draws, free_of_duty=True))
    room = left - float(each.floor_margin) * float(each.net)
    size = _money(max(0.0, room))
    return Mitigation("route", size, None, room >= 0)


def _percentile(values: NDArray[np.float64]) -> float:
    return float(np.percentile(values, PERCENTILE))


def _money(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal("0.01"))
