"""The settlement file: a summary row, then every amount that was paid out with it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.simulator.http.reports import headers
from connectors.simulator.http.reports.document import Document, flat_file
from connectors.simulator.world.model import Leaf, Settlement, Store, Transaction, TransactionItem

TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
_TYPES = {
    "Shipment": "Order",
    "Refund": "Refund",
    "ServiceFee": "ServiceFee",
    "ProductAdsPayment": "ServiceFee",
}
_NAMES = {
    "OurPricePrincipal": ("ItemPrice", "Principal"),
    "OurPriceTax": ("ItemPrice", "Tax"),
    "MarketplaceFacilitatorTax-Principal": ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal"),
    "OurPriceDiscount": ("Promotion", "Principal"),
    "OurPriceTaxDiscount": ("Promotion", "TaxDiscount"),
    "ShippingPrincipal": ("ItemPrice", "Shipping"),
    "ShippingDiscount": ("Promotion", "Shipping"),
    "CostOfPointsGranted": ("ItemFees", "CostOfPointsGranted"),
    "AdvertisingFee": ("Cost of Advertising", "TransactionTotalAmount"),
    "FBAStorageFee": ("other-transaction", "Storage Fee"),
    "FBALongTermStorageFee": ("other-transaction", "StorageRenewalBilling"),
    "Subscription": ("other-transaction", "Subscription Fee"),
}


def total_of(settlement: Settlement) -> Decimal:
    """What is paid out: the sum of every amount in the settlement."""
    return sum((transaction.total() for transaction in settlement.transactions), Decimal(0))


def build(store: Store, settlement: Settlement) -> Document:
    """The file of one closed settlement. Amazon does not say its character set; it holds plain ASCII."""
    summary = {
        "settlement-id": settlement.id,
        "settlement-start-date": _time(settlement.start),
        "settlement-end-date": _time(settlement.end),
        "deposit-date": _time(settlement.deposit_at),
        "total-amount": total_of(settlement),
        "currency": store.market.currency,
    }
    rows: list[dict[str, Any]] = [summary]
    for transaction in settlement.transactions:
        for item, leaf in transaction.all_leaves():
            rows.append(_row(store, settlement, transaction, item, leaf))
    keys = [(f"{settlement.id}|{number}", str(row.get("amount", ""))) for number, row in enumerate(rows)]
    return flat_file(store.market, headers.SETTLEMENT, rows, keys[1:], declared=False, gzip=False)


def _row(
    store: Store, settlement: Settlement, transaction: Transaction, item: TransactionItem | None, leaf: Leaf
) -> dict[str, Any]:
    amount_type, description = _NAMES.get(leaf.name, ("ItemFees", leaf.name))
    is_main = leaf.name == "OurPricePrincipal"
    row: dict[str, Any] = {
        "settlement-id": settlement.id,
        "transaction-type": _TYPES.get(transaction.type, "other-transaction"),
        "order-id": transaction.order_id,
        "merchant-order-id": transaction.order_id,
        "marketplace-name": store.market.name,
        "amount-type": amount_type,
        "amount-description": description,
        "amount": leaf.amount,
        "posted-date": transaction.released_at.astimezone(UTC).strftime("%Y-%m-%d"),
        "posted-date-time": _time(transaction.released_at),
    }
    if item is not None:
        row |= {
            "fulfillment-id": "AFN",
            "order-item-code": item.item_id,
            "sku": item.sku,
            "quantity-purchased": item.quantity if is_main else "",
        }
    return row


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
