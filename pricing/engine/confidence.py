"""How far a suggestion can be relied on, between 0 and 1, with every deduction and its reason.

The score starts at 1 and is multiplied by a factor per weakness: how old the inputs are, where the costs come
from, how well the parameters are known, whether it is known how buyers answer to price, and how many rivals
were seen. The factors are our own judgement (confidence M in the words of the domain reference); what matters
is that they are the same for every listing, so that suggestions can be compared, and that each is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

from pricing.types import Confidence, InputAge, PricingContext, Reason, Truth, UsedLine

ONE = Decimal(1)
_SCALE = Decimal("0.001")

TRUTH_FACTORS: Mapping[Truth, Decimal] = {
    Truth.CHARGED: ONE,
    Truth.STATED: Decimal("0.98"),
    Truth.ESTIMATED: Decimal("0.95"),
    Truth.OVERRIDE: Decimal("0.95"),
    Truth.TABLE: Decimal("0.88"),
    Truth.PLANNED: Decimal("0.70"),
    Truth.MISSING: Decimal("0.50"),
}
PARAMETER_FACTORS: Mapping[Confidence, Decimal] = {
    Confidence.A: ONE,
    Confidence.A2: ONE,
    Confidence.B: Decimal("0.98"),
    Confidence.C: Decimal("0.92"),
    Confidence.M: Decimal("0.85"),
    Confidence.X: Decimal("0.60"),
}
NO_ELASTICITY = Decimal("0.85")
NO_SALES = Decimal("0.90")
FEW_RIVALS = Decimal("0.90")
#: Lines of which nobody said anything and that the policy does not require: most are truly nothing.
UNSTATED = Decimal("0.95")
ENOUGH_RIVALS = 3
#: From half of the permitted age on an input costs something, at the limit this much, and no more beyond it.
OLDEST = Decimal("0.80")


@dataclass(frozen=True, slots=True)
class Score:
    """The confidence (0 to 1, three decimals) and what took away from it."""

    value: Decimal
    reasons: tuple[Reason, ...]


def score(context: PricingContext, *, uses_rivals: bool) -> Score:
    """Return how far a price for this listing can be relied on.

    `uses_rivals` says whether a rival's price had a part in it; few rivals only weaken what rests on them.
    """
    value, reasons = ONE, []
    for factor, reason in _weaknesses(context, uses_rivals):
        if factor < ONE:
            value *= factor
            reasons.append(reason)
    return Score(value.quantize(_SCALE, ROUND_HALF_UP), tuple(reasons))


def _weaknesses(context: PricingContext, uses_rivals: bool) -> Iterator[tuple[Decimal, Reason]]:
    for age in context.ages:
        factor = _age_factor(age, context)
        yield factor, _reason("old_input", f"{age.name} is not new", factor, input=age.name)
    unstated = sorted(each.name for each in context.lines if _is_unstated(each, context))
    if unstated:
        told = f"Nobody has stated {', '.join(unstated)}"
        yield UNSTATED, _reason("unstated_lines", told, UNSTATED, lines=", ".join(unstated))
    for line in _weakest([each for each in context.lines if not _is_unstated(each, context)]):
        factor = TRUTH_FACTORS[line.truth]
        yield (
            factor,
            _reason(
                "weak_source",
                f"{line.name} is {line.truth.value}",
                factor,
                line=line.name,
                truth=line.truth.value,
            ),
        )
    known = [line for line in context.lines if line.confidence is not None]
    if known:
        line = min(known, key=lambda each: (_parameter_factor(each), each.name))
        factor = _parameter_factor(line)
        level = line.confidence.value if line.confidence else ""
        yield factor, _reason(
            "weak_parameter", f"{line.name} rests on a parameter of confidence {level}", factor,
            line=line.name, confidence=level,
        )  # fmt: skip
    if context.elasticity is None:
        yield (
            NO_ELASTICITY,
            _reason("elasticity_unknown", "Nobody knows yet how buyers answer to this price", NO_ELASTICITY),
        )
    if not context.units_per_day:
        yield NO_SALES, _reason("no_sales", "It did not sell lately", NO_SALES)
    if uses_rivals and context.rivals.count < ENOUGH_RIVALS:
        told = f"Only {context.rivals.count} comparable offers were seen"
        yield FEW_RIVALS, _reason("few_rivals", told, FEW_RIVALS, count=str(context.rivals.count))


def _age_factor(age: InputAge, context: PricingContext) -> Decimal:
    """1 up to half of the permitted age, then evenly down to `OLDEST` at the limit and beyond."""
    if age.as_of is None:
        return OLDEST
    limit = timedelta(hours=age.limit_hours)
    if limit <= timedelta(0):
        return ONE
    used = Decimal((context.at - age.as_of) // timedelta(seconds=1)) / Decimal(limit // timedelta(seconds=1))
    late = min(max((used - Decimal("0.5")) * 2, Decimal(0)), ONE)
    return ONE - late * (ONE - OLDEST)


def _is_unstated(line: UsedLine, context: PricingContext) -> bool:
    return line.truth is Truth.MISSING and line.name not in context.missing


def _weakest(lines: Sequence[UsedLine]) -> tuple[UsedLine, ...]:
    """The one line whose source weakens most: a long list of small table values is not worse than one."""
    costly = [line for line in lines if line.amount or line.rate or line.truth is Truth.MISSING]
    if not costly:
        return ()
    return (min(costly, key=lambda line: (TRUTH_FACTORS[line.truth], line.name)),)


def _parameter_factor(line: UsedLine) -> Decimal:
    return ONE if line.confidence is None else PARAMETER_FACTORS[line.confidence]


def _reason(code: str, text: str, factor: Decimal, **values: str) -> Reason:
    return Reason(code, text, {**values, "factor": format(factor.quantize(_SCALE, ROUND_HALF_UP), "f")})
