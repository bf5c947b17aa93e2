"""The fees of a structure after a change of the tables: what was charged moves as far as they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from pricing.engine.contribution import evaluate
from pricing.engine.rounding import to_places
from pricing.structure import BandFee, CostStructure, Fee, FeeTax, FixedFee, RateFee

# Which line a fee of the tables belongs to; a line that was charged or estimated is one fee of its own name.
LINES: Mapping[str, str] = {
    "commission": "referral",
    "fvf": "referral",
    "system": "referral",
    "fba": "fulfilment",
    "fuel_surcharge": "fulfilment",
    "low_inventory": "fulfilment",
    "wfs": "fulfilment",
    "fbt": "fulfilment",
    "fixed_or_ship": "fulfilment",
    "payment_fixed": "payment",
    "pay": "payment",
}
_PLACES = 12


def shift_fees(
    structure: CostStructure, before: Sequence[Fee], after: Sequence[Fee], price: Decimal
) -> CostStructure:
    """Return the structure after the tables' fees went from `before` to `after`.

    A line that stands as in `before` becomes that of `after`. A line known from charges or estimates keeps
    its level and moves by the tables' difference at `price`: a share by points, an amount by money. Lines
    the tables did not touch stay.
    """
    own, old, new = (_by_line(fees) for fees in (structure.fees, before, after))
    fees: list[Fee] = []
    for line in dict.fromkeys([*own, *new]):
        standing, was, will = own.get(line, ()), old.get(line, ()), new.get(line, ())
        if standing == was:
            fees.extend(will)
        elif was == will or not standing:
            fees.extend(standing or will)
        else:
            moved = _amount(structure, will, price) - _amount(structure, was, price)
            fees.extend([_moved(standing[0], moved, price), *standing[1:]])
    return replace(structure, fees=tuple(fees))


def _by_line(fees: Iterable[Fee]) -> dict[str, tuple[Fee, ...]]:
    found: dict[str, tuple[Fee, ...]] = {}
    for fee in fees:
        line = LINES.get(fee.name, fee.name)
        found[line] = (*found.get(line, ()), fee)
    return found


def _amount(structure: CostStructure, fees: Sequence[Fee], price: Decimal) -> Decimal:
    """What fees come to at a price as they are quoted, tax in the quote included."""
    quoted = tuple(replace(fee, tax=FeeTax.EX) for fee in fees)
    alone = CostStructure(
        currency=structure.currency,
        tax_rate=structure.tax_rate,
        tick=structure.tick,
        billing_unit=structure.billing_unit,
        highest=structure.highest,
        fees=quoted,
    )
    return sum((amount for _, amount in evaluate(alone, price).fees), Decimal(0))


def _moved(fee: Fee, moved: Decimal, price: Decimal) -> Fee:
    if isinstance(fee, FixedFee):
        return replace(fee, amount=fee.amount + moved)
    if isinstance(fee, BandFee):
        return replace(fee, bands=tuple(replace(band, amount=band.amount + moved) for band in fee.bands))
    if isinstance(fee, RateFee):
        points = to_places(Fraction(moved) / (Fraction(price) * Fraction(fee.base_multiplier)), _PLACES)
        tiers = tuple(replace(tier, rate=max(Decimal(0), tier.rate + points)) for tier in fee.tiers)
        return replace(fee, tiers=tiers)
    return fee


def move_line(structure: CostStructure, line: str, moved: Decimal, price: Decimal) -> CostStructure:
    """Return the structure with one line dearer by `moved` per unit at `price`, as quoted.

    Unchanged where the structure has no fee of the line.
    """
    fees = list(structure.fees)
    for index, fee in enumerate(fees):
        if LINES.get(fee.name, fee.name) == line:
            fees[index] = _moved(fee, moved, price)
            break
    return replace(structure, fees=tuple(fees))
