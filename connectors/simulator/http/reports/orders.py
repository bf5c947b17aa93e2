"""The all-orders file: every line of every order that changed in the window, as it stands now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from connectors.simulator.http.reports import headers
from connectors.simulator.http.reports.document import Ask, Document, flat_file
from connectors.simulator.world.markets import Market
from connectors.simulator.world.model import Line, Order

TYPE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"


def build(ask: Ask) -> Document:
    """Rows of the orders last updated in the window."""
    market = ask.store.market
    columns = headers.ORDERS + headers.EXTRA[TYPE]
    if market.code == "JP":
        columns += headers.JAPANESE_ORDERS
    rows, keys = [], []
    for order in changed(ask):
        for line in order.lines:
            rows.append(_row(market, order, line, ask.at))
            keys.append(key_of(order, line, ask.at))
    return flat_file(market, columns, rows, keys)


def changed(ask: Ask) -> Iterator[Order]:
    """The orders known at the time whose last change lies in the window."""
    for order in ask.store.orders:
        if order.ordered_at <= ask.at and ask.covers(order.updated_at(ask.at)):
            yield order


def key_of(order: Order, line: Line, at: datetime) -> tuple[str, str]:
    """The natural key of a line and the version served."""
    status = order.line_status(line, at)
    quantity = 0 if status == "Cancelled" else line.quantity
    return f"{order.id}|{line.product.sku}", f"{status}|{quantity}|{order.updated_at(at).isoformat()}"


def _row(market: Market, order: Order, line: Line, at: datetime) -> dict[str, Any]:
    status = order.line_status(line, at)
    city, state, postal_code = order.place
    row: dict[str, Any] = {
        "amazon-order-id": order.id,
        "merchant-order-id": order.id,
        "purchase-date": _time(order.ordered_at),
        "last-updated-date": _time(order.updated_at(at)),
        "order-status": order.status(at),
        "fulfillment-channel": "Amazon",
        "sales-channel": market.name,
        "ship-service-level": "Expedited",
        "product-name": line.product.title,
        "sku": line.product.sku,
        "asin": line.product.asin,
        "item-status": status if status != "Pending" else "",
        # Amazon leaves the price on a cancelled line and takes the quantity away.
        "quantity": 0 if status == "Cancelled" else line.quantity,
        "currency": market.currency,
        "item-price": line.item_price,
        # The Mexican file does not name the tax that is inside the price.
        "item-tax": "" if market.code == "MX" else line.tax,
        "shipping-price": line.shipping or "",
        "ship-promotion-discount": line.shipping or "",
        "item-promotion-discount": line.discount or "",
        "ship-city": city,
        "ship-state": state,
        "ship-postal-code": postal_code,
        "ship-country": market.code,
        "promotion-ids": order.promotion,
        "is-business-order": str(order.is_business).lower(),
        "price-designation": "Business Price" if order.is_business else "",
        "is-replacement-order": str(order.is_replacement).lower(),
        "original-order-id": order.replaces,
    }
    if market.code == "JP":
        row["points-granted"] = line.points or ""
    return row


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
