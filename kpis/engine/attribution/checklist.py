"""The checklist: every cause is looked at every time, and what none of them explains is said to be so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kpis.engine.attribution import (
    ads,
    competitor,
    exchange_rate,
    fee_change,
    listing_edit,
    logistics,
    price_gap,
    rank,
    refunds,
    season,
    stock_out,
    unit_cost,
)
from kpis.engine.attribution.case import Case
from kpis.engine.attribution.verdict import ZERO, Cause, Likelihood, Verdict

CHECKS: Mapping[Cause, Callable[[Case], Verdict]] = {
    Cause.ADS: ads.check,
    Cause.RANK: rank.check,
    Cause.PRICE_GAP: price_gap.check,
    Cause.COMPETITOR: competitor.check,
    Cause.STOCK_OUT: stock_out.check,
    Cause.LISTING_EDIT: listing_edit.check,
    Cause.LOGISTICS: logistics.check,
    Cause.SEASON: season.check,
    Cause.FEE_CHANGE: fee_change.check,
    Cause.UNIT_COST: unit_cost.check,
    Cause.EXCHANGE_RATE: exchange_rate.check,
    Cause.REFUNDS: refunds.check,
}

_ORDER = (Likelihood.LIKELY, Likelihood.POSSIBLE, Likelihood.UNLIKELY, Likelihood.NO_DATA)


@dataclass(frozen=True, slots=True)
class Attribution:
    """All verdicts, the most likely and strongest first, and whether none of them explains anything."""

    verdicts: tuple[Verdict, ...]

    @property
    def likely(self) -> tuple[Verdict, ...]:
        """The causes with enough evidence."""
        return tuple(v for v in self.verdicts if v.likelihood is Likelihood.LIKELY)

    @property
    def is_unexplained(self) -> bool:
        """Is there no cause that is likely or at least possible?"""
        return not any(v.likelihood in (Likelihood.LIKELY, Likelihood.POSSIBLE) for v in self.verdicts)

    def explained(self, *, of_sales: bool) -> Decimal:
        """What the likely causes did to net sales, or to the margin after advertising."""
        effects = (v.sales if of_sales else v.profit for v in self.likely)
        return sum((effect for effect in effects if effect is not None), ZERO)


def attribute(case: Case) -> Attribution:
    """Look at every cause."""
    found = [check(case) for check in CHECKS.values()]
    return Attribution(tuple(sorted(found, key=lambda v: (_ORDER.index(v.likelihood), -v.strength))))
