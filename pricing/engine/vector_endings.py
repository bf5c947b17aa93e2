"""Price endings over columns: what `pricing.rules.endings.charm` chooses, for many targets at once.

A market's endings are grids, asked in order: of the first grid that has an allowed price near enough, the
nearest (of two the lower). Before them, thresholds: a target little above one steps below it. All in cents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pricing.engine.shape import PPM, Integers

Flags = npt.NDArray[np.bool_]
Allows = Callable[[Integers, Integers], Flags]
"""(positions among the targets, a price for each) → whether that price may be chosen."""

AROUND = 6
"""So many steps of a grid on both sides of the target's own are looked at."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Prices n × step + one of the endings, at most `near` (ppm of the target, None: any) away from it. From
    targets of `near_below` on, where that is given, any distance will do."""

    step: int
    endings: tuple[int, ...]
    near: int | None = None
    near_below: int | None = None


@dataclass(frozen=True, slots=True)
class Endings:
    """A market's grids, and thresholds below which a target steps by `below` if it is less than 5 % above."""

    grids: tuple[Grid, ...]
    thresholds: tuple[int, ...] = ()
    below: int = 0


ENDINGS = {
    "US": Endings((Grid(100, (99,), 20_000), Grid(100, (49, 95), 20_000))),
    "JP": Endings(
        (Grid(10_000, (8_000,), 100_000, near_below=100_000), Grid(1_000, (800,))),
        thresholds=(100_000, 200_000, 300_000, 500_000, 1_000_000),
        below=2_000,
    ),
    "MX": Endings((Grid(1_000, (900,), 50_000), Grid(100, (0, 90), 50_000))),
}


def choose(endings: Endings, targets: Integers, allows: Allows) -> Integers:
    """The ending of every target; the target itself where none is allowed near it."""
    found = targets.copy()
    open_rows = np.arange(len(targets))
    for threshold in endings.thresholds:
        near = (targets[open_rows] >= threshold) & (targets[open_rows] * 20 < threshold * 21)
        asked = open_rows[near]
        price = np.full(len(asked), threshold - endings.below)
        good = allows(asked, price)
        found[asked[good]] = price[good]
        open_rows = _without(open_rows, asked[good])
    for grid in endings.grids:
        open_rows = _nearest(grid, targets, open_rows, allows, found)
    return found


def _without(rows: Integers, taken: Integers) -> Integers:
    return rows[~np.isin(rows, taken, assume_unique=True)] if len(taken) else rows


def _nearest(grid: Grid, targets: Integers, rows: Integers, allows: Allows, found: Integers) -> Integers:
    """Settle the rows that have an allowed price on the grid; returns the others."""
    target = targets[rows]
    price = np.full(len(rows), -1, np.int64)
    distance = np.full(len(rows), np.iinfo(np.int64).max)
    for ending in grid.endings:
        below = (target - ending) // grid.step * grid.step + ending
        for each in (below, below + grid.step):
            nearer = np.abs(each - target)
            better = (nearer < distance) | ((nearer == distance) & (each < price))
            price, distance = np.where(better, each, price), np.where(better, nearer, distance)
    near = np.flatnonzero(_is_near(grid, target, distance))
    settled = np.zeros(len(rows), np.bool_)
    settled[near] = allows(rows[near], price[near])
    found[rows[settled]] = price[settled]
    # Only where the nearest is near but not allowed can another price of the grid be the answer.
    rest = near[~settled[near]]
    if len(rest):
        settled[rest] = _next_nearest(grid, targets, rows[rest], allows, found)
    return rows[~settled]


def _next_nearest(grid: Grid, targets: Integers, rows: Integers, allows: Allows, found: Integers) -> Flags:
    """The same, with all prices of the grid around each target."""
    target = targets[rows][:, None]
    steps = np.arange(-AROUND, AROUND + 1) * grid.step
    around = np.concatenate([steps + ending for ending in grid.endings])
    prices = target // grid.step * grid.step + around
    distances = np.abs(prices - target)
    which = np.broadcast_to(rows[:, None], prices.shape)
    asked = _is_near(grid, np.broadcast_to(target, prices.shape), distances) & (prices > 0)
    good = np.zeros(prices.shape, np.bool_)
    good[asked] = allows(which[asked], prices[asked])
    # The nearest first, of two equally near the lower.
    order = np.where(good, 2 * distances + (prices > target), np.iinfo(np.int64).max)
    best = order.argmin(axis=1)
    any_good = good.any(axis=1)
    found[rows[any_good]] = prices[any_good, best[any_good]]
    return np.asarray(any_good)


def _is_near(grid: Grid, target: Integers, distance: Integers) -> Flags:
    if grid.near is None:
        return np.ones(target.shape, np.bool_)
    is_near: Flags = distance * PPM <= grid.near * target
    if grid.near_below is not None:
        is_near |= target >= grid.near_below
    return is_near
