"""Listings items 2021-08-01 and the seller's marketplaces."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from connectors.simulator.http.calls import Call
from connectors.simulator.http.messages import Answer, json_answer, parse_instant, refuse, stamp
from connectors.simulator.world.model import Product, Store

_ALLOWED = frozenset(
    {
        "marketplaceIds",
        "includedData",
        "identifiers",
        "identifiersType",
        "createdAfter",
        "createdBefore",
        "lastUpdatedAfter",
        "lastUpdatedBefore",
        "issueLocale",
        "withStatus",
        "withoutStatus",
        "sortBy",
        "sortOrder",
        "pageSize",
        "pageToken",
    }
)
_DATA = frozenset(
    {"summaries", "attributes", "issues", "offers", "fulfillmentAvailability", "procurement", "productTypes"}
)


def search(call: Call) -> Answer:
    """The seller's listings on one marketplace."""
    call.check(_ALLOWED, ("marketplaceIds",))
    query = call.query
    if call.path["seller"] != call.grant.seller:
        raise refuse(403, "Unauthorized", "Access to requested resource is denied.")
    store = call.store(query["marketplaceIds"])
    included = frozenset(query.get("includedData", "summaries").split(","))
    if unknown := included - _DATA:
        raise refuse(400, "InvalidInput", f"Invalid includedData: {', '.join(sorted(unknown))}")
    size = call.page_size(10, 20, "pageSize")
    question = {name: value for name, value in query.items() if name != "pageToken"}
    if token := query.get("pageToken"):
        page = call.parts.paging.next(call.operation, call.grant.seller, question, token, size)
    else:
        page = call.parts.paging.first(
            call.operation, call.grant.seller, question, _matching(call, store), size
        )
    products: list[Product] = [] if call.is_empty() else list(page.rows)
    call.parts.record.serve(
        store.key, "listings", [(p.sku, f"{store.price_of(p)}|{p.active}") for p in products]
    )
    body: dict[str, Any] = {
        "numberOfResults": page.total,
        "items": [_item(store, product, included, call.at) for product in products],
    }
    if page.token:
        body["pagination"] = {
            "nextToken": (query.get("pageToken") or page.token) if call.loops() else page.token
        }
    return json_answer(body)


def _matching(call: Call, store: Store) -> list[Product]:
    query, products = call.query, list(store.products)
    if "identifiers" in query:
        if query.get("identifiersType") not in ("SKU", "ASIN"):
            raise refuse(400, "InvalidInput", "identifiersType must be SKU or ASIN with identifiers.")
        wanted = query["identifiers"].split(",")
        if len(wanted) > 20:
            raise refuse(400, "InvalidInput", "At most 20 identifiers are allowed.")
        is_sku = query["identifiersType"] == "SKU"
        products = [product for product in products if (product.sku if is_sku else product.asin) in wanted]
    if "createdAfter" in query:
        after = parse_instant(query["createdAfter"], "createdAfter")
        products = [product for product in products if _created(product) >= after]
    descending = query.get("sortOrder", "DESC") == "DESC"
    return sorted(products, key=lambda product: (_created(product), product.sku), reverse=descending)


def _created(product: Product) -> datetime:
    return datetime.combine(product.opened_on, time(17), tzinfo=UTC)


def _item(store: Store, product: Product, included: frozenset[str], at: datetime) -> dict[str, Any]:
    marketplace = store.market.marketplace_id
    body: dict[str, Any] = {"sku": product.sku}
    if "summaries" in included:
        body["summaries"] = [
            {
                "marketplaceId": marketplace,
                "asin": product.asin,
                "productType": product.category,
                "conditionType": "new_new",
                "status": ["BUYABLE", "DISCOVERABLE"] if product.active else [],
                "fnSku": product.fnsku,
                "itemName": product.title,
                "createdDate": stamp(_created(product)),
                "lastUpdatedDate": stamp(_created(product)),
            }
        ]
    if "offers" in included:
        price = {"currencyCode": store.market.currency, "amount": str(store.price_of(product))}
        body["offers"] = [{"marketplaceId": marketplace, "offerType": "B2C", "price": price}]
    if "fulfillmentAvailability" in included:
        code = "AMAZON_NA" if store.market.region == "na" else "AMAZON_JP"
        body["fulfillmentAvailability"] = [{"fulfillmentChannelCode": code}]
    if "issues" in included:
        body["issues"] = []
    return body


def participations(call: Call) -> Answer:
    """Where the seller sells."""
    call.check(frozenset())
    rows = [
        {
            "marketplace": {
                "id": store.market.marketplace_id,
                "countryCode": store.market.code,
                "name": store.market.name,
                "defaultCurrencyCode": store.market.currency,
                "defaultLanguageCode": store.market.language,
                "domainName": store.market.domain,
            },
            "storeName": store.name,
            "participation": {"isParticipating": True, "hasSuspendedListings": False},
        }
        for store in call.stores()
    ]
    return json_answer({"payload": rows})
