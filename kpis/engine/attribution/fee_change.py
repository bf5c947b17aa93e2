"""Did the platform charge more (or less) for the same unit?

Size: Σ units sold after × the change of the SKU's fee per unit; like is compared with like, so neither volume
nor mix is in it. Fulfilment fees count per unit, commissions as a share of the price (they move with it).
Likely from a 5 % rise of the fulfilment fee, or 1 point of commission, over half of the units compared.
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case, SKUCase
from kpis.engine.attribution.verdict import ZERO, Cause, Evidence, Verdict, judged, no_data

FEE_MOVE = Decimal("0.05")
COMMISSION_MOVE = Decimal("0.01")
LEAST_UNITS = 4
MOST_EVIDENCE = 6


def check(case: Case) -> Verdict:
    """Judge the cause over all SKUs of which enough units were sold and charged in both windows."""
    both = [
        sku
        for sku in case.skus.values()
        if min(sku.before.units, sku.after.units) >= LEAST_UNITS and sku.before.fulfilment > 0
    ]
    if not both:
        return no_data(Cause.FEE_CHANGE)
    effects = {sku.sku: _effect(sku) for sku in both}
    profit = sum((effect for effect, _ in effects.values()), ZERO)
    ranked = sorted(both, key=lambda each: -each.after.units)
    same_way = [sku for sku in ranked if effects[sku.sku][0] * profit > 0]
    units = sum((sku.after.units for sku in both), ZERO)
    return judged(
        Cause.FEE_CHANGE,
        base=case.base,
        sales=None,
        profit=profit,
        evidence=[each for sku in same_way for each in effects[sku.sku][1]][:MOST_EVIDENCE],
        # A schedule that changed moves SKU after SKU the same way; odd single charges do not.
        acted=sum((sku.after.units for sku in same_way), ZERO) * 2 >= units,
    )


def _effect(sku: SKUCase) -> tuple[Decimal, list[Evidence]]:
    """What the change of the SKU's fees took from the margin, and what shows it."""
    profit, evidence = ZERO, list[Evidence]()
    fee, commission = _fulfilment(sku), _commission(sku)
    if fee is not None and abs(fee[1] / fee[0] - 1) >= FEE_MOVE:
        profit -= (fee[1] - fee[0]) * sku.after.units
        before, after = (round(each, 4) for each in fee)
        evidence.append(Evidence("fulfilment_cost_rate", before, after, sku.sku, "fulfilment fee per unit"))
    if commission is not None and abs(commission[1] - commission[0]) >= COMMISSION_MOVE:
        profit -= (commission[1] - commission[0]) * sku.after.net_sales
        before, after = (round(each, 6) for each in commission)
        evidence.append(Evidence("platform_fee_rate", before, after, sku.sku, "commission"))
    return profit, evidence


def _fulfilment(sku: SKUCase) -> tuple[Decimal, Decimal] | None:
    before, after = sku.before.fulfilment / sku.before.units, sku.after.fulfilment / sku.after.units
    return (before, after) if before > 0 and after > 0 else None


def _commission(sku: SKUCase) -> tuple[Decimal, Decimal] | None:
    """Commission on what was kept: with a refund the platform gives its commission back."""
    if sku.before.net_sales <= 0 or sku.after.net_sales <= 0:
        return None
    before, after = (side.platform / side.net_sales for side in (sku.before, sku.after))
    return (before, after) if before > 0 and after > 0 else None
