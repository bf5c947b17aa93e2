"""How much a score hangs on its weights: each 5 points up and down, the others giving way in step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kpis.engine.score import Scored, weighted

STEP = Decimal(5)
_ALL = Decimal(100)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Swing:
    """The score with one weight lowered and raised by the step; None where there is no score."""

    kpi: str
    weight: Decimal
    lower: Decimal | None
    higher: Decimal | None

    @property
    def span(self) -> Decimal | None:
        """Distance between the two scores."""
        return None if self.lower is None or self.higher is None else abs(self.higher - self.lower)


def swings(lines: Mapping[str, Scored], step: Decimal = STEP) -> list[Swing]:
    """Return what each line's weight does to the score, the strongest first.

    A weight stays between 0 and the total; the other weights are scaled so that the total stays the same. A
    line that has all the weight cannot give any away, so it swings nothing.
    """
    found = [
        Swing(key, line.weight, _score(lines, key, -step), _score(lines, key, step))
        for key, line in lines.items()
        if line.weight > 0
    ]
    return sorted(found, key=lambda each: (-(each.span or _ZERO), each.kpi))


def reweighted(lines: Mapping[str, Scored], key: str, change: Decimal) -> dict[str, Decimal]:
    """Return the weights after one changed and the others gave way in proportion; the total stays."""
    total = sum((line.weight for line in lines.values()), _ZERO)
    weight = min(max(lines[key].weight + change, _ZERO), total)
    others = total - lines[key].weight
    if others <= 0:
        return {each: line.weight for each, line in lines.items()}
    factor = (total - weight) / others
    return {each: weight if each == key else line.weight * factor for each, line in lines.items()}


def _score(lines: Mapping[str, Scored], key: str, change: Decimal) -> Decimal | None:
    weights = reweighted(lines, key, change)
    changed = [
        Scored(weights[each], line.score, line.status, line.hard_gate, line.provisional)
        for each, line in lines.items()
    ]
    return weighted(changed, provisional=True).score
