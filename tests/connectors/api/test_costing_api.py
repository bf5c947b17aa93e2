"""Lots, costing rules, previews, scores and landed costs through HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from config.lib import clock
from connectors.facts.costs import CostLot, CostSheet
from connectors.services.ingest import store_page
from connectors.services.runs import RunRef
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.connectors.api.conftest import BASE
from tests.connectors.fakes import DAY, order_line, page_of


def lot(key: str = "PO-1", quantity: int = 10, amount: str = "4.00", **more: Any) -> dict[str, Any]:
    """A lot with a purchase price."""
    lines = {"purchase": {"amount": amount, "currency": "USD"}}
    given = {"lot_key": key, "sku": "SKU-1", "received_on": str(DAY), "quantity": quantity, "lines": lines}
    return {**given, **more}


def fifo(client: ValidatingClient, etag: str = '"0"') -> Any:
    """Cost everything first in first out."""
    body = {"method": "fifo", "effective_on": str(DAY)}
    return client.put(f"{BASE}/costing-rules", body, headers={"If-Match": etag})


def sell(acme: ClientRef, run: RunRef, *sales: tuple[int, int]) -> None:
    """Sell so many units so many days after DAY."""
    lines = [
        order_line(f"O-{after}", sku="SKU-1", day=DAY + timedelta(days=after), quantity=units)
        for after, units in sales
    ]
    with use_tenant(acme):
        store_page(run=run, page=page_of(*lines))


def test_lots_and_a_rule_make_sheets(operator: ValidatingClient, acme: ClientRef, run: RunRef) -> None:
    """What is bought and sold is costed; the derived sheet says by which method."""
    sell(acme, run, (1, 6), (2, 6))
    assert (
        operator.post(f"{BASE}/cost-lots", {"lots": [lot(), lot("PO-2", amount="5.00")]}).status_code == 200
    )
    ruled = fifo(operator)
    assert (ruled.status_code, ruled["ETag"]) == (200, '"1"')
    sheets = operator.get(f"{BASE}/cost-sheets", {"sku": "SKU-1"}).json()["data"]
    assert [(each["source"], each["lines"]["purchase"]["amount"]) for each in sheets] == [
        ("fifo", "4.3333"),
        ("fifo", "4.00"),
    ]
    assert len(operator.get(f"{BASE}/cost-lots").json()["data"]) == 2
    assert [rule["method"] for rule in operator.get(f"{BASE}/costing-rules").json()["data"]] == ["fifo"]
    assert fifo(operator).status_code == 412


def test_wrong_lots_come_back_named_and_nothing_is_recorded(
    operator: ValidatingClient, acme: ClientRef
) -> None:
    """A key that stands there twice, and a market that is none."""
    refused = operator.post(f"{BASE}/cost-lots", {"lots": [lot(), lot(market="QQ")]})
    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/lots/1/market", "/lots/1/lot_key"}
    with use_tenant(acme):
        assert not CostLot.objects.exists()


def test_a_preview_shows_money_and_days_and_records_nothing(
    operator: ValidatingClient, acme: ClientRef, run: RunRef
) -> None:
    """A sheet is tried: six units at 4 instead of nothing known."""
    sell(acme, run, (1, 6))
    lines = {"purchase": {"amount": "4.00", "currency": "USD"}}
    sheet = {"sku": "SKU-1", "effective_on": str(DAY), "lines": lines}
    shown = operator.post(f"{BASE}/cost-sheets/preview", {"sheets": [sheet]})
    assert shown.status_code == 200, shown.content
    (impact,) = shown.json()["data"]
    assert (impact["days"], impact["units"], impact["uncosted"]) == (1, 6, 6)
    assert (impact["before"]["amount"], impact["delta"]["amount"]) == ("0.00", "24.00")
    with use_tenant(acme):
        assert not CostSheet.objects.exists()
    bad = operator.post(f"{BASE}/cost-sheets/preview", {"sheets": [{**sheet, "market": "QQ"}]})
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/sheets/0/market")
    assert operator.post(f"{BASE}/cost-sheets/preview", {}).status_code == 422


def test_the_full_cost_of_a_unit_names_every_source(
    operator: ValidatingClient, acme: ClientRef, run: RunRef
) -> None:
    """Stated lines come from the sheet; what nobody knows is missing and not zero."""
    sell(acme, run, (1, 6))
    lines = {"purchase": {"amount": "4.00", "currency": "USD"}, "duty": {"amount": "0", "currency": "USD"}}
    operator.post(f"{BASE}/cost-sheets", {"sku": "SKU-1", "effective_on": str(DAY), "lines": lines})
    on = str(DAY + timedelta(days=2))
    shown = operator.get(f"{BASE}/landed-costs", {"store": run.store.id, "sku": "SKU-1", "on": on})
    assert shown.status_code == 200, shown.content
    body = shown.json()
    found = {line["line"]: line for line in body["lines"]}
    assert found["purchase"]["confidence"] == "stated"
    assert found["purchase"]["converted"] == {"amount": "4.00", "currency": "USD"}
    assert "cost sheet" in found["purchase"]["source"]
    assert {"first_leg", "commission", "fulfilment", "storage"} <= set(body["missing"])
    assert "duty" not in body["missing"]
    assert found["advertising"]["confidence"] == "measured"
    assert Decimal(body["total"]["amount"]) >= 4
    unknown = operator.get(f"{BASE}/landed-costs", {"store": run.store.id, "sku": "NOPE"})
    assert unknown.status_code == 404


def test_the_score_says_what_to_mend_first(operator: ValidatingClient, acme: ClientRef, run: RunRef) -> None:
    """Purchase alone, in the shop's currency: 50 of 80 points; the gap is named with the money at stake."""
    sell(acme, run, (1, 6))
    lines = {"purchase": {"amount": "4.00", "currency": "USD"}}
    operator.post(f"{BASE}/cost-sheets", {"sku": "SKU-1", "effective_on": str(DAY), "lines": lines})
    with clock.frozen(datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=UTC) + timedelta(days=3)):
        shown = operator.get(f"{BASE}/cost-score", {"store": run.store.id})
    assert shown.status_code == 200, shown.content
    (store,) = shown.json()["data"]
    assert (store["units"], store["score"], store["allows_verdicts"]) == (6, "62.50", True)
    assert store["gaps"][0]["sku"] == "SKU-1"
    assert "first_leg" in store["gaps"][0]["missing"]
