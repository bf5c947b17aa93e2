"""Writes the all-orders flat file as Amazon documents it: the same bytes for the same arguments."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

COLUMNS = (
    "amazon-order-id", "merchant-order-id", "purchase-date", "last-updated-date", "order-status",
    "fulfillment-channel", "sales-channel", "order-channel", "ship-service-level", "product-name", "sku",
    "asin", "item-status", "quantity", "currency", "item-price", "item-tax", "shipping-price", "shipping-tax",
    "gift-wrap-price", "gift-wrap-tax", "item-promotion-discount", "ship-promotion-discount", "ship-city",
    "ship-state", "ship-postal-code", "ship-country", "promotion-ids", "cpf", "is-business-order",
    "purchase-order-number", "price-designation", "signature-confirmation-recommended",
)  # fmt: skip
_BEGIN = datetime(2026, 7, 1, tzinfo=UTC)
_MINUTES = 29 * 24 * 60
_SKUS = 2_000


@dataclass(frozen=True, slots=True)
class OrdersFile:
    """A file of `lines` order lines; `first` is the number of its first order."""

    data: bytes
    lines: int


def write_orders(lines: int, *, first: int = 0, seed: int = 7, price_step: int = 0) -> OrdersFile:
    """Write `lines` lines of orders with one to three lines each, 2,000 SKUs over 29 days.

    Files of the same `first` and `seed` hold the same orders; another `price_step` changes every price and
    moves every last update by as many minutes.
    """
    rng = random.Random(f"{seed}:{first}")
    rows = ["\t".join(COLUMNS)]
    number = first
    while len(rows) <= lines:
        number += 1
        count = min(rng.choice((1, 1, 1, 1, 2, 3)), lines + 1 - len(rows))
        rows += _order(number, count, rng, price_step)
    rows.append("")
    return OrdersFile("\n".join(rows).encode(), lines)


def _order(number: int, count: int, rng: random.Random, price_step: int) -> list[str]:
    order = f"{111 + number % 4}-{number // 7:07d}-{number * 7919 % 10**7:07d}"
    bought = _BEGIN + timedelta(minutes=rng.randrange(_MINUTES), seconds=rng.randrange(60))
    updated = bought + timedelta(minutes=rng.randrange(4_000) + price_step)
    status = rng.choice(("Shipped", "Shipped", "Shipped", "Pending", "Unshipped", "Cancelled"))
    channel = rng.choice(("Amazon", "Amazon", "Amazon", "Merchant"))
    business = rng.choice(("false", "false", "false", "true"))
    lines = []
    # Without repetition: how two lines of one SKU are told apart is not what is measured.
    for sku in rng.sample(range(_SKUS), count):
        cents = 500 + sku * 7 + rng.randrange(20) * 100 + price_step
        quantity = rng.choice((1, 1, 1, 2))
        price = cents * quantity
        discount = price // 10 if rng.random() < 0.1 else 0
        about = (order, order, bought.isoformat(), updated.isoformat(), status, channel, "Amazon.com")
        item = (f"Kitchen helper number {sku}, steel, set of two", f"SKU-{sku:05d}-BLK", f"B0{sku:08d}")
        amounts = (
            _money(price),
            _money(price * 8 // 100),
            "",
            "",
            "",
            "",
            _money(discount) if discount else "",
        )
        where = ("", "Springfield", "IL", "62704", "US", "", "")
        told = (*about, "WebsiteOrderChannel", "Expedited", *item, status, str(quantity), "USD", *amounts)
        lines.append("\t".join((*told, *where, business, "", "", "false")))
    return lines


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
