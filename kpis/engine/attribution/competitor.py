"""Did a rival take the sales by offering the same product for less?

Size: the units a SKU fell short of its normal velocity × its price. Likely when the cheapest rival is 5 % or
more below us (and not so before, where that was seen), the SKU fell by more than chance while it was in
stock.
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case, SKUCase, expectation, price_of
from kpis.engine.attribution.verdict import ZERO, Cause, DataQuality, Evidence, Verdict, judged, no_data

UNDERCUT = Decimal("0.05")
SMALL_UNDERCUT = Decimal("0.03")


def check(case: Case) -> Verdict:
    """Judge the cause over all SKUs whose offers were seen."""
    seen = [sku for sku in case.skus.values() if _gap(sku, "after") is not None]
    if not seen:
        return no_data(Cause.COMPETITOR)
    sales, evidence, acted, late = ZERO, list[Evidence](), False, False
    for sku in seen:
        gap, former = _gap(sku, "after"), _gap(sku, "before")
        if gap is None or gap < SMALL_UNDERCUT or (former is not None and former >= gap - SMALL_UNDERCUT):
            continue
        found = expectation(case, sku, in_stock_days_only=True)
        evidence.append(
            Evidence(
                "price_competitiveness_index", former, gap, sku.sku, "our price over the cheapest rival's"
            )
        )
        late = late or sku.after.offers_late
        if found.is_fall and gap >= UNDERCUT:
            sales -= found.lost * price_of(sku)
            evidence.append(
                Evidence("units", round(found.expected, 1), found.sold, sku.sku, "normal and sold")
            )
            acted = True
    if acted and case.before.buy_box is not None and case.after.buy_box is not None:
        evidence.append(Evidence("buy_box_pct", case.before.buy_box, case.after.buy_box))
    return judged(
        Cause.COMPETITOR,
        base=case.base,
        sales=sales,
        profit=sales * case.margin_rate,
        evidence=evidence,
        acted=acted,
        quality=DataQuality.PARTIAL if late else DataQuality.GOOD,
    )


def _gap(sku: SKUCase, side: str) -> Decimal | None:
    """How far we were above the cheapest rival: 0.1 is 10 % dearer."""
    window = getattr(sku, side)
    if window.own_price is None or not window.rival_price:
        return None
    return Decimal(window.own_price / window.rival_price - 1)
