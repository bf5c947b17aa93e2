"""Strictness: unknown addresses, wrong parameters and anything that is not a read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.simulator.testing import Running
from tests.connectors.simulator.caller import SUMMARY, Caller

ORDERS = "/orders/2026-01-01/orders"
FINANCES = "/finances/2024-06-19/transactions"
INVENTORY = "/fba/inventory/v1/summaries"
REPORTS = "/reports/2021-06-30/reports"
US = "ATVPDKIKX0DER"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (ORDERS, {"marketplaceIds": US}),
        (ORDERS, {"createdAfter": "2026-11-01T00:00:00Z", "lastUpdatedAfter": "2026-11-01T00:00:00Z"}),
        (ORDERS, {"createdAfter": "yesterday"}),
        (ORDERS, {"createdAfter": "2026-11-01T00:00:00Z", "createdBefore": "2026-11-20T20:00:00Z"}),
        (ORDERS, {"createdAfter": "2026-11-01T00:00:00Z", "MarketplaceIds": US}),
        (ORDERS, {"createdAfter": "2026-11-01T00:00:00Z", "maxResultsPerPage": "101"}),
        (ORDERS, {"createdAfter": "2026-11-01T00:00:00Z", "includedData": "EVERYTHING"}),
        (FINANCES, {"postedBefore": "2026-11-01T00:00:00Z"}),
        (FINANCES, {"postedAfter": "2026-01-01T00:00:00Z", "postedBefore": "2026-11-01T00:00:00Z"}),
        (FINANCES, {"postedAfter": "2026-11-01T00:00:00Z", "postedBefore": "2026-11-20T20:00:00Z"}),
        (INVENTORY, {"marketplaceIds": US}),
        (INVENTORY, {"granularityType": "Marketplace", "granularityId": "X", "marketplaceIds": US}),
        (REPORTS, {}),
        (REPORTS, {"reportTypes": "GET_X", "processingStatuses": "READY"}),
        (REPORTS, {"reportTypes": "GET_X", "createdSince": "2026-01-01T00:00:00Z"}),
        (REPORTS, {"nextToken": "x", "pageSize": "10"}),
    ],
)
def test_wrong_parameters_are_400(caller: Callable[[str], Caller], path: str, query: dict[str, str]) -> None:
    """Each with Amazon's error list."""
    answer = caller("harbor-us").get(path, **query)
    assert answer.status_code == 400, answer.text
    assert {"code", "message", "details"} == set(answer.json()["errors"][0])


def test_buyers_data_needs_a_role_we_do_not_have(caller: Callable[[str], Caller]) -> None:
    """Asking for names or addresses is denied, and no answer or file of ours is asked to hold an e-mail."""
    query = {"createdAfter": "2026-11-01T00:00:00Z", "includedData": "BUYER,PROCEEDS"}
    assert caller("harbor-us").get(ORDERS, **query).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reportType": "GET_UNKNOWN", "marketplaceIds": [US]},
        {"reportType": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", "marketplaceIds": [US]},
        {"reportType": "GET_FBA_INVENTORY_PLANNING_DATA", "marketplaceIds": []},
        {"reportType": "GET_FBA_INVENTORY_PLANNING_DATA", "marketplaceIds": [US], "surprise": 1},
        {"reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", "marketplaceIds": [US]},
        {
            "reportType": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
            "marketplaceIds": [US],
            "dataStartTime": "2026-08-01T00:00:00Z",
            "dataEndTime": "2026-11-01T00:00:00Z",
        },
    ],
)
def test_wrong_report_orders_are_400(caller: Callable[[str], Caller], body: dict[str, Any]) -> None:
    """Settlements cannot be ordered, windows are bounded, marketplaces and types have to be right."""
    assert caller("harbor-us").post(REPORTS, body).status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/batches/products/pricing/2022-05-01/items/competitiveSummary", {"requests": []}),
        (
            "/batches/products/pricing/2022-05-01/items/competitiveSummary",
            {
                "requests": [
                    {
                        "asin": "B0",
                        "marketplaceId": US,
                        "includedData": ["x"],
                        "uri": SUMMARY,
                        "method": "GET",
                    }
                ]
            },
        ),
        ("/batches/products/pricing/v0/itemOffers", {"requests": [{"uri": "/x", "method": "GET"}]}),
        ("/products/fees/v0/feesEstimate", []),
        ("/products/fees/v0/feesEstimate", [{"IdType": "SellerSKU", "IdValue": "x"}]),
    ],
)
def test_wrong_batches_are_400(caller: Callable[[str], Caller], path: str, body: Any) -> None:
    """A batch is refused as a whole where Amazon refuses it."""
    assert caller("harbor-us").post(path, body).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/listings/2021-08-01/items/X/SKU"),
        ("PATCH", "/listings/2021-08-01/items/X/SKU"),
        ("DELETE", "/reports/2021-06-30/reports/1"),
        ("POST", "/orders/2026-01-01/orders/1/shipmentConfirmation"),
        ("POST", "/feeds/2021-06-30/feeds"),
        ("PUT", "/sp/campaigns"),
    ],
)
def test_writes_are_405_and_counted(
    sim: Running, caller: Callable[[str], Caller], method: str, path: str
) -> None:
    """Whatever is not one of the reads on offer is refused and stands in the ledger."""
    one = caller("harbor-us")
    assert one.http.request(method, path, headers=one.headers(), json={}).status_code == 405
    ledger = one.http.get("/_sim/ledger", params={"requests": "5"}).json()
    assert ledger["writes_refused"] == 1
    assert ledger["requests"][-1]["method"] == method


def test_unknown_reads_are_404(sim: Running, caller: Callable[[str], Caller]) -> None:
    """An address nobody knows is not a write."""
    one = caller("harbor-us")
    assert one.get("/orders/v0/orders").status_code == 404
    assert one.get("/reports/2021-06-30/reports/12345").status_code == 404
    assert sim.simulator.record.writes_refused == 0
