"""Every gate and limit, in the order in which they are asked; no rule set changes it.

The floor is the last that may set a price: what follows it can only leave the price as it is. A new one is
a file here and a line below.
"""

from __future__ import annotations

from pricing.rules.limits import (
    advertised_price,
    bounds,
    cadence,
    changes_per_day,
    costs_known,
    data_fresh,
    dead_zone,
    ending,
    family_order,
    floor,
    least_move,
    locks,
    max_day_move,
    max_step,
    price_known,
    stock,
    until_margin,
)
from pricing.rules.limits.base import Gate, Limit

GATES: tuple[Gate, ...] = (
    price_known.GATE,
    data_fresh.GATE,
    costs_known.GATE,
    locks.GATE,
    stock.GATE,
    cadence.GATE,
    changes_per_day.GATE,
)

PIPELINE: tuple[Limit, ...] = (
    max_step.LIMIT,
    max_day_move.LIMIT,
    family_order.LIMIT,
    dead_zone.LIMIT,
    ending.LIMIT,
    bounds.LIMIT,
    advertised_price.LIMIT,
    until_margin.LIMIT,
    floor.LIMIT,
    least_move.LIMIT,
)
