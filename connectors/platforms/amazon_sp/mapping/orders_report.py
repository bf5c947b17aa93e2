"""What a row of the all-orders flat file means (GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL)."""

from __future__ import annotations

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.mapping.order_lines import line_key
from connectors.platforms.amazon_sp.mapping.tax import LineAmounts, line_amounts, rule_of
from connectors.platforms.common.moments import InstantReader, ShopClock, parse_instant
from connectors.platforms.common.numbers import ZERO, AmountReader, CountReader
from connectors.platforms.common.tables import Table
from connectors.types import FulfilmentChannel, OrderLineRecord, OrderStatus

REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
REQUIRED = (
    "amazon-order-id", "purchase-date", "last-updated-date", "order-status", "fulfillment-channel", "sku",
    "asin", "quantity", "currency", "item-price", "item-tax", "shipping-price", "shipping-tax",
    "item-promotion-discount",
)  # fmt: skip
# Beside what is read, columns without any buyer data are kept for replay.
OPTIONAL = (
    "item-status", "is-business-order", "is-replacement-order", "points-granted", "merchant-order-id",
    "sales-channel", "order-channel", "ship-service-level", "product-name", "gift-wrap-price",
    "gift-wrap-tax", "ship-promotion-discount", "promotion-ids", "price-designation", "original-order-id",
)  # fmt: skip
PERSONAL = (
    "ship-city", "ship-state", "ship-postal-code", "ship-country", "purchase-order-number", "cpf", "url",
    "buyer-email", "buyer-name", "buyer-phone-number", "recipient-name", "signature-confirmation-recommended",
)  # fmt: skip
_TRUE = {"true", "True", "TRUE", "yes", "Yes", "1"}
_CANCELLED = {"cancelled", "canceled"}
_CHANNELS = dict.fromkeys(("Amazon", "AMAZON", "amazon", "AFN"), FulfilmentChannel.PLATFORM)


class OrderRowMapper:
    """Maps rows of one document: columns and repeated texts are looked up once.

    `order_lines.numbered` tells lines of the same SKU apart when an order's rows are together.
    """

    def __init__(self, table: Table, context: StreamContext) -> None:
        store = context.store
        self._rule = rule_of(store.market)
        self._currency = store.currency
        self._clock = ShopClock(store.time_zone)
        self._amounts, self._counts, self._instants = AmountReader(), CountReader(), InstantReader()
        self._statuses: dict[tuple[str, str], OrderStatus] = {}
        (
            self._order, self._bought, self._updated, self._status, self._channel, self._sku, self._asin,
            self._quantity, self._money, self._price, self._tax, self._ship, self._ship_tax, self._discount,
        ) = (table.place(name) for name in REQUIRED)  # fmt: skip
        self._item_status, self._business, self._replacement, self._points = (
            table.place(name) for name in OPTIONAL[:4]
        )

    def __call__(self, row: list[str]) -> OrderLineRecord:
        """Map a row; `ValueError` says what is wrong with it."""
        order, sku = row[self._order], row[self._sku]
        if not order or not sku:
            raise ValueError("a row without amazon-order-id or sku")
        bought = parse_instant(row[self._bought])
        item_status = row[self._item_status] if self._item_status >= 0 else ""
        status = self._statuses.get((row[self._status], item_status)) or self._learn(row, item_status)
        currency = row[self._money] or self._currency
        gross, tax, shipping, shipping_tax, discount = self._money_of(row, currency)
        # Positional, in the record's own order: this runs once for every row of a backfill.
        return OrderLineRecord(
            order,
            line_key(sku),
            sku,
            row[self._asin],
            bought,
            self._clock.day(bought),
            status,
            _CHANNELS.get(row[self._channel], FulfilmentChannel.MERCHANT),
            0 if status is OrderStatus.CANCELLED else self._counts[row[self._quantity]],
            currency,
            gross,
            tax,
            self._rule.collector,
            shipping,
            shipping_tax,
            discount,
            self._amounts[row[self._points]] if self._points >= 0 else ZERO,
            self._replacement >= 0 and row[self._replacement] in _TRUE,
            self._business >= 0 and row[self._business] in _TRUE,
            "",
            self._instants[row[self._updated]],
        )

    def _money_of(self, row: list[str], currency: str) -> LineAmounts:
        amounts = self._amounts
        tax, ship_tax = row[self._tax], row[self._ship_tax]
        return line_amounts(
            self._rule,
            currency,
            amounts[row[self._price]],
            amounts[tax] if tax else None,
            amounts[row[self._ship]],
            amounts[ship_tax] if ship_tax else None,
            abs(amounts[row[self._discount]]),
        )

    def _learn(self, row: list[str], item_status: str) -> OrderStatus:
        status = read_status(row[self._status], item_status)
        self._statuses[row[self._status], item_status] = status
        return status


def read_status(order_status: str, item_status: str = "") -> OrderStatus:
    """Read "Shipped", "Shipped - Delivered to Buyer", "Unshipped", "Pending", "Cancelled" …

    A cancelled item in a living order is cancelled itself. `ValueError` for a status nobody knows.
    """
    status = order_status.strip().lower()
    if status in _CANCELLED or item_status.strip().lower() in _CANCELLED:
        return OrderStatus.CANCELLED
    if status.startswith(("shipped", "partiallyshipped", "partially shipped", "complete")):
        return OrderStatus.SHIPPED
    if status.startswith(("unshipped", "shipping", "invoiceunconfirmed")):
        return OrderStatus.UNSHIPPED
    if status.startswith("pending"):
        return OrderStatus.PENDING
    raise ValueError(f"order-status {order_status!r} is unknown")
