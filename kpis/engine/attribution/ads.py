"""Did advertising move the figures: dearer than what it brought, or cut so that its sales are gone?

Spend must have moved by 30 % or more, by more than chance (clicks vary like a Poisson count). SKUs that ran
out of stock are left aside: their advertising stops by itself, and that is the stock-out's doing. Size of a
surge: the spend added, less the margin of the sales it added; of a cut: the advertised sales it took along.
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case
from kpis.engine.attribution.verdict import ZERO, Cause, Evidence, Verdict, judged, no_data

MOVE = Decimal("0.3")


def check(case: Case) -> Verdict:
    """Judge the cause for the store's whole advertising."""
    if case.before.ad_spend is None and case.after.ad_spend is None:
        return no_data(Cause.ADS)
    before, after, added_sales = _of_stocked(case)
    if not before and not after:
        return no_data(Cause.ADS)
    moved = after / before - 1 if before else Decimal(1)
    evidence: list[Evidence] = []
    sales, profit = ZERO, ZERO
    clicks = case.after.ad_clicks - case.before.ad_clicks
    deviation = (case.before.ad_clicks + case.after.ad_clicks).sqrt()
    acted = abs(moved) >= MOVE
    if acted:
        sales = added_sales
        profit = -(after - before) + added_sales * case.margin_rate
        evidence.append(Evidence("ad_spend", before, after))
        if clicks * moved > 0 and abs(clicks) > 2 * deviation:
            evidence.append(Evidence("clicks", case.before.ad_clicks, case.after.ad_clicks))
        shares = [_share(w.ad_spend or ZERO, w.net_sales) for w in (case.before, case.after)]
        if shares[0] is not None and shares[1] is not None and (shares[1] - shares[0]) * moved > 0:
            evidence.append(Evidence("tacos", shares[0], shares[1]))
    return judged(Cause.ADS, base=case.base, sales=sales, profit=profit, evidence=evidence, acted=acted)


def _of_stocked(case: Case) -> tuple[Decimal, Decimal, Decimal]:
    """Spend before and after, and sales added, of the SKUs that did not run out of stock meanwhile."""
    kept = [sku for sku in case.skus.values() if sku.after.empty_days <= sku.before.empty_days]
    return (
        sum((sku.before.ad_spend for sku in kept), ZERO),
        sum((sku.after.ad_spend for sku in kept), ZERO),
        sum((sku.after.ad_sales - sku.before.ad_sales for sku in kept), ZERO),
    )


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return round(part / whole, 6) if whole > 0 else None
