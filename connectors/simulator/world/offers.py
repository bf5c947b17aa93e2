"""Who else offers our products, and for how much, on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connectors.simulator.world.dice import Dice
from connectors.simulator.world.model import Product, Store
from connectors.simulator.world.money import ZERO, as_decimal, to_money
from connectors.simulator.world.plants import RIVAL_CUT, STOCK_OUT, Effects

_SHIPPERS_ASK_LESS = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Offer:
    """One seller's offer. `points` is money given back; landed = price + shipping − points."""

    seller_id: str
    own: bool
    network: str
    price: Decimal
    shipping: Decimal
    points: Decimal
    featured: bool

    @property
    def landed(self) -> Decimal:
        """What the buyer pays in the end."""
        return self.price + self.shipping - self.points


def offers_on(seed: int, store: Store, product: Product, effects: Effects, day: date) -> tuple[Offer, ...]:
    """The offers of a product on a day, cheapest first; none of ours while it is out of stock or inactive.

    Two to four rivals stay the same through time; each moves its price about once a week. Those who ship
    themselves ask less and add shipping: some are a little cheaper than we are, without being featured.
    """
    money = store.market.currency
    dice = Dice(seed, "rivals", store.key, product.sku)
    cut = effects.active(RIVAL_CUT, product.sku, day)
    found = []
    for number in range(dice.integer(2, 4)):
        seller, base = f"A{dice.letters(13)}", dice.uniform(1.0, 1.12)
        ships = dice.chance(0.4)
        week = Dice(seed, "rival", store.key, product.sku, number, day.isocalendar()[:2])
        factor = as_decimal(base * week.uniform(0.985, 1.015))
        if cut is not None and number == 0:
            factor, ships = cut.size, False
        elif ships:
            factor -= _SHIPPERS_ASK_LESS
        price = to_money(product.price * factor, money)
        shipping = to_money(product.price * Decimal("0.05"), money) if ships else ZERO
        found.append(
            (price + shipping, Offer(seller, False, "MFN" if ships else "AFN", price, shipping, ZERO, False))
        )
    if product.active and not effects.active(STOCK_OUT, product.sku, day):
        asked = store.price_of(product)
        points = to_money(asked * Decimal("0.01"), money) if money == "JPY" else ZERO
        own = Offer(store.seller_id, True, "AFN", asked, ZERO, points, False)
        found.append((own.landed, own))
    found.sort(key=lambda pair: (pair[0], pair[1].seller_id))
    return _feature([offer for _, offer in found], cut is not None)


def _feature(offers: list[Offer], lost: bool) -> tuple[Offer, ...]:
    """Mark the featured offer: ours, unless a cut took it from us or we have none."""
    own = next((offer for offer in offers if offer.own), None)
    chosen = own if own is not None and not lost else next(offer for offer in offers if not offer.own)
    return tuple(
        Offer(o.seller_id, o.own, o.network, o.price, o.shipping, o.points, o is chosen) for o in offers
    )
