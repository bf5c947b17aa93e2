"""How reasons write figures."""

from __future__ import annotations

from decimal import Decimal


def percent(fraction: Decimal) -> str:
    """Write a fraction as a percentage: "25 %"."""
    text = f"{fraction * 100:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"
