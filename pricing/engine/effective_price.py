"""What a buyer pays in the end: base, promotion, deal, coupon, points and bundle are facts of their own.

How they stack, in this order:

1. A deal's price replaces the base price; of several the lowest counts.
2. Without a deal a promotion's price replaces it where it is lower; of several the lowest counts.
3. One coupon applies, the one that takes off most from the shown price; a share is rounded half up to the
   currency's smallest unit, and no coupon takes off more than the price.
4. Points are counted on what is paid after the coupon, rounded down (part of a yen is no point); of several
   offers of points the largest counts. They lower the effective price, never below zero; what is paid stays.
5. A bundle is a price of its own for several units; it takes no coupon and no points and is told beside.

What it costs the seller: the coupon's discount, its fee (an amount per use and a share of what is paid), and
the points; the discount of a deal or promotion is in the price itself. Coupons are used by some buyers only:
the averages weigh them with the expected share of use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from pricing.engine.price_history import PriceKind

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class DatedFact:
    """One price fact of a listing, from a moment until just before another (None: until further notice).

    `amount` is a price (base, promotion, deal, bundle), or money off or back (coupon, points); `share` the
    same as a fraction (coupon, points). `quantity` is the number of units of a bundle. `fee_amount` and
    `fee_share` are what the platform takes for a coupon that is used, `use_share` how many buyers use it.
    """

    id: int
    kind: PriceKind
    from_at: datetime
    until_at: datetime | None
    amount: Decimal | None = None
    share: Decimal | None = None
    quantity: int = 1
    fee_amount: Decimal = ZERO
    fee_share: Decimal = ZERO
    use_share: Decimal = ONE

    def holds(self, at: datetime) -> bool:
        """Is it in force then?"""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


@dataclass(frozen=True, slots=True)
class EffectivePrice:
    """The prices of one unit at a moment; every amount in the currency of the facts.

    `shown` is what stands on the page, `paid` what a buyer with the coupon pays, `effective` that less the
    points; `seller_keeps` is what of it stays with the seller before other fees and costs. `average_paid` and
    `average_kept` weigh the coupon with its expected use. `bundle_unit` is the cheapest unit in a bundle.
    `used` names the facts that had a part.
    """

    base: Decimal | None
    shown: Decimal
    shown_kind: PriceKind
    coupon_off: Decimal
    coupon_fee: Decimal
    paid: Decimal
    points: Decimal
    effective: Decimal
    seller_keeps: Decimal
    average_paid: Decimal
    average_kept: Decimal
    bundle_unit: Decimal | None
    used: tuple[int, ...]


def effective_price(
    facts: Iterable[DatedFact], at: datetime, *, base: Decimal | None, minor: Decimal
) -> EffectivePrice | None:
    """Work out the effective price at a moment; `base` is the listing's own price, None where unknown.

    A base price among the facts (a list price somebody entered) is used only where the listing shows none.
    `minor` is the currency's smallest unit. None where no price is known at all.
    """
    held = sorted((fact for fact in facts if fact.holds(at)), key=lambda fact: fact.id)
    stated = _lowest(held, PriceKind.BASE)
    base_price = base if base is not None else _amount(stated)
    shown, kind, maker = _shown(held, base_price, stated if base is None else None)
    if shown is None:
        return None
    coupon, off = _best(held, PriceKind.COUPON, shown, minor, ROUND_HALF_UP)
    paid = shown - off
    fee = ZERO
    if coupon is not None:
        fee = coupon.fee_amount + (paid * coupon.fee_share).quantize(minor, ROUND_HALF_UP)
    giver, points = _best(held, PriceKind.POINTS, paid, minor, ROUND_DOWN)
    use = coupon.use_share if coupon is not None else ZERO
    _, points_without = _best(held, PriceKind.POINTS, shown, minor, ROUND_DOWN)
    kept_without = shown - points_without
    kept = paid - points - fee
    bundles = [fact for fact in held if fact.kind is PriceKind.BUNDLE and fact.amount is not None]
    bundle = min(bundles, key=_unit, default=None)
    makers = (maker, coupon, giver, bundle)
    return EffectivePrice(
        base=base_price,
        shown=shown,
        shown_kind=kind,
        coupon_off=off,
        coupon_fee=fee,
        paid=paid,
        points=points,
        effective=paid - points,
        seller_keeps=kept,
        average_paid=(use * paid + (1 - use) * shown).quantize(minor, ROUND_HALF_UP),
        average_kept=(use * kept + (1 - use) * kept_without).quantize(minor, ROUND_HALF_UP),
        bundle_unit=None if bundle is None else _unit(bundle).quantize(minor, ROUND_HALF_UP),
        used=tuple(fact.id for fact in makers if fact is not None),
    )


def _shown(
    held: Sequence[DatedFact], base: Decimal | None, stated: DatedFact | None
) -> tuple[Decimal | None, PriceKind, DatedFact | None]:
    deal = _lowest(held, PriceKind.DEAL)
    if deal is not None:
        return deal.amount, PriceKind.DEAL, deal
    promotion = _lowest(held, PriceKind.PROMOTION)
    price = _amount(promotion)
    if price is not None and (base is None or price < base):
        return price, PriceKind.PROMOTION, promotion
    return base, PriceKind.BASE, stated


def _lowest(held: Sequence[DatedFact], kind: PriceKind) -> DatedFact | None:
    priced = [(fact.amount, fact.id, fact) for fact in held if fact.kind is kind and fact.amount is not None]
    return min(priced, key=lambda each: each[:2])[2] if priced else None


def _amount(fact: DatedFact | None) -> Decimal | None:
    return None if fact is None else fact.amount


def _best(
    held: Sequence[DatedFact], kind: PriceKind, price: Decimal, minor: Decimal, rounding: str
) -> tuple[DatedFact | None, Decimal]:
    """The fact of a kind that gives most at a price, and what it gives, never more than the price."""
    best, most = None, ZERO
    for fact in held:
        if fact.kind is not kind:
            continue
        given = fact.amount if fact.amount is not None else (price * (fact.share or ZERO))
        given = min(given.quantize(minor, rounding), price)
        if given > most:
            best, most = fact, given
    return best, most


def _unit(fact: DatedFact) -> Decimal:
    return (fact.amount or ZERO) / fact.quantity
