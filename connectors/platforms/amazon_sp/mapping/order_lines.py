"""Which key an order's lines have: the same in the orders API and in the orders report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from connectors.types import OrderLineRecord

_LONGEST = 40


def numbered(lines: Iterable[OrderLineRecord]) -> list[OrderLineRecord]:
    """Give the lines of one order their keys; they come with the key of a SKU's first line.

    The report has no line identifier, so both sources use the SKU, with "#2", "#3" … for further lines of the
    same SKU (sorted by quantity and price, which both sources know). Then whichever source speaks last
    rewrites the same rows instead of adding its own.
    """
    lines = list(lines)
    if len(lines) == 1 or len({line.sku for line in lines}) == len(lines):
        return lines
    numbers: dict[str, int] = {}
    result = []
    for line in sorted(lines, key=lambda line: (line.sku, -line.quantity, -line.gross_amount)):
        numbers[line.sku] = count = numbers.get(line.sku, 0) + 1
        result.append(replace(line, line_no=line_key(line.sku, count)))
    return result


def line_key(sku: str, count: int = 1) -> str:
    """Return the key of the `count`-th line of a SKU within an order, at most 40 characters."""
    if count == 1:
        return sku[:_LONGEST]
    suffix = f"#{count}"
    return sku[: _LONGEST - len(suffix)] + suffix
