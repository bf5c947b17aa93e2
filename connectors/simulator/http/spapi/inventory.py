"""FBA inventory summaries: what lies in the warehouse at this moment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connectors.simulator.http.calls import Call
from connectors.simulator.http.messages import Answer, json_answer, refuse, stamp
from connectors.simulator.world.model import Product, Store

_ALLOWED = frozenset(
    {
        "details",
        "granularityType",
        "granularityId",
        "startDateTime",
        "sellerSkus",
        "nextToken",
        "marketplaceIds",
    }
)


def summaries(call: Call) -> Answer:
    """One summary per SKU, fifty to a page."""
    call.check(_ALLOWED, ("granularityType", "granularityId", "marketplaceIds"))
    query = call.query
    if query["granularityType"] != "Marketplace" or query["granularityId"] != query["marketplaceIds"]:
        raise refuse(400, "InvalidInput", "granularityId must be the requested marketplace.")
    store = call.store(query["marketplaceIds"])
    question = {name: value for name, value in query.items() if name != "nextToken"}
    size = call.page_size(50, 50)
    if token := query.get("nextToken"):
        page = call.parts.paging.next(call.operation, call.grant.seller, question, token, size)
    else:
        wanted = set(filter(None, query.get("sellerSkus", "").split(",")))
        rows = [product for product in store.products if not wanted or product.sku in wanted]
        page = call.parts.paging.first(call.operation, call.grant.seller, question, rows, size)
    products: list[Product] = [] if call.is_empty() else list(page.rows)
    has_details = query.get("details") == "true"
    listed = [_summary(call, store, product, has_details) for product in products]
    body: dict[str, Any] = {
        "payload": {
            "granularity": {"granularityType": "Marketplace", "granularityId": query["granularityId"]},
            "inventorySummaries": listed,
        }
    }
    if page.token:
        body["pagination"] = {
            "nextToken": (query.get("nextToken") or page.token) if call.loops() else page.token
        }
    return json_answer(body)


def stock_now(store: Store, product: Product, at: datetime) -> tuple[int, int, int, int]:
    """Fulfillable, inbound, reserved and unsellable units at a moment of a day."""
    today = store.today(at)
    moved = store.stock[product.sku].days[today]
    reserved = shipped = 0
    for order in reversed(store.orders):
        if (today - order.day).days > 6:
            break
        for line in order.lines:
            if line.product is not product or order.ordered_at > at:
                continue
            status = order.line_status(line, at)
            if status in ("Pending", "Unshipped"):
                reserved += line.quantity
            elif status == "Shipped" and order.shipped_at and store.today(order.shipped_at) == today:
                shipped += line.quantity
    on_hand = moved.start + moved.received + moved.returned - moved.damaged - shipped
    return on_hand - reserved, moved.inbound, reserved, moved.bad


def _summary(call: Call, store: Store, product: Product, has_details: bool) -> dict[str, Any]:
    free, inbound, reserved, bad = stock_now(store, product, call.at)
    key = f"{store.today(call.at)}|{product.sku}"
    call.parts.record.serve(store.key, "inventory", [(key, f"{free}|{inbound}|{reserved}|{bad}")])
    body: dict[str, Any] = {
        "asin": product.asin,
        "fnSku": product.fnsku,
        "sellerSku": product.sku,
        "condition": "NewItem",
        "lastUpdatedTime": stamp(call.at),
        "productName": product.title,
        "totalQuantity": free + reserved + bad + inbound,
    }
    if has_details:
        body["inventoryDetails"] = {
            "fulfillableQuantity": free,
            "inboundWorkingQuantity": 0,
            "inboundShippedQuantity": inbound,
            "inboundReceivingQuantity": 0,
            "reservedQuantity": {
                "totalReservedQuantity": reserved,
                "pendingCustomerOrderQuantity": reserved,
                "pendingTransshipmentQuantity": 0,
                "fcProcessingQuantity": 0,
            },
            "researchingQuantity": {"totalResearchingQuantity": 0, "researchingQuantityBreakdown": []},
            "unfulfillableQuantity": {
                "totalUnfulfillableQuantity": bad,
                "customerDamagedQuantity": bad,
                "warehouseDamagedQuantity": 0,
                "distributorDamagedQuantity": 0,
                "carrierDamagedQuantity": 0,
                "defectiveQuantity": 0,
                "expiredQuantity": 0,
            },
        }
    return body
