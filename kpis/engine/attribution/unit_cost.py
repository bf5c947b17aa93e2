"""Did the goods themselves become dearer (or cheaper) to land?

Size: Σ units sold after × the change of the SKU's landed cost per unit. Likely from a change of 3 % of a
SKU's landed cost on; the sheets say so themselves, so the change and its weight in net sales are the
evidence.
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case
from kpis.engine.attribution.verdict import ZERO, Cause, DataQuality, Evidence, Verdict, judged, no_data

MOVE = Decimal("0.03")
MOST_EVIDENCE = 5


def check(case: Case) -> Verdict:
    """Judge the cause over all SKUs sold in both windows whose cost is known."""
    sold = [s for s in case.skus.values() if s.before.units > 0 and s.after.units > 0]
    known = [s for s in sold if s.before.landed and s.after.landed]
    if not known:
        return no_data(Cause.UNIT_COST)
    profit, evidence = ZERO, list[Evidence]()
    for sku in sorted(known, key=lambda each: -(each.after.landed or ZERO)):
        before = (sku.before.landed or ZERO) / sku.before.units
        after = (sku.after.landed or ZERO) / sku.after.units
        if abs(after / before - 1) >= MOVE:
            profit -= (after - before) * sku.after.units
            evidence.append(
                Evidence(
                    "landed_cost_ratio", round(before, 4), round(after, 4), sku.sku, "landed cost per unit"
                )
            )
    if evidence:
        before, after = (
            sum(((side.landed or ZERO) for side in sides), ZERO)
            for sides in ([s.before for s in known], [s.after for s in known])
        )
        evidence = [*evidence[:MOST_EVIDENCE], Evidence("landed_cost", before, after)]
    return judged(
        Cause.UNIT_COST,
        base=case.base,
        sales=None,
        profit=profit,
        evidence=evidence,
        acted=bool(evidence),
        quality=DataQuality.GOOD if len(known) == len(sold) else DataQuality.PARTIAL,
    )
