"""Did a SKU sell less after its listing (texts, pictures, A+ content) was edited?

Size: the units the edited SKU fell short of its normal velocity × its price. Likely when the edit is on the
timeline and the SKU fell by more than chance while it was in stock and nobody undercut it.
"""

from __future__ import annotations

from kpis.engine.attribution.case import Case, SKUCase, expectation, price_of
from kpis.engine.attribution.competitor import UNDERCUT
from kpis.engine.attribution.verdict import ZERO, Cause, Evidence, Verdict, judged, no_data

_KINDS = ("listing_edit",)


def check(case: Case) -> Verdict:
    """Judge the cause over all edited SKUs; without any timeline there is nothing to judge by."""
    edits = case.events(*_KINDS)
    if not edits:
        return no_data(Cause.LISTING_EDIT) if not case.has_events else _unlikely(case)
    sales, evidence, acted = ZERO, list[Evidence](), False
    for edit in edits:
        for sku in case.skus.values():
            if edit.sku not in ("", sku.sku):
                continue
            found = expectation(case, sku, in_stock_days_only=True)
            if not found.is_fall or _is_undercut(sku):
                continue
            sales -= found.lost * price_of(sku)
            evidence.append(
                Evidence("listing_edit", None, None, sku.sku, f"{edit.on.isoformat()} {edit.title}")
            )
            evidence.append(
                Evidence("units", round(found.expected, 1), found.sold, sku.sku, "normal and sold")
            )
            acted = True
    return judged(
        Cause.LISTING_EDIT,
        base=case.base,
        sales=sales,
        profit=sales * case.margin_rate,
        evidence=evidence,
        acted=acted,
    )


def _unlikely(case: Case) -> Verdict:
    return judged(Cause.LISTING_EDIT, base=case.base, sales=None, profit=None, evidence=(), acted=False)


def _is_undercut(sku: SKUCase) -> bool:
    own, rival = sku.after.own_price, sku.after.rival_price
    return own is not None and bool(rival) and own / (rival or own) - 1 >= UNDERCUT
