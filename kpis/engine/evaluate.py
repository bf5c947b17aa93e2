"""From summed measures to a number that may be shown: the formula, rounded once, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from config.lib.money import exponent
from kpis.engine.definitions import KPI
from kpis.engine.totals import MissingInput, Window
from kpis.types import Reason, Unit

LEAST_COST_COMPLETENESS = Decimal("0.95")

PLACES = {
    Unit.COUNT: 0,
    Unit.FRACTION: 6,
    Unit.INDEX: 6,
    Unit.MULTIPLE: 4,
    Unit.DAYS: 4,
    Unit.STARS: 4,
    Unit.HOURS: 4,
    Unit.SCORE: 4,
    Unit.RANK: 1,
    Unit.LEVEL: 0,
    Unit.NUMBER: 4,
}


@dataclass(frozen=True, slots=True)
class KPIValue:
    """A KPI over a window: `value` rounded as shown (everything after judges this very number), or why not.

    `sample` is the size the minimum sample is about, None where there is none or it is unknown.
    `cost_completeness` is the share of units with a known cost, None where no unit needs one. `also` are
    the secondary figures of the kind (a 90th percentile, a confidence interval), unrounded.
    """

    value: Decimal | None
    why_missing: Reason | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    sample: Decimal | None = None
    cost_completeness: Decimal | None = None
    also: tuple[tuple[str, Decimal], ...] = ()


def evaluate(kpi: KPI, window: Window, currency: str, previous: Window | None = None) -> KPIValue:
    """Compute `kpi` over `window`, money in `currency`; a zero denominator gives null and a reason.

    Costs of which more than 5 % are unknown give null too: they would count as zero.
    """
    sample = _sample(kpi, window)
    completeness, incomplete = _costs(kpi, window)
    if incomplete is not None:
        return KPIValue(None, incomplete, sample=sample, cost_completeness=completeness)
    try:
        computed = kpi.compute(window, previous)
    except MissingInput as missing:
        return KPIValue(None, missing.reason, sample=sample, cost_completeness=completeness)
    rounded = round_for(kpi.unit, computed.value, currency)
    return KPIValue(
        rounded, None, computed.numerator, computed.denominator, sample, completeness, computed.also
    )


def round_for(unit: Unit, value: Decimal, currency: str) -> Decimal:
    """Round half up to what the unit shows: the currency's exponent for money, fixed places otherwise."""
    places = exponent(currency) if unit is Unit.MONEY else PLACES[unit]
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _costs(kpi: KPI, window: Window) -> tuple[Decimal | None, Reason | None]:
    """The least share of units whose cost is known, and what is missing when that is too little: a rate, if
    with it there would be enough, else cost sheets."""
    completeness, reason = None, None
    for need in kpi.needs_costs:
        try:
            units, known = window.total(need.units), window.total(need.with_cost)
            unrated = window.total(need.without_rate)
        except MissingInput:
            continue  # no snapshot of these units: the formula says so itself
        if units <= 0:
            continue
        share = known / units
        if completeness is None or share < completeness:
            completeness = share
            if share < LEAST_COST_COMPLETENESS:
                mended = (known + unrated) / units >= LEAST_COST_COMPLETENESS
                reason = Reason.FX_MISSING if mended else Reason.COST_INCOMPLETE
    return completeness, reason


def _sample(kpi: KPI, window: Window) -> Decimal | None:
    if kpi.min_sample is None:
        return None
    try:
        return kpi.min_sample.of.evaluate(window)
    except MissingInput:
        return None
