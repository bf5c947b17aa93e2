"""Every operation on offer, with the limits Amazon publishes for it."""

from __future__ import annotations

import re

from connectors.simulator.http import advertising
from connectors.simulator.http.calls import Handler, Operation
from connectors.simulator.http.spapi import fees, finances, inventory, listings, orders, pricing, reports


def _offer(
    name: str, method: str, path: str, handler: Handler, rate: float, burst: int, api: str = "sp"
) -> Operation:
    return Operation(name, method, re.compile(path), handler, rate, burst, api)


_REPORTS = "/reports/2021-06-30"
OPERATIONS = (
    _offer("searchOrders", "GET", "/orders/2026-01-01/orders", orders.search, 0.0056, 20),
    _offer(
        "listTransactions", "GET", "/finances/2024-06-19/transactions", finances.list_transactions, 0.5, 10
    ),
    _offer("getInventorySummaries", "GET", "/fba/inventory/v1/summaries", inventory.summaries, 2, 2),
    _offer("getReports", "GET", f"{_REPORTS}/reports", reports.list_all, 0.0222, 10),
    _offer("createReport", "POST", f"{_REPORTS}/reports", reports.create, 0.0167, 15),
    _offer("getReport", "GET", f"{_REPORTS}/reports/(?P<report>[^/]+)", reports.get, 2, 15),
    _offer(
        "getReportDocument", "GET", f"{_REPORTS}/documents/(?P<document>[^/]+)", reports.document, 0.0167, 15
    ),
    _offer(
        "searchListingsItems", "GET", "/listings/2021-08-01/items/(?P<seller>[^/]+)", listings.search, 5, 5
    ),
    _offer(
        "getCompetitiveSummary",
        "POST",
        "/batches/products/pricing/2022-05-01/items/competitiveSummary",
        pricing.competitive_summary,
        0.033,
        1,
    ),
    _offer(
        "getItemOffersBatch",
        "POST",
        "/batches/products/pricing/v0/itemOffers",
        pricing.item_offers_batch,
        0.1,
        1,
    ),
    _offer("getMyFeesEstimates", "POST", "/products/fees/v0/feesEstimate", fees.estimates, 0.5, 1),
    _offer(
        "getMarketplaceParticipations",
        "GET",
        "/sellers/v1/marketplaceParticipations",
        listings.participations,
        0.016,
        15,
    ),
    _offer("listProfiles", "GET", "/v2/profiles", advertising.profiles, 5, 20, "ads"),
    _offer("createAsyncReport", "POST", "/reporting/reports", advertising.create, 2, 20, "ads"),
    _offer("getAsyncReport", "GET", "/reporting/reports/(?P<report>[^/]+)", advertising.get, 5, 40, "ads"),
)
TOKEN_PATH = "/auth/o2/token"  # noqa: S105 (an address, not a token)


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation that a call means, with the parts of its path."""
    for operation in OPERATIONS:
        if operation.method == method and (match := operation.path.fullmatch(path)):
            return operation, match.groupdict()
    return None
