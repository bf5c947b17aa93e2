"""Did a SKU slide in its category's ranking, and its sales with it?

A rank is as much an effect as a cause, so it is never more than possible. Size: the units a SKU fell short of
its normal velocity × its price, where its mean rank worsened by 20 % or more.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from kpis.engine.attribution.case import Case, expectation, price_of
from kpis.engine.attribution.verdict import ZERO, Cause, Evidence, Verdict, judged, no_data

SLIDE = Decimal("1.2")


def check(case: Case) -> Verdict:
    """Judge the cause over all ranked SKUs."""
    ranked = [s for s in case.skus.values() if s.before.rank and s.after.rank]
    if not ranked:
        return no_data(Cause.RANK)
    sales, evidence = ZERO, list[Evidence]()
    for sku in ranked:
        before, after = sku.before.rank, sku.after.rank
        found = expectation(case, sku, in_stock_days_only=True)
        if before and after and after / before >= SLIDE and found.is_fall:
            sales -= found.lost * price_of(sku)
            evidence.append(Evidence("bsr_rank", round(before, 1), round(after, 1), sku.sku))
    found_verdict = judged(
        Cause.RANK,
        base=case.base,
        sales=sales,
        profit=sales * case.margin_rate,
        evidence=evidence,
        acted=False,
    )
    return replace(found_verdict, strength=min(found_verdict.strength, Decimal("0.5")))
