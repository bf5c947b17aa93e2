"""Did the store sell less because a SKU could not be bought?

Size: (days without a sellable unit after − before) × the SKU's normal units a day × its price. Likely when a
SKU stood empty for a day or more longer than before and sold less than its velocity promised.
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case, SKUCase, price_of
from kpis.engine.attribution.verdict import ZERO, Cause, DataQuality, Evidence, Verdict, judged, no_data


def check(case: Case) -> Verdict:
    """Judge the cause over all SKUs."""
    known = [sku for sku in case.skus.values() if sku.after.stocked_days]
    if not known:
        return no_data(Cause.STOCK_OUT)
    sales, evidence, acted = ZERO, list[Evidence](), False
    for sku in sorted(known, key=lambda each: -_lost(case, each) * price_of(each)):
        lost = _lost(case, sku)
        if not lost:
            continue
        sales -= lost * price_of(sku)
        if len(evidence) < 6 and sku.after.empty_days > sku.before.empty_days:
            empty = (Decimal(sku.before.empty_days), Decimal(sku.after.empty_days))
            evidence.append(Evidence("stockout_rate", *empty, sku.sku, "days without a sellable unit"))
            if sku.after.units < sku.history.velocity * case.after.days:
                normal = sku.history.velocity * case.after.days
                evidence.append(
                    Evidence("units", round(normal, 1), sku.after.units, sku.sku, "normal and sold")
                )
                acted = True
    quality = (
        DataQuality.GOOD
        if all(s.after.stocked_days >= case.after.days for s in known)
        else DataQuality.PARTIAL
    )
    return judged(
        Cause.STOCK_OUT,
        base=case.base,
        sales=sales,
        profit=sales * case.margin_rate,
        evidence=evidence,
        acted=acted,
        quality=quality,
    )


def _lost(case: Case, sku: SKUCase) -> Decimal:
    """Units not sold for want of stock, over those of the window before; never more than were missing."""
    days = sku.after.empty_days - sku.before.empty_days
    if days <= 0:
        return days * sku.history.velocity
    missing = max(sku.history.velocity * case.after.days - sku.after.units, ZERO)
    return min(days * sku.history.velocity, missing)
