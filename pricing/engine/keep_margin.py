"""Which price keeps a listing's margin when its costs or fees change."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from pricing.engine.contribution import Contribution, evaluate
from pricing.engine.solve import find_root
from pricing.structure import CostStructure

# Margins are kept to the millionth: a margin read from a price is rounded, and rounding up would miss it.
_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class KeptMargin:
    """A price before and after a change, and the price that would keep the margin.

    `kept` is None where no tick keeps it. A change for the worse makes it the next higher tick, one for the
    better the lowest from which every tick up to the present price keeps the margin.
    """

    before: Contribution
    after: Contribution
    kept: Contribution | None

    @property
    def contribution_move(self) -> Decimal:
        """What a unit brings more (or less) at the present price."""
        return self.after.contribution - self.before.contribution


def keep_margin(before: CostStructure, after: CostStructure, price: Decimal) -> KeptMargin:
    """Return what a change from `before` to `after` does to a price, and which price keeps its margin."""
    was, now = evaluate(before, price), evaluate(after, price)
    if was.margin is None:
        return KeptMargin(was, now, None)
    root = find_root(after, was.margin.quantize(_STEP, ROUND_FLOOR))
    for first, last in root.intervals:
        if price <= last:
            return KeptMargin(was, now, evaluate(after, first))
    return KeptMargin(was, now, None)
