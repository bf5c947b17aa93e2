"""What was sold, what it cost to sell and what the platform paid out, as tables people hand in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, cast

from connectors.platforms.amazon_sp.mapping.order_lines import line_key, numbered
from connectors.platforms.amazon_sp.mapping.tax import RULES, TaxRule, line_amounts
from connectors.platforms.csv_upload.fields import (
    ANY_ORDER,
    ANY_SKU,
    CURRENCY,
    ORDER,
    PRODUCT,
    SKU,
    UPDATED,
    Dataset,
    Field,
    Kind,
    RowContext,
    amount,
    choice,
    count,
    flag,
    ident,
    instant,
    text,
)
from connectors.types import (
    ChargeKind,
    ChargeRecord,
    FulfilmentChannel,
    OrderLineRecord,
    OrderStatus,
    Record,
    ReturnRecord,
    SettlementLineRecord,
    TaxCollector,
)

_ZERO = Decimal(0)
_WEEKLY = timedelta(days=9)


def _rule(values: dict[str, Any], context: RowContext) -> TaxRule:
    known = RULES.get(context.store.market, TaxRule(True, _ZERO, TaxCollector.SELLER))
    inclusive = values.get("prices_include_tax")
    return known if inclusive is None else TaxRule(inclusive, known.rate, known.collector)


def _order_line(values: dict[str, Any], context: RowContext) -> None:
    if values.get("unit_price_amount") is not None and values.get("price_amount") is None:
        values["price_amount"] = values["unit_price_amount"] * values["quantity"]
    if values.get("price_amount") is None:
        raise ValueError("price_amount|Neither a price of the line nor a unit price is given.")
    rule = _rule(values, context)
    amounts = line_amounts(
        rule,
        values.get("currency") or context.store.currency,
        values["price_amount"],
        values.get("tax_amount"),
        values.get("shipping_amount") or _ZERO,
        values.get("shipping_tax_amount"),
        abs(values.get("discount_amount") or _ZERO),
    )
    values.update(
        gross_amount=amounts.gross,
        tax_amount=amounts.tax,
        shipping_amount=amounts.shipping,
        shipping_tax_amount=amounts.shipping_tax,
        discount_amount=amounts.discount,
        tax_collector=rule.collector,
        line_no=values.get("line_no") or line_key(values["sku"]),
    )
    if values.get("status") == OrderStatus.CANCELLED:
        values["quantity"] = 0


def _order_lines(records: Sequence[Record]) -> Sequence[Record]:
    """Lines of one SKU within an order get the same keys as from Amazon's streams."""
    lines = sorted(cast(Sequence[OrderLineRecord], records), key=lambda line: line.platform_order_id)
    result: list[Record] = []
    for _, group in groupby(lines, key=lambda line: line.platform_order_id):
        own = list(group)
        keys = {line.line_no for line in own}
        result.extend(own if len(keys) == len(own) else numbered(own))
    return result


def _settlement_line(values: dict[str, Any], context: RowContext) -> None:
    if values.get("line_no") is None:
        # As Amazon's stream counts them: the first line below a settlement's summary is 1.
        counted = f"settlement|{values['settlement_id']}"
        values["line_no"] = context.seen[counted] = context.seen.get(counted, 0) + 1
    if values.get("posted_at") is None:
        values["business_on"] = context.clock.day(values["period_end_at"])


