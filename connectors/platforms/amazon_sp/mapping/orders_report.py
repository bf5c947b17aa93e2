"""What a row of the all-orders flat file means (GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL)."""

from __future__ import annotations

from collections.abc import Callable

from connectors.engine.protocol import StreamContext
from connectors.engine.records import quick
from connectors.platforms.amazon_sp.mapping.order_lines import line_key
from connectors.platforms.amazon_sp.mapping.tax import line_amounts, rule_of
from connectors.platforms.common.moments import InstantReader, ShopClock
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
_line = quick(OrderLineRecord)
_TRUE = {"true", "True", "TRUE", "yes", "Yes", "1"}
_CANCELLED = {"cancelled", "canceled"}
_CHANNELS = dict.fromkeys(("Amazon", "AMAZON", "amazon", "AFN"), FulfilmentChannel.PLATFORM)


def order_reader(table: Table, context: StreamContext) -> Callable[[list[str]], OrderLineRecord]:
    """Return a function that maps a row; `ValueError` says what is wrong with it.

    Columns and repeated texts are looked up once per document, because this runs for every row of a backfill.
    `order_lines.numbered` tells lines of the same SKU apart when an order's rows are together.
    """
    rule, clock = rule_of(context.store.market), ShopClock(context.store.time_zone)
    own_currency, collector, inclusive = context.store.currency, rule.collector, rule.inclusive
    amounts, counts, instants, statuses = AmountReader(), CountReader(), InstantReader(), _StatusReader()
    (
        order_at, bought_at, updated_at, status_at, channel_at, sku_at, asin_at, quantity_at, currency_at,
        price_at, tax_at, shipping_at, shipping_tax_at, discount_at,
    ) = (table.place(name) for name in REQUIRED)  # fmt: skip
    item_status_at, business_at, replacement_at, points_at = (table.place(name) for name in OPTIONAL[:4])

    def read(row: list[str]) -> OrderLineRecord:
        sku = row[sku_at]
        if not sku or not row[order_at]:
            raise ValueError("a row without amazon-order-id or sku")
        bought = instants[row[bought_at]]
        status = statuses[row[status_at], row[item_status_at] if item_status_at >= 0 else ""]
        currency = row[currency_at] or own_currency
        price, tax_text, shipping_tax_text = amounts[row[price_at]], row[tax_at], row[shipping_tax_at]
        discount = abs(amounts[row[discount_at]])
        if inclusive:
            gross, tax, shipping, shipping_tax, discount = line_amounts(
                rule,
                currency,
                price,
                amounts[tax_text] if tax_text else None,
                amounts[row[shipping_at]],
                amounts[shipping_tax_text] if shipping_tax_text else None,
                discount,
            )
        else:
            # What `line_amounts` does where tax comes on top, without the call: most rows are American.
            tax, shipping_tax = amounts[tax_text], amounts[shipping_tax_text]
            gross, shipping = price + tax, amounts[row[shipping_at]] + shipping_tax
        # Positional, in the record's own order, for speed.
        return _line(
            row[order_at],
            line_key(sku),
            sku,
            row[asin_at],
            bought,
            clock.day(bought),
            status,
            _CHANNELS.get(row[channel_at], FulfilmentChannel.MERCHANT),
            0 if status is OrderStatus.CANCELLED else counts[row[quantity_at]],
            currency,
            gross,
            tax,
            collector,
            shipping,
            shipping_tax,
            discount,
            amounts[row[points_at]] if points_at >= 0 else ZERO,
            replacement_at >= 0 and row[replacement_at] in _TRUE,
            business_at >= 0 and row[business_at] in _TRUE,
            "",
            instants[row[updated_at]],
        )

    return read


class _StatusReader(dict[tuple[str, str], OrderStatus]):
    """The statuses of one document by the texts of order and item."""

    def __missing__(self, texts: tuple[str, str]) -> OrderStatus:
        status = self[texts] = read_status(*texts)
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
