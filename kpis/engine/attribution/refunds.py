"""Did more of what was sold go back?

Size: the change of the refunded share of sales × sales after. Likely from 3 points more on, when that is more
than chance: the refunds, counted in units at the mean price, must differ by two deviations. Refunds of a
recent window are still to come (30 to 60 days), so a fall proves nothing and a rise is understated.
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case
from kpis.engine.attribution.verdict import ZERO, Cause, DataQuality, Evidence, Verdict, judged, no_data

RISE = Decimal("0.03")


def check(case: Case) -> Verdict:
    """Judge the cause for the whole store."""
    if case.before.live_sales <= 0 or case.after.live_sales <= 0:
        return no_data(Cause.REFUNDS)
    before, after = (-side.refunds / side.live_sales for side in (case.before, case.after))
    rose = after - before >= RISE and _is_more_than_chance(case)
    sales = -(after - before) * case.after.live_sales if rose else None
    evidence = (
        [
            Evidence("refund_amount_rate", round(before, 6), round(after, 6)),
            Evidence("refunds", case.before.refunds, case.after.refunds),
        ]
        if rose
        else []
    )
    return judged(
        Cause.REFUNDS,
        base=case.base,
        sales=sales,
        profit=sales,
        evidence=evidence,
        acted=rose,
        quality=DataQuality.PARTIAL,
    )


def _is_more_than_chance(case: Case) -> bool:
    """Do the units refunded differ by two standard deviations of a Poisson count, for the same sales?"""
    if case.before.units <= 0 or case.after.units <= 0:
        return False
    before = -case.before.refunds * case.before.units / case.before.live_sales
    after = -case.after.refunds * case.after.units / case.after.live_sales
    expected = before * case.after.units / case.before.units
    return after - expected > 2 * max(after + expected, ZERO).sqrt()