ORDERS = Dataset(
    key="orders",
    title="Order lines",
    record=OrderLineRecord,
    natural_key=("platform_order_id", "line_no"),
    streams=("orders",),
    stale_after=_WEEKLY,
    day_from=("ordered_at",),
    defaults={"status": OrderStatus.SHIPPED, "channel": FulfilmentChannel.MERCHANT},
    scope="order_id",
    fix=_order_line,
    finish=_order_lines,
    fields=(
        ORDER,
        ident("line_no", "The line within the order; the SKU where empty"),
        SKU,
        PRODUCT,
        instant("ordered_at", "When the order was placed", required=True),
        choice("status", "Where the line stands; shipped where empty", OrderStatus),
        choice("channel", "Who ships; merchant where empty", FulfilmentChannel),
        count("quantity", "Units of the line", "2", required=True),
        CURRENCY,
        amount("price_amount", "Price of the whole line before discounts, as the source shows it", "59.98"),
        amount("unit_price_amount", "Price of one unit, where the line's price is not given", "29.99"),
        amount(
            "tax_amount", "Tax of the line; worked out from the market's rate where prices hold it", "4.80"
        ),
        flag("prices_include_tax", "Do the prices hold the tax? By the market where empty (US and CA: no)"),
        amount("shipping_amount", "Shipping the buyer pays, as the price with or without tax", "4.99"),
        amount("shipping_tax_amount", "Tax on the shipping", "0.40"),
        amount("discount_amount", "Discount the seller pays; either sign", "5.00"),
        amount("points_amount", "Points the seller pays", "0"),
        flag("is_replacement", "Is it a replacement sent free of charge?", "no"),
        flag("is_business", "Is the buyer a business?", "no"),
        Field(
            "buyer", Kind.PERSON, "Anything that tells the buyer apart; hashed at once", "buyer@example.com"
        ),
        UPDATED,
    ),
)

CHARGES = Dataset(
    key="charges",
    title="Fees, refunds and other movements of money",
    record=ChargeRecord,
    natural_key=("transaction_id", "line_no"),
    streams=("finances",),
    stale_after=timedelta(days=17),
    day_from=("posted_at",),
    defaults={"status": "RELEASED", "line_no": "0"},
    fields=(
        ident("transaction_id", "The platform's number of the movement", "T-1", required=True, longest=120),
        ident("line_no", "The line within it; 0 where empty", "0"),
        choice("kind", "What it is", ChargeKind, required=True),
        text("status", "RELEASED where empty", "RELEASED", longest=24),
        ANY_ORDER,
        ANY_SKU,
        instant("posted_at", "When it was booked", required=True),
        count("quantity", "Units it concerns", "1"),
        CURRENCY,
        amount("amount", "Signed from the seller's side: fees are negative", "-4.50", required=True),
        text("description", "In the platform's words", "Commission", longest=120),
        UPDATED,
    ),
)

SETTLEMENTS = Dataset(
    key="settlements",
    title="Lines of settlement reports",
    record=SettlementLineRecord,
    natural_key=("settlement_id", "line_no"),
    streams=("settlements",),
    stale_after=timedelta(days=17),
    day_from=("posted_at",),
    scope="settlement_id",
    fix=_settlement_line,
    fields=(
        ident("settlement_id", "The settlement's number", "12345678901", required=True),
        count("line_no", "The line within the report; its place in the file where empty", "1", unit=""),
        instant("period_start_at", "Beginning of the settled period", required=True),
        instant("period_end_at", "End of the settled period", required=True),
        instant("deposit_at", "When it was paid to the bank"),
        amount("total_amount", "Total of the settlement, on every line", "1023.40", required=True),
        text("transaction_type", "What happened", "Order", longest=60),
        ANY_ORDER,
        ANY_SKU,
        text("amount_type", "What sort of amount", "ItemPrice", longest=60),
        text("amount_description", "Which amount", "Principal", longest=120),
        instant("posted_at", "When the line was booked"),
        count("quantity", "Units it concerns", "1"),
        CURRENCY,
        amount("amount", "Signed from the seller's side", "29.99", required=True),
        UPDATED,
    ),
)


def _disposition(values: dict[str, Any], context: RowContext) -> None:
    values["disposition"] = (values.get("disposition") or "").upper()


RETURNS = Dataset(
    key="returns",
    title="Units that came back",
    record=ReturnRecord,
    natural_key=("return_key",),
    streams=("returns",),
    stale_after=_WEEKLY,
    day_from=("returned_at",),
    key_field="return_key",
    key_from=("order_id", "sku", "returned_at", "disposition"),
    fix=_disposition,
    fields=(
        ident("return_key", "The return's own number", "RMA-1", longest=160),
        ORDER,
        SKU,
        PRODUCT,
        instant("returned_at", "When the goods came back", required=True),
        count("quantity", "Units", "1", required=True),
        text("reason", "In the platform's words", "DEFECTIVE", longest=60),
        text("disposition", "SELLABLE for goods that can be sold again", "SELLABLE", longest=40),
        text("status", "How far the return is", "Received", longest=60),
        UPDATED,
    ),
)
