"""What attained targets are worth: points per band of attainment, weighted by KPI and by the person's share.

A person's points are Σ weight·share·points ÷ Σ weight·share over the KPIs they answer for that have a final
figure, at most `cap`. So 100 points are 100 however many KPIs somebody has, and a missing figure neither
helps nor harms; which part of the weight is known is told beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_CENT = Decimal("0.01")
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Band:
    """From this attainment on (1 is the target met) a KPI is worth so many points."""

    attained_from: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """Bands in rising order, weights by KPI (1 where none is named), the most points there are, and what a
    point is worth in money, if anything."""

    bands: tuple[Band, ...]
    weights: Mapping[str, Decimal]
    cap: Decimal
    bonus_per_point: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Attained:
    """One KPI of one store that a person answers for: the share in percent and how far the target was met."""

    store_id: int
    kpi: str
    share: Decimal
    attainment: Decimal | None


@dataclass(frozen=True, slots=True)
class Earned:
    """A line of a statement: `points` None where the figure is not known."""

    attained: Attained
    weight: Decimal
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class Earnings:
    """All lines with their sum; `known` is the part of the weight that has a figure."""

    lines: tuple[Earned, ...]
    points: Decimal
    known: Decimal
    bonus: Decimal | None


def read_rule(document: Mapping[str, Any]) -> Rule:
    """Read a rule as it is stored."""
    bonus = document.get("bonus_per_point")
    return Rule(
        bands=tuple(Band(Decimal(b["attained_from"]), Decimal(b["points"])) for b in document["bands"]),
        weights={kpi: Decimal(weight) for kpi, weight in document["weights"].items()},
        cap=Decimal(document["cap"]),
        bonus_per_point=Decimal(bonus["amount"]) if bonus else None,
        currency=bonus["currency"] if bonus else "",
    )


def rule_faults(rule: Rule) -> list[tuple[str, str, str]]:
    """Everything wrong with a rule, as (JSON pointer, code, text)."""
    faults = []
    if not rule.bands:
        faults.append(("/bands", "required", "A rule needs a band."))
    for n, (one, other) in enumerate(zip(rule.bands[:-1], rule.bands[1:], strict=True), start=1):
        if other.attained_from <= one.attained_from:
            faults.append((f"/bands/{n}/attained_from", "order", "Bands rise."))
        if other.points < one.points:
            faults.append((f"/bands/{n}/points", "order", "More attained is not worth less."))
    faults += [
        (f"/weights/{kpi}", "weight", "A weight is above zero.")
        for kpi, weight in rule.weights.items()
        if weight <= 0
    ]
    return faults


def points_of(attainment: Decimal, rule: Rule) -> Decimal:
    """The points of the highest band reached; none below the first."""
    reached = [band.points for band in rule.bands if attainment >= band.attained_from]
    return reached[-1] if reached else _ZERO


def compute(rule: Rule, attained: Sequence[Attained]) -> Earnings:
    """Work out a statement."""
    lines = tuple(
        Earned(
            each,
            rule.weights.get(each.kpi, Decimal(1)) * each.share / 100,
            None if each.attainment is None else points_of(each.attainment, rule),
        )
        for each in attained
    )
    total = sum((line.weight for line in lines), _ZERO)
    known = sum((line.weight for line in lines if line.points is not None), _ZERO)
    earned = sum((line.weight * line.points for line in lines if line.points is not None), _ZERO)
    points = min(earned / known, rule.cap) if known else _ZERO
    points = points.quantize(_CENT, rounding=ROUND_HALF_UP)
    bonus = None if rule.bonus_per_point is None else (points * rule.bonus_per_point).quantize(_CENT)
    share = (known / total).quantize(Decimal("0.0001")) if total else _ZERO
    return Earnings(lines, points, share, bonus)
