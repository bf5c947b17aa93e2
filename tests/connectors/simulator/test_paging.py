"""Page tokens: complete, opaque, bound to their question and their seller, and not for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from connectors.simulator.testing import Running
from tests.connectors.simulator.caller import Caller

ORDERS = "/orders/2026-01-01/orders"
SINCE = {"marketplaceIds": "ATVPDKIKX0DER", "lastUpdatedAfter": "2026-11-01T00:00:00Z"}


def test_pages_hold_every_order_once(sim: Running, caller: Callable[[str], Caller]) -> None:
    """Small pages and large ones tell the same orders, and the ledger knows each."""
    one = caller("harbor-us")
    whole = one.pages(ORDERS, "paginationToken", "orders", **SINCE)
    cut = one.pages(ORDERS, "paginationToken", "orders", **SINCE, maxResultsPerPage="7")
    ids = [order["orderId"] for order in cut]
    assert len(ids) == len(set(ids)) > 100
    assert ids == [order["orderId"] for order in whole]
    keys = sim.simulator.record.keys("harbor-us", "orders")
    assert {key.split("|")[0] for key in keys} == set(ids)


def test_a_list_does_not_move_while_it_is_paged(sim: Running, caller: Callable[[str], Caller]) -> None:
    """Orders that change between two pages are told as they were when the first was asked for."""
    one = caller("harbor-us")
    before = one.pages(ORDERS, "paginationToken", "orders", **SINCE)
    first = one.get(ORDERS, **SINCE, maxResultsPerPage="50").json()
    sim.simulator.clock.advance(timedelta(minutes=50))
    rest = one.get(
        ORDERS, **SINCE, maxResultsPerPage="50", paginationToken=first["pagination"]["nextToken"]
    ).json()
    assert first["orders"] + rest["orders"] == before[:100]


def test_tokens_are_bound(sim: Running, caller: Callable[[str], Caller]) -> None:
    """Another question, another seller, another operation, an invented token, or a day later: refused."""
    one = caller("harbor-us")
    token = one.get(ORDERS, **SINCE, maxResultsPerPage="5").json()["pagination"]["nextToken"]
    good = {**SINCE, "maxResultsPerPage": "5", "paginationToken": token}
    assert one.get(ORDERS, **good).status_code == 200
    assert one.get(ORDERS, **{**good, "lastUpdatedAfter": "2026-11-02T00:00:00Z"}).status_code == 400
    assert one.get(ORDERS, **{**good, "paginationToken": token[:-1]}).status_code == 400
    assert caller("kumo-us").get(ORDERS, **good).status_code == 400
    assert one.get("/finances/2024-06-19/transactions", nextToken=token).status_code == 400
    sim.simulator.clock.advance(timedelta(hours=25))
    one.forget()
    assert one.get(ORDERS, **good).status_code == 400


def test_settlements_are_listed_by_a_token_alone(sim: Running, caller: Callable[[str], Caller]) -> None:
    """Both North American stores of a seller are listed when no marketplace is named."""
    one = caller("harbor-us")
    kind = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
    both = one.get("/reports/2021-06-30/reports", reportTypes=kind, pageSize="2").json()
    assert {m for report in both["reports"] for m in report["marketplaceIds"]} <= {
        "ATVPDKIKX0DER",
        "A1AM78C64UM0Y8",
    }
    again = one.get("/reports/2021-06-30/reports", nextToken=both["nextToken"])
    assert again.status_code == 200
    listed = one.get("/reports/2021-06-30/reports", reportTypes=kind, marketplaceIds=one.marketplace).json()
    assert all(report["processingStatus"] == "DONE" for report in listed["reports"])
    assert len(listed["reports"]) >= 4
