"""Does the calendar explain the move: the same weeks a year ago, or a holiday in one of the windows?

Size: the change of a year ago × net sales before. Likely when it was 10 % or more the same way, and most SKUs
moved that way too (a season moves a whole shop, not one product).
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case
from kpis.engine.attribution.verdict import Cause, DataQuality, Evidence, Verdict, judged, no_data

MOVE = Decimal("0.1")
MOST_SKUS = Decimal("0.6")


def check(case: Case) -> Verdict:
    """Judge the cause for the whole store."""
    holidays = case.events("holiday")
    if case.year_ago is None and not holidays:
        return no_data(Cause.SEASON)
    evidence = [
        Evidence("holiday", None, None, "", f"{each.on.isoformat()} {each.title}") for each in holidays
    ]
    sales, acted = None, False
    change = case.after.net_sales - case.before.net_sales
    if case.year_ago is not None and abs(case.year_ago) >= MOVE and case.year_ago * change > 0:
        sales = case.year_ago * case.before.net_sales
        evidence.append(Evidence("net_sales", None, case.year_ago, "", "the same change a year ago"))
        share = _moving(case, up=change > 0)
        if share >= MOST_SKUS:
            evidence.append(Evidence("units", None, round(share, 4), "", "share of SKUs that moved this way"))
            acted = True
    return judged(
        Cause.SEASON,
        base=case.base,
        sales=sales,
        profit=None if sales is None else sales * case.margin_rate,
        evidence=evidence,
        acted=acted,
        quality=DataQuality.GOOD if case.year_ago is not None else DataQuality.PARTIAL,
    )


def _moving(case: Case, *, up: bool) -> Decimal:
    sold = [sku for sku in case.skus.values() if sku.before.units or sku.after.units]
    if not sold:
        return Decimal(0)
    moved = sum((sku.after.units > sku.before.units) == up for sku in sold)
    return Decimal(moved) / len(sold)
