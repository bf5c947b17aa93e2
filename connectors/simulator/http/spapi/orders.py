"""Orders 2026-01-01: search, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.simulator.http.calls import Call
from connectors.simulator.http.messages import Answer, json_answer, parse_instant, refuse, stamp
from connectors.simulator.http.reports.orders import key_of
from connectors.simulator.world.markets import Market
from connectors.simulator.world.model import Line, Order, Store

_ALLOWED = frozenset(
    {
        "createdAfter",
        "createdBefore",
        "lastUpdatedAfter",
        "lastUpdatedBefore",
        "fulfillmentStatuses",
        "marketplaceIds",
        "fulfilledBy",
        "maxResultsPerPage",
        "paginationToken",
        "includedData",
    }
)
_DATA = frozenset(
    {"PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES", "TAX", "PAYMENT"}
)
_RESTRICTED = frozenset({"BUYER", "RECIPIENT"})
Row = tuple[Store, Order, datetime]


def search(call: Call) -> Answer:
    """Orders created or updated in a window, oldest change first."""
    call.check(_ALLOWED)
    query = call.query
    included = frozenset(filter(None, query.get("includedData", "").split(",")))
    if included & _RESTRICTED:
        raise refuse(
            403, "Unauthorized", "Access to requested resource is denied.", "Restricted data needs a role."
        )
    if unknown := included - _DATA:
        raise refuse(400, "InvalidInput", f"Invalid includedData: {', '.join(sorted(unknown))}")
    size = call.page_size(100, 100, "maxResultsPerPage")
    question = {name: value for name, value in query.items() if name != "paginationToken"}
    if token := query.get("paginationToken"):
        page = call.parts.paging.next(call.operation, call.grant.seller, question, token, size)
    else:
        page = call.parts.paging.first(call.operation, call.grant.seller, question, _matching(call), size)
    rows: list[Row] = [] if call.is_empty() else list(page.rows)
    for store, order, at in rows:
        call.parts.record.serve(store.key, "orders", [key_of(order, line, at) for line in order.lines])
    body: dict[str, Any] = {
        "orders": [_order(store.market, order, at, included) for store, order, at in rows]
    }
    if page.token:
        body["pagination"] = {
            "nextToken": (query.get("paginationToken") or page.token) if call.loops() else page.token
        }
    before = "createdBefore" if "createdAfter" in query else "lastUpdatedBefore"
    body[before] = query.get(before, stamp(call.at - timedelta(minutes=2)))
    return json_answer(body)


def _matching(call: Call) -> list[Row]:
    query = call.query
    if ("createdAfter" in query) == ("lastUpdatedAfter" in query):
        raise refuse(400, "InvalidInput", "Exactly one of createdAfter and lastUpdatedAfter is required.")
    by = "created" if "createdAfter" in query else "lastUpdated"
    after = parse_instant(query[f"{by}After"], f"{by}After")
    latest = call.at - timedelta(minutes=2)
    before = parse_instant(query[f"{by}Before"], f"{by}Before") if f"{by}Before" in query else latest
    if before > latest + timedelta(seconds=30):
        raise refuse(400, "InvalidInput", f"{by}Before must be at least two minutes before the request.")
    marketplaces = [name for name in query.get("marketplaceIds", "").split(",") if name]
    stores = [call.store(name) for name in marketplaces] or call.stores()
    rows: list[Row] = []
    for store in stores:
        for order in store.orders:
            if order.ordered_at <= call.at:
                moment = order.ordered_at if by == "created" else order.updated_at(call.at)
                if after <= moment < before:
                    rows.append((store, order, call.at))
    rows.sort(key=lambda row: (row[1].updated_at(call.at), row[1].id))
    return rows


def _money(amount: Decimal, market: Market) -> dict[str, str]:
    return {"amount": str(amount), "currencyCode": market.currency}


def _order(market: Market, order: Order, at: datetime, included: frozenset[str]) -> dict[str, Any]:
    status = order.status(at)
    body: dict[str, Any] = {
        "orderId": order.id,
        "orderAliases": [{"aliasId": order.id, "aliasType": "SELLER_ORDER_ID"}],
        "createdTime": stamp(order.ordered_at),
        "lastUpdatedTime": stamp(order.updated_at(at)),
        "programs": ["PRIME", "AMAZON_BUSINESS"] if order.is_business else ["PRIME"],
        "associatedOrders": [],
        "salesChannel": {
            "channelName": "AMAZON",
            "marketplaceId": market.marketplace_id,
            "marketplaceName": market.name,
        },
        "orderItems": [_item(market, order, line, at, included) for line in order.lines],
    }
    if order.is_replacement:
        body["associatedOrders"] = [{"orderId": order.replaces, "associationType": "REPLACEMENT_ORIGINAL_ID"}]
    if "FULFILLMENT" in included:
        body["fulfillment"] = {
            "fulfillmentStatus": status.upper(),
            "fulfilledBy": "AMAZON",
            "fulfillmentServiceLevel": "EXPEDITED",
        }
    if "PROCEEDS" in included:
        total = sum((_total(market, line) for line in order.lines if not line.cancelled), Decimal(0))
        body["proceeds"] = {"grandTotal": _money(total, market)}
    return body


def _total(market: Market, line: Line) -> Decimal:
    return line.gross - line.discount


def _item(market: Market, order: Order, line: Line, at: datetime, included: frozenset[str]) -> dict[str, Any]:
    status = order.line_status(line, at)
    is_gone, is_sent = status == "Cancelled", status == "Shipped"
    body: dict[str, Any] = {
        "orderItemId": line.item_id,
        "quantityOrdered": line.quantity,
        "product": {
            "asin": line.product.asin,
            "title": line.product.title,
            "sellerSku": line.product.sku,
            "condition": {"conditionType": "NEW", "conditionSubtype": "NEW", "conditionNote": ""},
            "price": {"unitPrice": _money(line.item_price / line.quantity, market)},
        },
    }
    if "PROCEEDS" in included:
        body["proceeds"] = {
            "proceedsTotal": _money(_total(market, line), market),
            "breakdowns": _breakdowns(market, line),
        }
    if "EXPENSE" in included and line.points:
        points = {"pointsNumber": int(line.points), "pointsMonetaryValue": _money(line.points, market)}
        body["expense"] = {"pointsCost": {"pointsGranted": points}}
    if "PROMOTION" in included and order.promotion:
        body["promotion"] = {"breakdowns": [{"promotionId": order.promotion}]}
    if "CANCELLATION" in included and is_gone:
        body["cancellation"] = {
            "cancellationExecution": {"cancelledBy": "BUYER", "cancelReason": "ORDER_CREATED_BY_MISTAKE"}
        }
    if "FULFILLMENT" in included:
        body["fulfillment"] = {
            "quantityFulfilled": line.quantity if is_sent else 0,
            "quantityUnfulfilled": 0 if is_sent or is_gone else line.quantity,
        }
    return body


def _breakdowns(market: Market, line: Line) -> list[dict[str, Any]]:
    """Price, added tax, shipping and discounts. A price that holds its tax names no tax."""
    found: list[dict[str, Any]] = [{"type": "ITEM", "subtotal": _money(line.item_price, market)}]
    if not market.tax_included and line.tax:
        found.append(_detailed("TAX", line.tax, [("ITEM", line.tax)], market))
    if line.shipping:
        found.append({"type": "SHIPPING", "subtotal": _money(line.shipping, market)})
    parts = [("ITEM", -line.discount), ("SHIPPING", -line.shipping)]
    parts = [(name, amount) for name, amount in parts if amount]
    if parts:
        found.append(_detailed("DISCOUNT", sum((a for _, a in parts), Decimal(0)), parts, market))
    return found


def _detailed(
    kind: str, subtotal: Decimal, parts: list[tuple[str, Decimal]], market: Market
) -> dict[str, Any]:
    return {
        "type": kind,
        "subtotal": _money(subtotal, market),
        "detailedBreakdowns": [{"subtype": name, "value": _money(amount, market)} for name, amount in parts],
    }
