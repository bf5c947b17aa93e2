"""How the units wanted on a day become orders with priced lines."""

from __future__ import annotations

from decimal import Decimal

from connectors.simulator.world.dice import Dice
from connectors.simulator.world.markets import Market
from connectors.simulator.world.model import Line, Product
from connectors.simulator.world.money import STEP, ZERO, as_decimal, is_tie, to_money

Basket = list[tuple[Product, int]]


def pack(dice: Dice, wanted: list[tuple[Product, int]]) -> list[Basket]:
    """Split the units into lines of one to three and put some lines of different SKUs into one order."""
    lines: list[tuple[Product, int]] = []
    for product, units in wanted:
        while units > 0:
            take = min(units, dice.weighted((1, 2, 3), (86, 11, 3)))
            lines.append((product, take))
            units -= take
    dice.shuffle(lines)
    baskets: list[Basket] = []
    for line in lines:
        if baskets and dice.chance(0.1) and all(line[0].sku != other.sku for other, _ in baskets[-1]):
            baskets[-1].append(line)
        else:
            baskets.append([line])
    return baskets


def make_line(
    dice: Dice,
    market: Market,
    product: Product,
    units: int,
    promoted: bool,
    cancelled: bool,
    free: bool = False,
) -> Line:
    """Price a line. Where prices hold the tax, tax = price × r/(1+r), half up, as the reports have it."""
    currency = market.currency
    item_price = ZERO if free else to_money(product.price * units, currency)
    discount = _discount(item_price, market) if promoted and not free else ZERO
    if market.tax_included:
        tax = to_money(item_price * market.tax_rate / (1 + market.tax_rate), currency)
        gross = item_price
        discount, discount_ex_tax = _ex_tax(discount, tax, gross, currency)
    else:
        tax = to_money((item_price - discount) * dice.choice(market.tax_rates), currency)
        gross = item_price + tax
        discount_ex_tax = discount
    has_points = market.code == "JP" and not free and dice.chance(0.25)
    shipping = to_money(product.price * Decimal("0.2"), currency) if dice.chance(0.06) and not free else ZERO
    return Line(
        item_id=dice.digits(14),
        product=product,
        quantity=units,
        item_price=item_price,
        gross=gross,
        tax=tax,
        discount=discount,
        discount_ex_tax=discount_ex_tax,
        shipping=shipping,
        points=to_money(item_price * as_decimal(0.01, 2), currency) if has_points else ZERO,
        cancelled=cancelled,
    )


def _discount(item_price: Decimal, market: Market) -> Decimal:
    return to_money(item_price * Decimal("0.1"), market.currency)


def _ex_tax(discount: Decimal, tax: Decimal, gross: Decimal, currency: str) -> tuple[Decimal, Decimal]:
    """The discount and its part without tax; never one whose rounding would hang on an exact half."""
    while discount and is_tie(discount * (gross - tax) / gross, currency):
        discount -= STEP[currency]
    return discount, to_money(discount * (gross - tax) / gross, currency) if discount else ZERO
