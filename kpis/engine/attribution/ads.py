"""Did advertising move the figures: dearer than what it brought, or cut so that its sales are gone?

Spend must have moved by 30 % or more, and clicks by more than chance (three deviations of a
Poisson count) or their price by 20 %. SKUs that ran out of stock are left aside: their advertising stops by
itself, and that is the stock-out's doing. Size of a surge: the spend added, less the margin of the sales it
added; of a cut: the advertised sales it took along.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from kpis.engine.attribution.case import Case, SKUWindow
from kpis.engine.attribution.verdict import ZERO, Cause, Evidence, Verdict, judged, no_data

MOVE = Decimal("0.3")
PRICE_MOVE = Decimal("0.2")
DEVIATIONS = 3


def check(case: Case) -> Verdict:
    """Judge the cause for the store's whole advertising."""
    if case.before.ad_spend is None and case.after.ad_spend is None:
        return no_data(Cause.ADS)
    before, after = _of_stocked(case)
    if not before.spend and not after.spend:
        return no_data(Cause.ADS)
    moved = after.spend / before.spend - 1 if before.spend else Decimal(1)
    if abs(moved) < MOVE:
        return judged(Cause.ADS, base=case.base, sales=ZERO, profit=ZERO, evidence=(), acted=False)
    added_sales = after.sales - before.sales
    evidence = [Evidence("ad_spend", before.spend, after.spend)]
    clicks = after.clicks - before.clicks
    more_or_fewer = clicks * moved > 0 and abs(clicks) > DEVIATIONS * (before.clicks + after.clicks).sqrt()
    if more_or_fewer:
        evidence.append(Evidence("clicks", before.clicks, after.clicks))
    dearer = before.price and after.price and _is_dearer(before.price, after.price, moved)
    if dearer and before.price and after.price:
        evidence.append(Evidence("cpc", round(before.price, 4), round(after.price, 4)))
    shares = [
        _share(*pair) for pair in ((before.spend, case.before.net_sales), (after.spend, case.after.net_sales))
    ]
    if shares[0] is not None and shares[1] is not None and (shares[1] - shares[0]) * moved > 0:
        evidence.append(Evidence("tacos", shares[0], shares[1]))
    return judged(
        Cause.ADS,
        base=case.base,
        sales=added_sales,
        profit=before.spend - after.spend + added_sales * case.margin_rate,
        evidence=evidence,
        acted=more_or_fewer or bool(dearer),
    )


def _is_dearer(before: Decimal, after: Decimal, moved: Decimal) -> bool:
    """Did the price of a click move the way the spend did, and far enough to matter?"""
    move = after / before - 1
    return move * moved > 0 and abs(move) >= PRICE_MOVE


@dataclass(frozen=True, slots=True)
class _Advertising:
    """What was spent in a window on the SKUs looked at, and what it brought."""

    spend: Decimal
    sales: Decimal
    clicks: Decimal

    @property
    def price(self) -> Decimal | None:
        """Cost per click."""
        return self.spend / self.clicks if self.clicks else None


def _of_stocked(case: Case) -> tuple[_Advertising, _Advertising]:
    """Advertising before and after of the SKUs that did not run out of stock meanwhile."""
    kept = [sku for sku in case.skus.values() if sku.after.empty_days <= sku.before.empty_days]
    return _added([sku.before for sku in kept]), _added([sku.after for sku in kept])


def _added(windows: list[SKUWindow]) -> _Advertising:
    return _Advertising(
        sum((each.ad_spend for each in windows), ZERO),
        sum((each.ad_sales for each in windows), ZERO),
        sum((each.ad_clicks for each in windows), ZERO),
    )


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return round(part / whole, 6) if whole > 0 else None
