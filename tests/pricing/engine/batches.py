"""Random batches in the shapes of three markets: flat, whole-price and marginal rates, bands, odd corners."""

from __future__ import annotations

import numpy as np

from pricing.engine.shape import Batch, Integers, Shape
from pricing.structure import TierMode

SHAPES = {
    "US": Shape(
        currency="USD",
        tax=0,
        tick=1,
        billing_unit=1,
        highest=20_000,
        is_freed=False,
        rate_bounds=(1_000, 1_500, 2_000),
        bands=((1_000, False), (5_000, True)),
    ),
    "JP": Shape(
        currency="JPY",
        tax=100_000,
        tick=100,
        billing_unit=100,
        highest=1_200_000,
        is_freed=True,
        rate_bounds=(75_000, 150_000),
        bands=((100_000, True),),
    ),
    "MX": Shape(
        currency="MXN",
        tax=160_000,
        tick=1,
        billing_unit=1,
        highest=200_000,
        is_freed=True,
        bands=((14_900, False), (29_900, False)),
    ),
    "marginal": Shape(
        currency="USD",
        tax=0,
        tick=1,
        billing_unit=1,
        highest=40_000,
        is_freed=False,
        rate_bounds=(10_000,),
        mode=TierMode.MARGINAL,
    ),
}


def make_batch(shape: Shape, rows: int, seed: int, *, odd: bool = False) -> Batch:
    """Random rows: rates 3 to 20 %, costs up to a third of the highest price, a few without any answer.

    With `odd` a part of the rows takes nearly all revenue, costs nothing, or saves money by selling.
    """
    rng = np.random.default_rng(seed)
    top = shape.highest

    def column(low: int, high: int) -> Integers:
        return rng.integers(low, high, rows, np.int64)

    # Costs are spread over the scales, so that every tier and band is met.
    costs = (top / 3 * 10 ** -rng.uniform(0, 3, rows)).astype(np.int64)
    ads = np.where(column(0, 3) == 0, column(0, 200_000), 0)
    target = column(0, 400_000)
    if odd:
        kind, cheap = column(0, 4), column(0, 4)
        ads = np.where(kind == 0, column(500_000, 1_000_000), ads)
        costs = np.where(cheap == 1, -column(0, top // 20 + 1), costs)
        costs = np.where(cheap == 2, 0, costs)
        target = np.where(kind == 3, column(-100_000, 900_000), target)
    near = (np.maximum(costs, 0) * 1.6).astype(np.int64) + column(1, top // 50 + 2)
    return Batch(
        shape=shape,
        rates=tuple(column(30_000, 200_000) for _ in (*shape.rate_bounds, None)),
        amounts=tuple(column(0, top // 60 + 1) for _ in (*shape.bands, None)),
        minimum=column(0, top // 400 + 1),
        surcharge=column(0, 2) * 35_000,
        costs=costs,
        ads=ads,
        target=target,
        lowest=np.where(column(0, 4) == 0, near, 0),
        highest=np.where(column(0, 4) == 0, near * 2, 0),
        current=np.where(column(0, 5) == 0, 0, near),
    )
