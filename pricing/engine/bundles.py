"""What a bundle of products may cost: not more than its parts, not less than its floor, and whether it pays.

A bundle is a listing of its own, with its own fees and costs. Its price lies between the sum of its parts'
prices less the smallest and less the largest discount that is offered, and never below its own floor. A buyer
of the bundle who would have bought the parts anyway is no gain: `share_allowed` is the largest share of such
buyers at which the bundle still earns more than it takes from its parts (cannibalisation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.engine.contribution import Contribution, evaluate
from pricing.engine.solve import lowest_price, next_keeping
from pricing.structure import CostStructure
from pricing.types import Reason

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Part:
    """A product in the bundle: how many, its present price and what one of it leaves at that price."""

    sku: str
    quantity: int
    price: Decimal
    contribution: Decimal


@dataclass(frozen=True, slots=True)
class BundlePrice:
    """The suggested price and what it is based on; `price` None: `reasons` say why there is none.

    `lowest` and `highest` are the permitted range, `discount` the saving against buying the parts.
    `share_allowed` is None where the parts leave nothing to lose.
    """

    price: Decimal | None
    parts_price: Decimal
    lowest: Decimal | None
    highest: Decimal
    discount: Decimal | None
    result: Contribution | None
    share_allowed: Decimal | None
    reasons: tuple[Reason, ...]


def suggest(
    structure: CostStructure,
    parts: Sequence[Part],
    *,
    floor_margin: Decimal,
    target_margin: Decimal,
    least_discount: Decimal,
    most_discount: Decimal,
) -> BundlePrice:
    """Return the price of a bundle: the one of its target margin, drawn into the range of discounts.

    Where the target margin needs more than the parts cost less the smallest discount, the highest price of
    the range is suggested, and the reasons say what it leaves. `ValueError` without parts.
    """
    if not parts:
        raise ValueError("a bundle has parts")
    tick = structure.tick
    whole = sum((each.price * each.quantity for each in parts), Decimal(0))
    highest = whole * (ONE - least_discount) // tick * tick
    cheapest = -(-(whole * (ONE - most_discount)) // tick) * tick
    lowest = next_keeping(structure, cheapest, floor_margin, upward=True)
    if lowest is None or lowest > highest:
        why = Reason(
            "bundle_below_floor",
            "Its own floor is above what its parts cost less the smallest discount",
            {"parts": format(whole, "f"), "highest": format(highest, "f")},
        )
        return BundlePrice(None, whole, lowest, highest, None, None, None, (why,))
    price, reasons = _within(structure, lowest, highest, floor_margin, target_margin)
    result = evaluate(structure, price)
    share, told = _cannibalisation(result, parts)
    return BundlePrice(price, whole, lowest, highest, ONE - price / whole, result, share, (*reasons, *told))


def _within(
    structure: CostStructure, lowest: Decimal, highest: Decimal, floor_margin: Decimal, target_margin: Decimal
) -> tuple[Decimal, tuple[Reason, ...]]:
    target = lowest_price(structure, target_margin)
    if target is not None and target <= highest:
        price = next_keeping(structure, max(target, lowest), floor_margin, upward=True)
        if price is not None and price <= highest:
            return price, ()
    top = next_keeping(structure, highest, floor_margin, upward=False)
    price = top if top is not None and top >= lowest else lowest
    told = "Its target margin is not reached at any price that is cheaper than its parts"
    return price, (Reason("target_margin_missed", told, {"price": format(price, "f")}),)


def _cannibalisation(
    result: Contribution, parts: Sequence[Part]
) -> tuple[Decimal | None, tuple[Reason, ...]]:
    lost = sum((each.contribution * each.quantity for each in parts), Decimal(0))
    if lost <= 0:
        return None, ()
    share = result.contribution / lost
    if share >= ONE:
        return ONE, (Reason("pays_always", "It leaves at least as much as its parts sold one by one"),)
    shown = max(share, Decimal(0)).quantize(Decimal("0.001"))
    told = "It pays while a smaller share than this of its buyers would have bought the parts anyway"
    return max(share, Decimal(0)), (Reason("cannibalises", told, {"share": format(shown, "f")}),)
