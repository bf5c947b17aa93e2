"""What a row of the all-orders flat file means (GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import repeat
from operator import add

from connectors.engine.protocol import StreamContext
from connectors.engine.records import quick
from connectors.platforms.amazon_sp.mapping.order_lines import line_key
from connectors.platforms.amazon_sp.mapping.tax import TaxRule, line_amounts, rule_of
from connectors.platforms.common.moments import InstantReader, ShopClock
from connectors.platforms.common.numbers import AmountReader, CountReader
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


RowsReader = Callable[[Sequence[list[str]]], list[OrderLineRecord]]


def order_reader(table: Table, context: StreamContext) -> RowsReader:
    """Return a function that maps rows of the table's width; `ValueError` says what is wrong in one of them.

    It reads column by column, and each repeated text once per document, because this runs for every row of a
    backfill. `order_lines.numbered` tells lines of the same SKU apart when an order's rows are together.
    """
    rule, clock = rule_of(context.store.market), ShopClock(context.store.time_zone)
    own_currency = context.store.currency
    amounts, counts, instants, statuses = AmountReader(), CountReader(), InstantReader(), _StatusReader()

    def read(rows: Sequence[list[str]]) -> list[OrderLineRecord]:
        cells = list(zip(*rows, strict=False))
        absent = ("",) * len(rows)

        def column(name: str) -> tuple[str, ...]:
            place = table.place(name)
            return cells[place] if place >= 0 else absent

        orders, skus = column("amazon-order-id"), column("sku")
        if "" in orders or "" in skus:
            raise ValueError("a row without amazon-order-id or sku")
        bought = instants.read(column("purchase-date"))
        status = [
            statuses[texts] for texts in zip(column("order-status"), column("item-status"), strict=True)
        ]
        currency = [text or own_currency for text in column("currency")]
        money = _amounts(rule, amounts, column, currency)
        # Positional, in the record's own order, for speed.
        return list(
            map(
                _line,
                orders,
                map(line_key, skus),
                skus,
                column("asin"),
                bought,
                clock.days(bought),
                status,
                [_CHANNELS.get(text, FulfilmentChannel.MERCHANT) for text in column("fulfillment-channel")],
                [
                    0 if each is OrderStatus.CANCELLED else counts[text]
                    for each, text in zip(status, column("quantity"), strict=True)
                ],
                currency,
                *money[:2],
                repeat(rule.collector),
                *money[2:],
                [amounts[text] for text in column("points-granted")],
                [text in _TRUE for text in column("is-replacement-order")],
                [text in _TRUE for text in column("is-business-order")],
                absent,
                instants.read(column("last-updated-date")),
            )
        )

    return read


def _amounts(
    rule: TaxRule, amounts: AmountReader, column: Callable[[str], tuple[str, ...]], currency: list[str]
) -> Sequence[Iterable[Decimal]]:
    """Return the columns of `LineAmounts`."""
    price, shipping = ([amounts[text] for text in column(name)] for name in ("item-price", "shipping-price"))
    discount = [abs(amounts[text]) for text in column("item-promotion-discount")]
    taxes = column("item-tax"), column("shipping-tax")
    if not rule.inclusive:
        # What `line_amounts` does where tax comes on top, without its call: most rows are American.
        tax, shipping_tax = ([amounts[text] for text in texts] for texts in taxes)
        return map(add, price, tax), tax, map(add, shipping, shipping_tax), shipping_tax, discount
    # An empty tax is not zero where prices hold it.
    given, shipping_given = ([amounts[text] if text else None for text in texts] for texts in taxes)
    lines = map(line_amounts, repeat(rule), currency, price, given, shipping, shipping_given, discount)
    return list(zip(*lines, strict=True))


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
