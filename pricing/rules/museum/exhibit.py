"""What an exhibit is: a disaster that happened to somebody, and whether a rule set would have survived it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from pricing.engine.offers import OwnSide, RawOffer
from pricing.engine.rivals import view_rivals
from pricing.rules.checks import check_price
from pricing.rules.evaluate import run
from pricing.rules.museum.ground import AT, OWN_SELLER, PRICE, SISTER_SELLER, is_below_break_even, price_of
from pricing.rules.syntax import RuleSet
from pricing.types import PricingContext, Proposal, RivalView

FAR = Decimal("0.25")
"""No single suggestion may move a price by more than this share, whatever the data say."""

Judge = Callable[[RuleSet], str | None]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A disaster; `judge` returns None when the rule set survives it, else a sentence of how it does not."""

    key: str
    title: str
    source: str
    judge: Judge


def ask(rule_set: RuleSet, context: PricingContext) -> Proposal:
    """What the rule set suggests for the listing, with the checks of law and platform."""
    return run(context, rule_set, checks=check_price)


def offer(seller: str, price: str, **changes: object) -> RawOffer:
    """Return another seller's new offer of one piece, seen just now."""
    values: dict[str, object] = {
        "product_id": "B0MUSEUM01",
        "seller_id": seller,
        "is_own": seller == OWN_SELLER,
        "condition": "new",
        "channel": "platform",
        "observed_at": AT,
        "currency": "USD",
        "price": Decimal(price),
        "shipping": Decimal(0),
        "points": Decimal(0),
        "is_featured": False,
        "pack_size": 1,
    }
    return RawOffer(**{**values, **changes})  # type: ignore[arg-type]


def seen(offers: Iterable[RawOffer]) -> RivalView:
    """What the product makes of the offers on the page, ours among them."""
    own = OwnSide(
        currency="USD",
        seller_id=OWN_SELLER,
        own_sellers=frozenset({OWN_SELLER}),
        sister_sellers=frozenset({SISTER_SELLER}),
    )
    return view_rivals(offers, own, AT)


def led_astray(rule_set: RuleSet, honest: PricingContext, spoilt: PricingContext) -> str | None:
    """Compare what is suggested on spoilt data with what is suggested without them.

    Bad data may make the product silent, never bolder: a suggestion further from the present price than the
    honest one, below break-even, or further away than any single step may be, is a failure.
    """
    proposal = ask(rule_set, spoilt)
    price = price_of(proposal, spoilt)
    if is_below_break_even(price) and proposal.price is not None:
        return f"it suggests {price}, below break-even"
    if abs(price - PRICE) > PRICE * FAR:
        return f"it moves {PRICE} to {price} in one step"
    honest_price = price_of(ask(rule_set, honest), honest)
    if (price - PRICE) * (honest_price - PRICE) < 0 or abs(price - PRICE) > abs(honest_price - PRICE):
        return f"bad data move it to {price}, without them it says {honest_price}"
    return None
