"""Did the worth of the store's currency in the client's reporting currency move?

Size: net sales (and margin) after × the relative move of the rate, in the store's currency. It changes the
reported figures only, not those in the store's own money. Watched from 2 % (the catalogue's fx_change_pct).
"""

from __future__ import annotations

from decimal import Decimal

from kpis.engine.attribution.case import Case
from kpis.engine.attribution.verdict import Cause, Evidence, Likelihood, Verdict, judged, no_data

MOVE = Decimal("0.02")


def check(case: Case) -> Verdict:
    """Judge the cause for the store's currency."""
    if case.is_domestic:
        return Verdict(Cause.EXCHANGE_RATE, Likelihood.UNLIKELY)
    before, after = case.before.rate, case.after.rate
    if not before or not after:
        return no_data(Cause.EXCHANGE_RATE)
    move = after / before - 1
    evidence = (
        [
            Evidence("fx_change_pct", before, after, note="reporting currency per unit"),
            Evidence("net_sales", case.before.net_sales * before, case.after.net_sales * after),
        ]
        if abs(move) >= MOVE
        else []
    )
    return judged(
        Cause.EXCHANGE_RATE,
        base=case.base,
        sales=case.after.net_sales * move if evidence else None,
        profit=case.after.profit * move if evidence else None,
        evidence=evidence,
        acted=bool(evidence),
    )
