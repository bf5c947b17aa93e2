"""Which share of net revenue each line takes: why no price keeps a margin."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pricing.engine.contribution import evaluate
from pricing.engine.exact import highest_stretch
from pricing.engine.plan import compile_plan
from pricing.engine.rounding import to_places
from pricing.structure import CostStructure

SHARE_PLACES = 6


@dataclass(frozen=True, slots=True)
class Share:
    """A line, what it takes of one unit, and its share of net revenue (None where there is none)."""

    name: str
    amount: Decimal
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class ShareTable:
    """All lines at the highest price of the search, where amounts that no price changes weigh least.

    `returns` among the lines is what returns cost on balance; `left` what remains. `limit` is the margin that
    each further unit of net revenue leaves beyond every bound: a margin at or above it is reached at no price
    however high, unless costs are negative. Margins are shares of the net revenue that is kept.
    """

    price: Decimal
    net_revenue: Decimal
    lines: tuple[Share, ...]
    left: Share
    margin: Decimal | None
    limit: Decimal


def share_table(structure: CostStructure, price: Decimal | None = None) -> ShareTable:
    """The table at a price; without one at the structure's highest tick."""
    at = structure.tick * compile_plan(structure).count if price is None else price
    found = evaluate(structure, at)
    amounts = [*found.fees, ("ads", found.ads), *found.costs]
    returned = found.net_revenue - sum(amount for _, amount in amounts) - found.contribution
    if structure.returns is not None:
        amounts.append(("returns", returned))
    beyond = highest_stretch(structure)
    return ShareTable(
        price=at,
        net_revenue=found.net_revenue,
        lines=tuple(_share(name, amount, found.net_revenue) for name, amount in amounts),
        left=_share("left", found.contribution, found.net_revenue),
        margin=None if found.margin is None else to_places(Fraction(found.margin), SHARE_PLACES),
        limit=to_places(beyond.left[0] / beyond.base[0], SHARE_PLACES),
    )


def _share(name: str, amount: Decimal, net: Decimal) -> Share:
    share = to_places(Fraction(amount) / Fraction(net), SHARE_PLACES) if net else None
    return Share(name, amount, share)
