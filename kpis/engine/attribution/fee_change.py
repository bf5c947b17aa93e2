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
MOST_EVIDENCE = 6


def check(case: Case) -> Verdict:
    """Judge the cause over all SKUs sold and charged in both windows."""
    both = [
        s for s in case.skus.values() if s.before.units > 0 and s.after.units > 0 and s.before.fulfilment > 0
    ]
    if not both:
        return no_data(Cause.FEE_CHANGE)
    units = sum((sku.after.units for sku in both), ZERO)
    moved, profit, evidence = ZERO, ZERO, list[Evidence]()
    for sku in sorted(both, key=lambda each: -each.after.units):
        fee, commission = _fulfilment(sku), _commission(sku)
        is_moved = False
        if fee is not None and abs(fee[1] / fee[0] - 1) >= FEE_MOVE:
            profit -= (fee[1] - fee[0]) * sku.after.units
            is_moved = True
            evidence.append(
                Evidence("fulfilment_cost_rate", round(fee[0], 4), round(fee[1], 4), sku.sku, "fee per unit")
            )
        if commission is not None and abs(commission[1] - commission[0]) >= COMMISSION_MOVE:
            profit -= (commission[1] - commission[0]) * sku.after.live_sales
            is_moved = True
            evidence.append(
                Evidence("platform_fee_rate", round(commission[0], 6), round(commission[1], 6), sku.sku)
            )
        moved += sku.after.units if is_moved else ZERO
    acted = units > 0 and moved * 2 >= units
    return judged(
        Cause.FEE_CHANGE,
        base=case.base,
        sales=None,
        profit=profit,
        evidence=evidence[:MOST_EVIDENCE],
        acted=acted,
    )


def _fulfilment(sku: SKUCase) -> tuple[Decimal, Decimal] | None:
    before, after = sku.before.fulfilment / sku.before.units, sku.after.fulfilment / sku.after.units
    return (before, after) if before > 0 and after > 0 else None


def _commission(sku: SKUCase) -> tuple[Decimal, Decimal] | None:
    if sku.before.live_sales <= 0 or sku.after.live_sales <= 0:
        return None
    before, after = (side.platform / side.live_sales for side in (sku.before, sku.after))
    return (before, after) if before > 0 and after > 0 else None
