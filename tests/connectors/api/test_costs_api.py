"""Can unit costs be handed in one by one, in batches and as files, and does each fault come back named?"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from connectors.facts.costs import CostSheet
from connectors.services.ingest import store_page
from connectors.services.runs import RunRef
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.connectors.api.conftest import BASE
from tests.connectors.fakes import order_line, page_of

URL = f"{BASE}/cost-sheets"


def sheet(sku: str = "SKU-1", amount: str = "4.00", **more: Any) -> dict[str, Any]:
    """A sheet with a purchase price."""
    lines = {"purchase": {"amount": amount, "currency": "USD"}}
    return {"sku": sku, "effective_on": "2026-08-01", "lines": lines, **more}


def upload(client: ValidatingClient, content: str, **query: str) -> Any:
    """Send a CSV body."""
    parameters = "&".join(f"{name}={value}" for name, value in query.items())
    return client.generic(
        "POST",
        f"{URL}/uploads?{parameters}",
        content,
        content_type="text/csv",
        headers={"Idempotency-Key": str(uuid4())},
    )


def test_a_sheet_is_recorded_and_read(operator: ValidatingClient) -> None:
    """201 with its place; the same again is 200 with the sheet already there."""
    made = operator.post(URL, sheet())
    assert made.status_code == 201
    assert operator.get(made["Location"]).json() == made.json()
    again = operator.post(URL, sheet())
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    corrected = operator.post(URL, sheet(amount="5.0125"))
    assert (corrected.status_code, corrected.json()["version"]) == (201, 2)
    listed = operator.get(URL, {"sku": "SKU-1"}).json()["data"]
    assert [each["version"] for each in listed] == [2, 1]
    assert listed[0]["lines"] == {"purchase": {"amount": "5.0125", "currency": "USD"}}


@pytest.mark.parametrize(
    ("bad", "pointer"),
    [
        (sheet(amount="-1"), "/lines/purchase"),
        (sheet(lines={"magic": {"amount": "1", "currency": "USD"}}), "/lines/magic"),
        (sheet(lines={}), "/lines"),
        (sheet(market="QQ"), "/market"),
        (sheet(effective_on="soon"), "/effective_on"),
    ],
)
def test_a_fault_is_named(
    operator: ValidatingClient, acme: ClientRef, bad: dict[str, Any], pointer: str
) -> None:
    """422 with a pointer into the body, and nothing recorded."""
    answer = operator.post(URL, bad)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    with use_tenant(acme):
        assert not CostSheet.objects.exists()


def test_a_batch_tells_what_became_of_each_item(operator: ValidatingClient, acme: ClientRef) -> None:
    """Without `atomic` the good items are recorded, with it none is; a dry run never records."""
    items = [sheet("A"), sheet("B", amount="x"), sheet("C", market="QQ"), "nonsense"]
    refused = operator.post(f"{URL}:batch", {"items": items, "atomic": True})
    assert refused.status_code == 422
    pointers = {error["pointer"] for error in refused.json()["errors"]}
    assert {"/items/1/lines/purchase", "/items/2/market"} <= pointers
    dry = operator.post(f"{URL}:batch", {"items": items, "atomic": False, "dry_run": True}).json()
    assert [item["status"] for item in dry["data"]] == ["created", "invalid", "invalid", "invalid"]
    with use_tenant(acme):
        assert not CostSheet.objects.exists()
    mixed = operator.post(f"{URL}:batch", {"items": items, "atomic": False}).json()
    assert (mixed["created"], mixed["unchanged"], mixed["invalid"]) == (1, 0, 3)
    assert mixed["data"][0]["id"] is not None
    with use_tenant(acme):
        assert list(CostSheet.objects.values_list("sku", flat=True)) == ["A"]


def test_a_batch_is_bounded(operator: ValidatingClient) -> None:
    """A thousand items at most, one at least."""
    assert operator.post(f"{URL}:batch", {"items": [sheet()] * 1001}).status_code == 422
    assert operator.post(f"{URL}:batch", {"items": []}).status_code == 422


def test_a_file_is_taken_once(operator: ValidatingClient) -> None:
    """Dry run, then for good, then 409; faults come back by row and column."""
    content = "sku,market,effective_on,currency,purchase\nA,US,2026-08-01,USD,4\n"
    dry = upload(operator, content, dry_run="true")
    assert (dry.status_code, dry.json()["id"], dry.json()["rows_written"]) == (200, None, 1)
    assert upload(operator, content).status_code == 201
    again = upload(operator, content, filename="other.csv")
    assert (again.status_code, again.json()["code"]) == (409, "already_uploaded")
    bad = upload(operator, content.replace("4\n", "four\n"))
    assert (bad.status_code, bad.json()["errors"][0]["pointer"]) == (422, "/rows/2/purchase")
    assert operator.post(f"{URL}/uploads", {"a": 1}).status_code == 415


def test_coverage_names_what_lacks_a_cost(operator: ValidatingClient, run: RunRef) -> None:
    """The share of sold units with a cost on their day, by store."""
    store_page(
        run=run, page=page_of(order_line("O-1"), order_line("O-2", sku="B"), order_line("O-3", sku="B"))
    )
    operator.post(URL, sheet())
    answer = operator.get(f"{URL}/coverage", {"from": "2026-08-01", "to": "2026-08-31"}).json()["data"]
    (found,) = [each for each in answer if each["store_id"] == run.store.id]
    assert (found["units"], found["units_with_cost"], found["share"]) == (3, 1, "0.333333")
    assert found["skus_without_cost"] == ["B"]
