"""Sums and differences of measures, written as they are read: `NET_SALES - COGS - AD_SPEND`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kpis.engine.totals import ZERO, Window


@dataclass(frozen=True, slots=True)
class Linear:
    """A sum of measures with signs. It is linear, so it may be taken before or after adding up days."""

    terms: tuple[tuple[int, str], ...]

    def __add__(self, other: Linear) -> Linear:
        return Linear(self.terms + other.terms)

    def __sub__(self, other: Linear) -> Linear:
        return Linear(self.terms + tuple((-sign, key) for sign, key in other.terms))

    def evaluate(self, window: Window) -> Decimal:
        """The sum over the window; raises `MissingInput` when a part of it is unknown."""
        total = ZERO
        for sign, key in self.terms:
            if sign > 0:
                total += window.total(key)
            else:
                total -= window.total(key)
        return total

    @property
    def measures(self) -> frozenset[str]:
        """The keys of every measure in it."""
        return frozenset(key for _, key in self.terms)

    def __str__(self) -> str:
        text = " ".join(f"{'+' if sign > 0 else '−'} {key}" for sign, key in self.terms)
        return text.removeprefix("+ ")


def measure(key: str) -> Linear:
    """The measure `key` as a formula of its own."""
    return Linear(((1, key),))
