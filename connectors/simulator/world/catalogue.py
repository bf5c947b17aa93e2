"""What a client sells: the same SKUs in every market, priced and charged for each market."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from connectors.simulator.world.dice import Dice
from connectors.simulator.world.markets import Market
from connectors.simulator.world.model import Product
from connectors.simulator.world.money import as_decimal, to_money

KINDS = (
    ("HOME", "Bamboo Drawer Organiser", "0.15"),
    ("ELECTRONICS", "USB-C Charging Hub", "0.08"),
    ("KITCHEN", "Stainless Pour-over Kettle", "0.15"),
    ("APPAREL", "Merino Travel Socks", "0.15"),
    ("ELECTRONICS", "Wireless Earbuds", "0.08"),
    ("PET", "Slow Feeder Bowl", "0.15"),
    ("OFFICE", "Adjustable Laptop Stand", "0.15"),
    ("SPORTS", "Resistance Band Set", "0.15"),
    ("BABY", "Silicone Bib Pair", "0.15"),
    ("GARDEN", "Solar Path Light", "0.15"),
)
ORDERS_PER_DAY = 9.0


def make_products(
    seed: int, account: int, market: Market, count: int, start: date, volume: float
) -> tuple[Product, ...]:
    """The SKUs of one store, best seller first, the last one an inactive listing without stock.

    `volume` scales how much is sold a day; the shares fall off like 1/rank.
    """
    weights = [1 / (rank + 0.8) for rank in range(count - 1)]
    daily = ORDERS_PER_DAY * market.volume * volume
    products = []
    for rank in range(count):
        common = Dice(seed, "product", account, rank)
        local = Dice(seed, "product", account, rank, market.code)
        category, noun, referral = KINDS[rank % len(KINDS)]
        dollars = as_decimal(common.uniform(14, 58), 2)
        litres = as_decimal(common.uniform(0.4, 4.5), 2)
        colour = common.choice(("Black", "Sand", "Forest", "White", "Navy"))
        is_active = rank < count - 1
        products.append(
            Product(
                sku=f"{chr(65 + account % 26)}{category[:3]}-{1001 + rank}",
                asin=f"B0{local.letters(8)}",
                fnsku=f"X00{local.letters(7)}",
                title=f"{noun}, {colour}, Size {rank % 4 + 1}",
                category=category,
                price=_retail(dollars, market),
                referral_rate=Decimal(referral),
                fulfilment_fee=to_money(
                    (Decimal("2.9") + litres * Decimal("0.85")) * _fee_factor(market), market.currency
                ),
                rate=daily * weights[rank] / sum(weights) if is_active else 0.0,
                conversion=local.uniform(0.09, 0.19),
                litres=litres,
                opened_on=start - timedelta(days=common.integer(120, 900)),
                active=is_active,
                advertised=is_active and rank % 2 == 0,
            )
        )
    return tuple(products)


def _retail(dollars: Decimal, market: Market) -> Decimal:
    """A price as shops print it: 24.99, 499.00 or 3980."""
    if market.currency == "JPY":
        return (dollars * market.price_factor / 10).to_integral_value(ROUND_FLOOR) * 10
    whole = (dollars * market.price_factor).to_integral_value(ROUND_FLOOR)
    return to_money(whole + market.ending, market.currency)


def _fee_factor(market: Market) -> Decimal:
    """Fulfilment costs less abroad than the exchange rate says."""
    return market.price_factor * (Decimal(1) if market.code == "US" else Decimal("0.8"))
