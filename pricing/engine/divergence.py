"""Where what was charged, what the platform estimates and what the table says do not agree (D3, P14).

A share is out of line when it is off by more than one point of the price or by more than 5 % of itself, an
amount when it is off by more than 5 % (domain reference, section 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from pricing.types import Truth

POINTS = Decimal("0.01")
RELATIVE = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Readings:
    """What each source says a line of a SKU costs per unit at `price`, in the basis it is quoted in.

    `by_truth` goes from strong to weak. `net_price` is the price less the tax in it; `units` were sold in 30
    days. `is_share`: the line is quoted as a share of the price.
    """

    sku: str
    line: str
    is_share: bool
    price: Decimal
    net_price: Decimal
    units: int
    by_truth: tuple[tuple[Truth, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Divergence:
    """Two sources that do not agree on a line.

    `stronger` is what the order of truth trusts. `difference` = stronger − weaker amount per unit;
    `points` the same as a share of the price, `relative` of the weaker amount (None where that is 0).
    `exposure` is the difference over a month's units (positive: it costs more than the weaker source says),
    `margin_move` what the margin loses by it (negative: falls).
    """

    sku: str
    line: str
    stronger: Truth
    weaker: Truth
    amount: Decimal
    expected: Decimal
    price: Decimal
    units: int
    difference: Decimal
    points: Decimal
    relative: Decimal | None
    exposure: Decimal
    margin_move: Decimal


def compare(readings: Iterable[Readings]) -> list[Divergence]:
    """Return every pair of sources out of line, the largest exposure first."""
    found = [each for reading in readings for each in _pairs(reading)]
    return sorted(found, key=lambda each: (-abs(each.exposure), -abs(each.margin_move), each.sku, each.line))


def is_out_of_line(difference: Decimal, expected: Decimal, price: Decimal, *, is_share: bool) -> bool:
    """Tell whether a difference is more than the limits allow; a limit itself is still allowed."""
    if is_share and abs(difference) > POINTS * price:
        return True
    return abs(difference) > RELATIVE * abs(expected)


def _pairs(reading: Readings) -> Iterator[Divergence]:
    for (stronger, amount), (weaker, expected) in combinations(reading.by_truth, 2):
        difference = amount - expected
        if not is_out_of_line(difference, expected, reading.price, is_share=reading.is_share):
            continue
        yield Divergence(
            sku=reading.sku,
            line=reading.line,
            stronger=stronger,
            weaker=weaker,
            amount=amount,
            expected=expected,
            price=reading.price,
            units=reading.units,
            difference=difference,
            points=difference / reading.price,
            relative=difference / expected if expected else None,
            exposure=difference * reading.units,
            margin_move=-difference / reading.net_price,
        )
