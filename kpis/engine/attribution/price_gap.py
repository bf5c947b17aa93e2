"""Did our own price go up against the market's, and the SKU sell less?

Size: the units a SKU fell short of its normal velocity × its price. Our price per unit must have risen by 3 %
or more and the SKU have fallen by more than chance while it was in stock. What buyers saw of rivals is a
second piece of evidence; without it the cause is possible at most.
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case, SKUCase, expectation, price_of
from kpis.engine.attribution.verdict import ZERO, Cause, DataQuality, Evidence, Verdict, judged, no_data

RISE = Decimal("0.03")


def check(case: Case) -> Verdict:
    """Judge the cause over all SKUs sold in both windows."""
    both = [sku for sku in case.skus.values() if sku.before.units > 0 and sku.after.units > 0]
    if not both:
        return no_data(Cause.PRICE_GAP)
    sales, evidence, acted = ZERO, list[Evidence](), False
    for sku in both:
        before, after = (side.live_sales / side.units for side in (sku.before, sku.after))
        if before <= 0 or after / before - 1 < RISE:
            continue
        found = expectation(case, sku, in_stock_days_only=True)
        if not found.is_fall:
            continue
        sales -= found.lost * price_of(sku)
        evidence.append(Evidence("asp", round(before, 4), round(after, 4), sku.sku))
        evidence.append(Evidence("units", round(found.expected, 1), found.sold, sku.sku, "normal and sold"))
        acted = acted or _is_dearer(sku)
    seen = any(sku.after.rival_price is not None for sku in both)
    return judged(
        Cause.PRICE_GAP,
        base=case.base,
        sales=sales,
        profit=sales * case.margin_rate,
        evidence=evidence,
        acted=acted,
        quality=DataQuality.GOOD if seen else DataQuality.PARTIAL,
    )


def _is_dearer(sku: SKUCase) -> bool:
    """Are we above the cheapest rival, without the rival having moved down?"""
    own, rival = sku.after.own_price, sku.after.rival_price
    former = sku.before.rival_price
    return own is not None and rival is not None and own > rival and (former is None or rival >= former)
