"""Did deliveries get worse, or the carrier change?

Likely when the late share rose by 5 points or more over 30 shipments or more and a carrier switch is on the
timeline; either alone is possible. The loss in sales cannot be told from this data alone: as a bound, the
share of orders that newly came late × net sales.
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case
from kpis.engine.attribution.verdict import Cause, DataQuality, Evidence, Verdict, judged, no_data

RISE = Decimal("0.05")
LEAST_SHIPMENTS = 30


def check(case: Case) -> Verdict:
    """Judge the cause for the whole store."""
    switches = case.events("carrier_switch")
    known = case.before.late is not None and case.after.late is not None
    if not known and not switches:
        return no_data(Cause.LOGISTICS)
    evidence = [
        Evidence("carrier_switch", None, None, each.sku, f"{each.on.isoformat()} {each.title}")
        for each in switches
    ]
    sales = None
    if case.before.late is not None and case.after.late is not None:
        rise = case.after.late - case.before.late
        if rise >= RISE and case.after.shipments >= LEAST_SHIPMENTS:
            sales = -rise * case.after.net_sales
            evidence.append(Evidence("late_shipment_rate", case.before.late, case.after.late))
    return judged(
        Cause.LOGISTICS,
        base=case.base,
        sales=sales,
        profit=None if sales is None else sales * case.margin_rate,
        evidence=evidence,
        acted=bool(switches) and sales is not None,
        quality=DataQuality.GOOD if known else DataQuality.PARTIAL,
    )
