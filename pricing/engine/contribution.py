"""What is left of one unit sold at a price: every line in the stated order of rounding.

This is the definition (docs/pricing-engine.md, "Order of rounding"); the solver's compiled arithmetic must
agree with it at every tick. Everything is computed as a fraction, so the only roundings are the stated ones:

1. net revenue R = round(p / (1 + t), 0.01), in every currency;
2. each fee in order: its quote, rounded to the billing unit; a quote that holds tax which can be reclaimed
   is then divided by 1 + t and rounded to 0.01;
3. advertising, rounded to 0.01;
4. without returns c = R − fees − ads − costs and n = R; with returns
   c = (1−ρ)(R − P) − Q − ads − costs − ρ(admin + h − s·L) and n = (1−ρ)R, where P are the lines of refundable
   rate fees, Q the other lines and admin = min(β × line of the first rate fee, K). Nothing is rounded here;
5. a price keeps the margin m where c ≥ m·n.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pricing.engine.plan import compile_plan
from pricing.engine.rounding import CENT, as_decimal, to_places, to_step
from pricing.structure import (
    AdsByClick,
    AdsByShare,
    Band,
    BandFee,
    CostStructure,
    Fee,
    FeeTax,
    FixedFee,
    MultipleFee,
    RateFee,
    Tier,
    TierMode,
)

MARGIN_PLACES = 12


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one unit leaves at `price`, and what the lines take; all exact but `margin`.

    Fees and costs are per unit shipped, before what returns change; `base` is n, the net revenue that
    is kept. `margin` is contribution / base to 12 decimals, None where the base is 0.
    """

    price: Decimal
    net_revenue: Decimal
    fees: tuple[tuple[str, Decimal], ...]
    ads: Decimal
    costs: tuple[tuple[str, Decimal], ...]
    contribution: Decimal
    base: Decimal
    margin: Decimal | None


def evaluate(structure: CostStructure, price: Decimal) -> Contribution:
    """All lines and the contribution at a price, tick or not; ValueError if it is not above 0."""
    if price <= 0:
        raise ValueError(f"a price must be above 0, not {price}")
    shown = Fraction(price)
    net = to_step(shown / (1 + Fraction(structure.tax_rate)), CENT)
    lines = _fee_lines(structure, shown, net)
    ads = _ads(structure, net)
    left, base = _left(structure, net, lines, ads)
    return Contribution(
        price=price,
        net_revenue=_money(net),
        fees=tuple((name, _money(line)) for name, line in lines.items()),
        ads=_money(ads),
        costs=tuple((cost.name, cost.amount) for cost in structure.costs),
        contribution=as_decimal(left),
        base=as_decimal(base),
        margin=to_places(left / base, MARGIN_PLACES) if base else None,
    )


def keeps(structure: CostStructure, price: Decimal, margin: Decimal) -> bool:
    """Whether the price leaves at least this share of net revenue: c ≥ m·n, compared unrounded."""
    left, base = left_and_base(structure, price)
    return left >= Fraction(margin) * base


def left_and_base(structure: CostStructure, price: Decimal) -> tuple[Fraction, Fraction]:
    """The contribution at a price and the net revenue it is measured by, without the lines they come from.

    At a tick by the compiled plan, some forty times quicker than `evaluate`, which it equals.
    """
    ticks, rest = divmod(price, structure.tick)
    if rest == 0 and 0 < price <= structure.highest:
        plan = compile_plan(structure)
        left, base = plan.at(int(ticks))
        return Fraction(left, plan.per_one), Fraction(base, plan.per_one)
    found = evaluate(structure, price)
    return Fraction(found.contribution), Fraction(found.base)


def _money(value: Fraction) -> Decimal:
    """With at least two decimals, as amounts are written."""
    exact = as_decimal(value)
    return exact if int(exact.as_tuple().exponent) <= -2 else to_places(value, 2)


def _fee_lines(structure: CostStructure, price: Fraction, net: Fraction) -> dict[str, Fraction]:
    unit, with_tax = Fraction(structure.billing_unit), 1 + Fraction(structure.tax_rate)
    quotes: dict[str, Fraction] = {}
    lines: dict[str, Fraction] = {}
    for fee in structure.fees:
        quote = to_step(_quote(fee, price, net, quotes), unit)
        quotes[fee.name] = quote
        is_freed = fee.tax is FeeTax.INCLUDED_CREDITABLE
        lines[fee.name] = to_step(quote / with_tax, CENT) if is_freed else quote
    return lines


def _quote(fee: Fee, price: Fraction, net: Fraction, quotes: Mapping[str, Fraction]) -> Fraction:
    """The quoted amount before its rounding."""
    if isinstance(fee, FixedFee):
        return Fraction(fee.amount)
    if isinstance(fee, MultipleFee):
        return Fraction(fee.rate) * quotes[fee.of]
    base = (net if fee.is_on_net else price) * Fraction(fee.base_multiplier)
    if isinstance(fee, BandFee):
        return Fraction(next(band.amount for band in fee.bands if _holds(band, base)))
    amount = _marginal(fee.tiers, base) if fee.mode is TierMode.MARGINAL else _whole(fee.tiers, base)
    return amount if fee.minimum is None else max(amount, Fraction(fee.minimum))


def _holds(band: Band, base: Fraction) -> bool:
    if band.upper is None:
        return True
    upper = Fraction(band.upper)
    return base < upper or (band.is_inclusive and base == upper)


def _whole(tiers: tuple[Tier, ...], base: Fraction) -> Fraction:
    return base * Fraction(next(t.rate for t in tiers if t.upper is None or base <= Fraction(t.upper)))


def _marginal(tiers: tuple[Tier, ...], base: Fraction) -> Fraction:
    amount, lower = Fraction(0), Fraction(0)
    for tier in tiers:
        upper = base if tier.upper is None else min(base, Fraction(tier.upper))
        amount += max(upper - lower, Fraction(0)) * Fraction(tier.rate)
        lower = upper
    return amount


def _ads(structure: CostStructure, net: Fraction) -> Fraction:
    ads = structure.ads
    if isinstance(ads, AdsByShare):
        return to_step(Fraction(ads.rate) * net, CENT)
    if isinstance(ads, AdsByClick):
        per_sale = Fraction(ads.cost_per_click) / Fraction(ads.conversion_rate)
        return to_step(per_sale * Fraction(ads.share), CENT)
    return Fraction(0)


def _left(
    structure: CostStructure, net: Fraction, lines: Mapping[str, Fraction], ads: Fraction
) -> tuple[Fraction, Fraction]:
    """The contribution and the net revenue it is measured by."""
    costs = sum((Fraction(cost.amount) for cost in structure.costs), Fraction(0))
    returns = structure.returns
    if returns is None:
        return net - sum(lines.values()) - ads - costs, net
    kept = 1 - Fraction(returns.rate)
    given_back = sum(
        (lines[f.name] for f in structure.fees if isinstance(f, RateFee) and f.is_refundable), Fraction(0)
    )
    others = sum(lines.values()) - given_back
    first = next((lines[fee.name] for fee in structure.fees if isinstance(fee, RateFee)), Fraction(0))
    admin = Fraction(returns.admin_rate) * first
    if returns.cap is not None:
        admin = min(admin, Fraction(returns.cap))
    handled = admin + Fraction(returns.processing) - Fraction(returns.salvage) * Fraction(returns.landed)
    left = kept * (net - given_back) - others - ads - costs - Fraction(returns.rate) * handled
    return left, kept * net
