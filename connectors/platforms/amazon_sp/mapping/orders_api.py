"""What an order of the Orders API 2026-01-01 means: its items as order lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.mapping.order_lines import line_key, numbered
from connectors.platforms.amazon_sp.mapping.tax import line_amounts, rule_of
from connectors.platforms.common.moments import ShopClock, parse_instant
from connectors.platforms.common.numbers import ZERO, json_count, json_decimal
from connectors.platforms.common.privacy import Shape, buyer_hash
from connectors.types import FulfilmentChannel, OrderLineRecord, OrderStatus

_STATUSES = {
    "PENDING_AVAILABILITY": OrderStatus.PENDING,
    "PENDING": OrderStatus.PENDING,
    "UNSHIPPED": OrderStatus.UNSHIPPED,
    "PARTIALLY_SHIPPED": OrderStatus.SHIPPED,
    "SHIPPED": OrderStatus.SHIPPED,
    "CANCELLED": OrderStatus.CANCELLED,
    "UNFULFILLABLE": OrderStatus.UNSHIPPED,
}
_REPLACEMENT = {"REPLACEMENT_ORIGINAL_ID", "EXCHANGE_ORIGINAL_ID"}

# What of an order is kept: nothing of buyer, recipient, payment, tax registrations, packages or messages.
KEPT: Shape = {
    "orderId": True,
    "createdTime": True,
    "lastUpdatedTime": True,
    "programs": True,
    "associatedOrders": True,
    "salesChannel": True,
    "proceeds": True,
    "fulfillment": {"fulfillmentStatus": True, "fulfilledBy": True, "fulfillmentServiceLevel": True},
    "orderItems": {
        "orderItemId": True,
        "quantityOrdered": True,
        "programs": True,
        "product": {"asin": True, "title": True, "sellerSku": True, "price": True},
        "proceeds": True,
        "expense": True,
        "promotion": True,
        "cancellation": {"cancellationExecution": {"cancelledBy": True}},
        "fulfillment": {"quantityFulfilled": True, "quantityUnfulfilled": True},
    },
}


def order_lines(order: Mapping[str, Any], context: StreamContext, clock: ShopClock) -> list[OrderLineRecord]:
    """Return the lines of an order; `ValueError` or `KeyError` says what is missing or wrong."""
    ordered_at = parse_instant(order["createdTime"])
    fulfilment = order.get("fulfillment") or {}
    status = _status(str(fulfilment.get("fulfillmentStatus", "PENDING")))
    associations = {link.get("associationType") for link in order.get("associatedOrders") or []}
    buyer = order.get("buyer") or {}
    common = OrderLineRecord(
        platform_order_id=str(order["orderId"]),
        line_no="",
        sku="",
        product_id="",
        ordered_at=ordered_at,
        business_on=clock.day(ordered_at),
        status=status,
        channel=FulfilmentChannel.PLATFORM
        if fulfilment.get("fulfilledBy") == "AMAZON"
        else FulfilmentChannel.MERCHANT,
        quantity=0,
        currency=context.store.currency,
        gross_amount=ZERO,
        tax_amount=ZERO,
        tax_collector=rule_of(context.store.market).collector,
        shipping_amount=ZERO,
        shipping_tax_amount=ZERO,
        discount_amount=ZERO,
        points_amount=ZERO,
        is_replacement=bool(associations & _REPLACEMENT),
        is_business="AMAZON_BUSINESS" in (order.get("programs") or []),
        # Amazon's only buyer id is the relay address; it is not asked for, and never kept but as a hash.
        buyer_hash=buyer_hash(context.buyer_pepper, str(buyer.get("buyerEmail") or "")),
        source_updated_at=parse_instant(order["lastUpdatedTime"]),
    )
    return numbered(_line(item, common, context) for item in order["orderItems"])


def _status(text: str) -> OrderStatus:
    if text not in _STATUSES:
        raise ValueError(f"fulfillmentStatus {text!r} is unknown")
    return _STATUSES[text]


def _line(item: Mapping[str, Any], common: OrderLineRecord, context: StreamContext) -> OrderLineRecord:
    product = item["product"]
    sku = str(product.get("sellerSku") or "")
    if not sku:
        raise ValueError("an item without sellerSku")
    cancellation = item.get("cancellation") or {}
    cancelled = common.status is OrderStatus.CANCELLED or bool(cancellation.get("cancellationExecution"))
    quantity = json_count(item["quantityOrdered"])
    proceeds = _Proceeds(item, quantity)
    currency = proceeds.currency or common.currency
    amounts = line_amounts(
        rule_of(context.store.market),
        currency,
        proceeds.price,
        proceeds.tax,
        proceeds.shipping,
        proceeds.shipping_tax,
        proceeds.discount,
    )
    points = ((item.get("expense") or {}).get("pointsCost") or {}).get("pointsGranted") or {}
    return replace(
        common,
        line_no=line_key(sku),
        sku=sku,
        product_id=str(product.get("asin") or ""),
        status=OrderStatus.CANCELLED if cancelled else common.status,
        quantity=0 if cancelled else quantity,
        currency=currency,
        gross_amount=amounts.gross,
        tax_amount=amounts.tax,
        shipping_amount=amounts.shipping,
        shipping_tax_amount=amounts.shipping_tax,
        discount_amount=amounts.discount,
        points_amount=_amount(points.get("pointsMonetaryValue")) or ZERO,
    )


class _Proceeds:
    """The breakdown of an item's proceeds by type; a type that is not there is None or zero."""

    def __init__(self, item: Mapping[str, Any], quantity: int) -> None:
        breakdowns = (item.get("proceeds") or {}).get("breakdowns") or []
        self._by_type = {str(part["type"]): part for part in breakdowns}
        unit_price = (item["product"].get("price") or {}).get("unitPrice") or {}
        total = (item.get("proceeds") or {}).get("proceedsTotal") or {}
        self.currency = str(total.get("currencyCode") or unit_price.get("currencyCode") or "")
        price = self._subtotal("ITEM")
        # An order that is not yet paid has no proceeds; the price asked is known all the same.
        self.price = price if price is not None else (_amount(unit_price) or ZERO) * quantity
        self.shipping = self._subtotal("SHIPPING") or ZERO
        tax = self._detail("TAX", "ITEM")
        self.tax = tax if tax is not None else self._whole("TAX")
        self.shipping_tax = self._detail("TAX", "SHIPPING")
        discount = self._detail("DISCOUNT", "ITEM")
        self.discount = abs(discount if discount is not None else self._whole("DISCOUNT") or ZERO)

    def _subtotal(self, kind: str) -> Decimal | None:
        return _amount((self._by_type.get(kind) or {}).get("subtotal"))

    def _detail(self, kind: str, subtype: str) -> Decimal | None:
        details = (self._by_type.get(kind) or {}).get("detailedBreakdowns") or []
        values = [_amount(detail.get("value")) for detail in details if detail.get("subtype") == subtype]
        return sum((value for value in values if value is not None), ZERO) if values else None

    def _whole(self, kind: str) -> Decimal | None:
        """Return the subtotal where no details split it; details without our subtype mean zero."""
        part = self._by_type.get(kind) or {}
        return ZERO if part.get("detailedBreakdowns") else _amount(part.get("subtotal"))


def _amount(money: Mapping[str, Any] | None) -> Decimal | None:
    return None if not money or money.get("amount") is None else json_decimal(money["amount"])
