"""Whether a product whose advertising costs too much should have a lower bid or a higher price (P15).

Formulas of the domain reference (pricing.md §2, "Ads by click"): advertising per unit is CPC / CVR × the
share of units that advertising sells; the break-even ACoS is what is left of an ad sale before advertising
(CM2 over net revenue); the highest bid that keeps a margin m is CVR × (CM2 − m·R); and conversion answers to
the price as CVR₀ × (p / p₀)^−ε. Each way is judged by the contribution it is expected to leave per day:

* as it is: units × CM2(p) − spend
* lower bid: clicks answer to the bid as (bid / bid₀)^η, advertised units with them, the others stay
* higher price: all units answer as (p / p₀)^−ε, clicks (and so the spend) stay

η has no source of its own and is a planning value (`BID_ELASTICITY`) that callers may replace. Expected
volumes are rounded only where they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from pricing.engine.contribution import Contribution, evaluate
from pricing.structure import AdsByClick, CostStructure
from pricing.types import PricingContext, Reason

BID_ELASTICITY = Decimal("0.7")
LARGEST_RAISE = Decimal("0.10")
_CANDIDATES = 100
ZERO = Decimal(0)
ONE = Decimal(1)


class Way(StrEnum):
    """What can be done about advertising that costs too much."""

    AS_IS = "as_is"
    LOWER_BID = "lower_bid"
    HIGHER_PRICE = "higher_price"


@dataclass(frozen=True, slots=True)
class Choice:
    """A way with its price, its bid (cost per click) and what it is expected to bring per day."""

    way: Way
    price: Decimal
    cost_per_click: Decimal
    units_per_day: Decimal
    contribution_per_day: Decimal
    acos: Decimal | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The ways beside each other; `best` is None where they cannot be compared, which `reasons` tell.

    `units_may_fall` is the share of units that may be lost at `probe` (a raise of 5 %) before the raise is
    worse than leaving everything as it is: an answer that needs no elasticity.
    """

    acos: Decimal | None
    break_even_acos: Decimal | None
    target_acos: Decimal | None
    highest_bid: Decimal | None
    is_too_dear: bool | None
    choices: tuple[Choice, ...]
    best: Way | None
    probe: Decimal | None
    units_may_fall: Decimal | None
    reasons: tuple[Reason, ...]


def compare(context: PricingContext, *, bid_elasticity: Decimal = BID_ELASTICITY) -> Comparison:
    """Return what a lower bid and a higher price are expected to leave, beside leaving both as they are."""
    price, ads = context.price, context.structure.ads
    if price is None:
        return _nothing(context, None, Reason("no_price", "The listing has no price"))
    bare = replace(context.structure, ads=None)
    before = evaluate(bare, price)
    if before.base <= 0:
        return _nothing(context, None, Reason("no_revenue", "At this price nothing is left of the revenue"))
    if not isinstance(ads, AdsByClick) or not (ads.share and ads.conversion_rate and ads.cost_per_click):
        told = "Its clicks and conversions are not known, so a lower bid cannot be judged"
        return _nothing(context, before, Reason("no_click_data", told))
    if not context.units_per_day:
        return _nothing(context, before, Reason("no_sales", "It did not sell lately"))
    return _compared(context, bare, before, ads, price, bid_elasticity)


def _compared(
    context: PricingContext,
    bare: CostStructure,
    before: Contribution,
    ads: AdsByClick,
    price: Decimal,
    bid_elasticity: Decimal,
) -> Comparison:
    units = context.units_per_day or ZERO
    advertised = units * ads.share
    spend = advertised * ads.cost_per_click / ads.conversion_rate
    now = _judged(Way.AS_IS, before, price, units, advertised, spend, ads.cost_per_click)
    choices, reasons = [now], []
    bid = _highest_bid(before, ads, context.target_margin)
    if ZERO < bid < ads.cost_per_click:
        clicks = (bid / ads.cost_per_click) ** bid_elasticity
        left = advertised * clicks
        sold = units - advertised + left
        choices.append(
            _judged(Way.LOWER_BID, before, price, sold, left, left * bid / ads.conversion_rate, bid)
        )
    elif bid <= 0:
        reasons.append(Reason("no_bid_pays", "No bid leaves the target margin at the present price"))
    probe = _up(price, Decimal("0.05"), bare.tick)
    if context.elasticity is None:
        reasons.append(Reason("elasticity_unknown", "Nobody knows yet how buyers answer to this price"))
    else:
        best = _best_raise(context, bare, ads, price, units, abs(context.elasticity))
        if best is not None:
            choices.append(best)
    acos = context.acos if context.acos is not None else now.acos
    limit = before.contribution / before.base
    chosen = max(choices, key=lambda each: (each.contribution_per_day, each.way is Way.AS_IS))
    return Comparison(
        acos=acos,
        break_even_acos=limit,
        target_acos=limit - context.target_margin,
        highest_bid=bid,
        is_too_dear=None if acos is None else acos > limit,
        choices=tuple(choices),
        best=chosen.way,
        probe=probe,
        units_may_fall=_may_fall(before, evaluate(bare, probe)),
        reasons=tuple(reasons),
    )


def _judged(
    way: Way,
    before: Contribution,
    price: Decimal,
    sold: Decimal,
    advertised: Decimal,
    spend: Decimal,
    bid: Decimal,
) -> Choice:
    sales = advertised * before.base
    left = sold * before.contribution - spend
    return Choice(way, price, bid, sold, left, spend / sales if sales else None)


def _highest_bid(before: Contribution, ads: AdsByClick, margin: Decimal) -> Decimal:
    return ads.conversion_rate * (before.contribution - margin * before.base)


def _best_raise(
    context: PricingContext,
    bare: CostStructure,
    ads: AdsByClick,
    price: Decimal,
    units: Decimal,
    elasticity: Decimal,
) -> Choice | None:
    """The raise of at most a tenth (and within the listing's bounds) that leaves most; None: no room."""
    top = _up(price, LARGEST_RAISE, bare.tick)
    if context.bounds.highest is not None:
        top = min(top, context.bounds.highest // bare.tick * bare.tick)
    ticks = int((top - price) / bare.tick)
    if ticks < 1:
        return None
    stride = -(-ticks // _CANDIDATES)
    raised = [price + bare.tick * step for step in (*range(stride, ticks, stride), ticks)]
    spend = units * ads.share * ads.cost_per_click / ads.conversion_rate
    found = []
    for each in raised:
        kept = (each / price) ** -elasticity
        found.append(
            _judged(
                Way.HIGHER_PRICE, evaluate(bare, each), each, units * kept, units * ads.share * kept, spend,
                ads.cost_per_click,
            )
        )  # fmt: skip
    return max(found, key=lambda each: (each.contribution_per_day, -each.price))


def _may_fall(before: Contribution, raised: Contribution) -> Decimal | None:
    """1 − units needed at the raised price / units now, with the spend as it is."""
    if raised.contribution <= 0:
        return None
    return ONE - before.contribution / raised.contribution


def _up(price: Decimal, share: Decimal, tick: Decimal) -> Decimal:
    return price * (ONE + share) // tick * tick


def _nothing(context: PricingContext, before: Contribution | None, why: Reason) -> Comparison:
    limit = before.contribution / before.base if before is not None else None
    return Comparison(
        acos=context.acos,
        break_even_acos=limit,
        target_acos=None if limit is None else limit - context.target_margin,
        highest_bid=None,
        is_too_dear=None if limit is None or context.acos is None else context.acos > limit,
        choices=(),
        best=None,
        probe=None,
        units_may_fall=None,
        reasons=(why,),
    )
