"""Finances 2024-06-19: transactions with their breakdown trees."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from connectors.simulator.http.calls import Call
from connectors.simulator.http.messages import Answer, json_answer, number, parse_instant, refuse, stamp
from connectors.simulator.world.model import Leaf, Store, Transaction, TransactionItem

_ALLOWED = frozenset({"postedAfter", "postedBefore", "marketplaceId", "transactionStatus", "nextToken"})
_FEES = ("AmazonFees",)
# A transaction as it is listed: whose, which, and whether the row is its released twin.
Row = tuple[Store, Transaction, str]


def list_transactions(call: Call) -> Answer:
    """Transactions posted in a window, oldest first; never of the last two minutes."""
    call.check(_ALLOWED)
    query = call.query
    question = {name: value for name, value in query.items() if name != "nextToken"}
    size = call.page_size(100, 100)
    if token := query.get("nextToken"):
        page = call.parts.paging.next(call.operation, call.grant.seller, question, token, size)
    else:
        page = call.parts.paging.first(call.operation, call.grant.seller, question, _matching(call), size)
    rows: list[Row] = [] if call.is_empty() else list(page.rows)
    for store, transaction, status in rows:
        key = transaction.release_id if status == "RELEASED" and transaction.is_deferred else transaction.id
        call.parts.record.serve(store.key, "finances", [(key, f"{status}|{transaction.total()}")])
    payload: dict[str, Any] = {"transactions": [_transaction(*row) for row in rows]}
    if page.token:
        payload["nextToken"] = (query.get("nextToken") or page.token) if call.loops() else page.token
    return json_answer({"payload": payload})


def _matching(call: Call) -> list[Row]:
    query = call.query
    if "postedAfter" not in query:
        raise refuse(400, "InvalidInput", "postedAfter is required.")
    latest = call.at - timedelta(minutes=2)
    after = parse_instant(query["postedAfter"], "postedAfter")
    before = parse_instant(query["postedBefore"], "postedBefore") if "postedBefore" in query else latest
    if before > latest + timedelta(seconds=30) or before < after:
        raise refuse(
            400, "InvalidInput", "postedBefore must lie after postedAfter and two minutes in the past."
        )
    if before - after > timedelta(days=180):
        raise refuse(400, "InvalidInput", "The dates may be at most 180 days apart.")
    stores = [call.store(query["marketplaceId"])] if "marketplaceId" in query else call.stores()
    rows: list[Row] = []
    for store in stores:
        for transaction in store.transactions:
            rows += _listed(store, transaction, after, before, call.at)
    if wanted := query.get("transactionStatus"):
        rows = [row for row in rows if row[2] == wanted]
    rows.sort(key=lambda row: (_posted(row), row[1].id))
    return rows


def _listed(
    store: Store, transaction: Transaction, after: datetime, before: datetime, at: datetime
) -> Iterable[Row]:
    """A deferred transaction is listed under its own day; once released, its twin under the release's."""
    is_released = transaction.released_at <= at
    if after <= transaction.posted_at < before:
        if not transaction.is_deferred:
            yield store, transaction, "RELEASED"
        else:
            yield store, transaction, "DEFERRED_RELEASED" if is_released else "DEFERRED"
    if transaction.is_deferred and is_released and after <= transaction.released_at < before:
        yield store, transaction, "RELEASED"


def _posted(row: Row) -> datetime:
    _, transaction, status = row
    return transaction.released_at if status == "RELEASED" else transaction.posted_at


def _transaction(store: Store, transaction: Transaction, status: str) -> dict[str, Any]:
    is_twin = status == "RELEASED" and transaction.is_deferred
    related = [_related("ORDER_ID", transaction.order_id)] if transaction.order_id else []
    if is_twin:
        related.append(_related("DEFERRED_TRANSACTION_ID", transaction.id))
    elif status == "DEFERRED_RELEASED":
        related.append(_related("RELEASE_TRANSACTION_ID", transaction.release_id))
    body: dict[str, Any] = {
        "sellingPartnerMetadata": {
            "sellingPartnerId": store.seller_id,
            "accountType": "Standard Orders",
            "marketplaceId": store.market.marketplace_id,
        },
        "relatedIdentifiers": related,
        "transactionType": transaction.type,
        "transactionId": transaction.release_id if is_twin else transaction.id,
        "transactionStatus": status,
        "description": transaction.description,
        "postedDate": stamp(_posted((store, transaction, status))),
        "totalAmount": _amount(transaction.total(), store),
        "marketplaceDetails": {
            "marketplaceId": store.market.marketplace_id,
            "marketplaceName": store.market.name,
        },
        "items": [_item(item, store) for item in transaction.items],
        "contexts": [],
        "breakdowns": _summary(
            [leaf for _, leaf in transaction.all_leaves()], bool(transaction.items), store
        ),
    }
    if transaction.is_deferred:
        body["contexts"] = [
            {
                "contextType": "DeferredContext",
                "deferralReason": "DD7",
                "maturityDate": stamp(transaction.released_at),
            }
        ]
    return body


def _related(name: str, value: str) -> dict[str, str]:
    return {"relatedIdentifierName": name, "relatedIdentifierValue": value}


def _amount(value: Decimal, store: Store) -> dict[str, Any]:
    return {"currencyAmount": number(value), "currencyCode": store.market.currency}


def _node(name: str, value: Decimal, store: Store, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {"breakdownType": name, "breakdownAmount": _amount(value, store), "breakdowns": children}


def _tree(leaves: Iterable[Leaf], store: Store, deep: bool) -> list[dict[str, Any]]:
    """Leaves under their groups; fees have one more level, as Amazon splits a fee into base and tax."""
    found = []
    for group, members in groupby(sorted(leaves, key=lambda leaf: leaf.group), key=lambda leaf: leaf.group):
        inside = list(members)
        children = []
        for leaf in inside:
            base = [_node("Base", leaf.amount, store, [])] if group in _FEES else []
            children.append(_node(leaf.name, leaf.amount, store, base))
        total = sum((leaf.amount for leaf in inside), Decimal(0))
        found.append(_node(group, total, store, children if deep else []))
    return found


def _summary(leaves: list[Leaf], has_items: bool, store: Store) -> list[dict[str, Any]]:
    """The transaction's own tree: what was sold and what it cost; detailed only where there are no items."""
    fees = [leaf for leaf in leaves if leaf.group in _FEES]
    rest = [leaf for leaf in leaves if leaf.group not in _FEES]
    found = []
    for name, part in (("Sales", rest), ("Expenses", fees)):
        if part:
            total = sum((leaf.amount for leaf in part), Decimal(0))
            found.append(_node(name, total, store, _tree(part, store, deep=not has_items)))
    return found


def _item(item: TransactionItem, store: Store) -> dict[str, Any]:
    total = sum((leaf.amount for leaf in item.leaves), Decimal(0))
    return {
        "description": item.title,
        "relatedIdentifiers": [
            {
                "itemRelatedIdentifierName": "ORDER_ADJUSTMENT_ITEM_ID",
                "itemRelatedIdentifierValue": item.item_id,
            }
        ],
        "totalAmount": _amount(total, store),
        "breakdowns": _tree(item.leaves, store, deep=True),
        "contexts": [
            {
                "contextType": "ProductContext",
                "asin": item.asin,
                "sku": item.sku,
                "quantityShipped": item.quantity,
                "fulfillmentNetwork": "AFN",
            }
        ],
    }
