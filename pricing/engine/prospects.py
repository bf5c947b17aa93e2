"""What a price is expected to bring: contribution and margin now and then, and the gain per day.

The gain is contribution × units per day at the suggested price less the same at the present one. Units
answer as (p / p₀)^−ε where the elasticity is known; where it is not, as many are sold as now, which flatters
a higher price and is said in the confidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from pricing.engine.contribution import Contribution, evaluate
from pricing.engine.solve import lowest_price
from pricing.types import PricingContext

MONEY = Decimal("0.0001")
SHARE = Decimal("0.000001")
#: Margins are kept to ±99 (−9,900 %): a price next to nothing has one without end.
_WIDEST = Decimal(99)


@dataclass(frozen=True, slots=True)
class Prospect:
    """The figures of a suggestion, amounts to four decimals and margins to six."""

    floor: Decimal | None
    target: Decimal | None
    present_contribution: Decimal | None
    present_margin: Decimal | None
    contribution: Decimal
    margin: Decimal
    gain_per_day: Decimal | None
    units_per_day: Decimal | None


def expect(context: PricingContext, price: Decimal) -> Prospect:
    """Return what is expected of a price, computed at exactly this tick."""
    then = evaluate(context.structure, price)
    now = evaluate(context.structure, context.price) if context.price else None
    units = _units(context, price)
    gain = None
    if now is not None and units is not None and context.units_per_day is not None:
        gain = then.contribution * units - now.contribution * context.units_per_day
    return Prospect(
        floor=lowest_price(context.structure, context.floor_margin),
        target=lowest_price(context.structure, context.target_margin),
        present_contribution=None if now is None else _to(now.contribution, MONEY),
        present_margin=None if now is None else _margin(now),
        contribution=_to(then.contribution, MONEY),
        margin=_margin(then) or Decimal(0),
        gain_per_day=None if gain is None else _to(gain, MONEY),
        units_per_day=units,
    )


def _units(context: PricingContext, price: Decimal) -> Decimal | None:
    if context.units_per_day is None or not context.price:
        return None
    if context.elasticity is None:
        return context.units_per_day
    return context.units_per_day * (price / context.price) ** -abs(context.elasticity)


def _margin(result: Contribution) -> Decimal | None:
    if result.margin is None:
        return None
    return _to(min(max(result.margin, -_WIDEST), _WIDEST), SHARE)


def _to(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step, ROUND_HALF_UP)
