"""Every answer of the simulator validates against Amazon's own models, schemas, headers and saved answers."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml

from connectors.simulator.http.operations import OPERATIONS
from connectors.simulator.testing import Running
from tests.connectors.simulator.caller import SUMMARY, Caller

pytestmark = pytest.mark.vendor

STORES = ("harbor-us", "kumo-jp", "harbor-mx")
START, END = "2026-10-25T00:00:00Z", "2026-11-20T00:00:00Z"
# Columns of newer files that the documented lists do not have yet.
NEWER = {"is-replacement-order", "original-order-id", "points-granted"}


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of third-party samples; without it these tests are skipped, unless it is demanded."""
    folder = os.environ.get("VENDOR_SAMPLES", "")
    if not folder:
        reason = "VENDOR_SAMPLES names no folder of third-party samples"
        if os.environ.get("VENDOR_REQUIRED") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return Path(folder)


@pytest.fixture(scope="session")
def model(samples: Path) -> Callable[[str, str], jsonschema.Draft4Validator]:
    """Validators by model file and definition; properties a definition does not name are not allowed."""

    def load(name: str, definition: str) -> jsonschema.Draft4Validator:
        text = (samples / "amazon-spapi/models" / f"{name}.json").read_text()
        definitions = json.loads(text)["definitions"]
        for schema in definitions.values():
            if "properties" in schema and "allOf" not in schema:
                schema.setdefault("additionalProperties", False)
        # What a context may hold depends on its type: its parts must not forbid one another's properties.
        for part in _parts(definitions):
            definitions[part].pop("additionalProperties", None)
        return jsonschema.Draft4Validator({"$ref": f"#/definitions/{definition}", "definitions": definitions})

    return load


def _parts(definitions: dict[str, Any]) -> Iterator[str]:
    for schema in definitions.values():
        for part in schema.get("allOf", ()):
            if "$ref" in part:
                yield part["$ref"].rsplit("/", 1)[1]


Model = Callable[[str, str], jsonschema.Draft4Validator]


@pytest.mark.parametrize("store", STORES)
def test_orders(model: Model, caller: Callable[[str], Caller], store: str) -> None:
    """searchOrders, with everything we ask it to include."""
    one, check = caller(store), model("orders_2026-01-01", "SearchOrdersResponse")
    query = {
        "marketplaceIds": one.marketplace,
        "lastUpdatedAfter": START,
        "includedData": "PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT",
    }
    body = one.get("/orders/2026-01-01/orders", **query).json()
    assert len(body["orders"]) == 100
    check.validate(body)


@pytest.mark.parametrize("store", STORES)
def test_finances(model: Model, caller: Callable[[str], Caller], store: str) -> None:
    """listTransactions: shipments, refunds, fees, advertising, transfers."""
    one, check = caller(store), model("finances_2024-06-19", "ListTransactionsResponse")
    query: dict[str, str] = {"postedAfter": START, "marketplaceId": one.marketplace}
    kinds, token = set(), ""
    while True:
        body = one.get(
            "/finances/2024-06-19/transactions", **query, **({"nextToken": token} if token else {})
        ).json()
        check.validate(body)
        kinds |= {transaction["transactionType"] for transaction in body["payload"]["transactions"]}
        token = body["payload"].get("nextToken", "")
        if not token:
            break
    assert {"Shipment", "Refund", "ServiceFee", "ProductAdsPayment", "Transfer"} <= kinds


@pytest.mark.parametrize("store", STORES)
def test_inventory_listings_sellers(model: Model, caller: Callable[[str], Caller], store: str) -> None:
    """getInventorySummaries, searchListingsItems, getMarketplaceParticipations."""
    one = caller(store)
    here = one.marketplace
    query = {
        "details": "true",
        "granularityType": "Marketplace",
        "granularityId": here,
        "marketplaceIds": here,
    }
    stock = one.get("/fba/inventory/v1/summaries", **query).json()
    assert len(stock["payload"]["inventorySummaries"]) == 14
    model("fbaInventory", "GetInventorySummariesResponse").validate(stock)
    included = "summaries,offers,fulfillmentAvailability,issues"
    path = f"/listings/2021-08-01/items/{one.store.seller_id}"
    items = one.get(path, marketplaceIds=here, includedData=included, pageSize="5").json()
    model("listingsItems_2021-08-01", "ItemSearchResults").validate(items)
    places = one.get("/sellers/v1/marketplaceParticipations").json()
    model("sellers", "GetMarketplaceParticipationsResponse").validate(places)


@pytest.mark.parametrize("store", STORES)
def test_prices_and_fees(model: Model, caller: Callable[[str], Caller], store: str) -> None:
    """getCompetitiveSummary, getItemOffersBatch, getMyFeesEstimates, for known and unknown products."""
    one = caller(store)
    here, asins = one.marketplace, [product.asin for product in one.store.products[:5]] + ["B000000000"]
    included = ["featuredBuyingOptions", "lowestPricedOffers", "referencePrices"]
    inputs = [{"itemCondition": "New", "offerType": "Consumer"}]
    asks: list[dict[str, Any]] = [
        {
            "asin": asin,
            "marketplaceId": here,
            "includedData": included,
            "lowestPricedOffersInputs": inputs,
            "uri": SUMMARY,
            "method": "GET",
        }
        for asin in asins
    ]
    name = "productPricing_2022-05-01"
    model(name, "CompetitiveSummaryBatchRequest").validate({"requests": asks})
    body = one.post(
        "/batches/products/pricing/2022-05-01/items/competitiveSummary", {"requests": asks}
    ).json()
    assert len(body["responses"]) == len(asks)
    model(name, "CompetitiveSummaryBatchResponse").validate(body)
    asks = [
        {
            "uri": f"/products/pricing/v0/items/{asin}/offers",
            "method": "GET",
            "MarketplaceId": here,
            "ItemCondition": "New",
            "CustomerType": "Consumer",
        }
        for asin in asins
    ]
    body = one.post("/batches/products/pricing/v0/itemOffers", {"requests": asks}).json()
    # A refused item has errors where the model wants a payload; the sandbox's own example does so too.
    model("productPricingV0", "GetItemOffersBatchResponse").validate(body)
    money = {"CurrencyCode": one.store.market.currency, "Amount": 100}
    wanted = {
        "MarketplaceId": here,
        "IsAmazonFulfilled": True,
        "PriceToEstimateFees": {"ListingPrice": money},
    }
    estimates = [
        {"FeesEstimateRequest": {**wanted, "Identifier": asin}, "IdType": "ASIN", "IdValue": asin}
        for asin in asins
    ]
    model("productFeesV0", "GetMyFeesEstimatesRequest").validate(estimates)
    told = one.post("/products/fees/v0/feesEstimate", estimates).json()
    assert [estimate["Status"] for estimate in told] == ["Success"] * 5 + ["ClientError"]
    model("productFeesV0", "GetMyFeesEstimatesResponse").validate(told)


def test_report_calls(model: Model, sim: Running, caller: Callable[[str], Caller]) -> None:
    """createReport, getReport in every state, getReports, getReportDocument."""
    one, name = caller("harbor-us"), "reports_2021-06-30"
    sim.simulator.knobs.queue_seconds = sim.simulator.knobs.process_seconds = 10
    body = {"reportType": "GET_FBA_INVENTORY_PLANNING_DATA", "marketplaceIds": [one.marketplace]}
    model(name, "CreateReportSpecification").validate(body)
    made = one.post("/reports/2021-06-30/reports", body).json()
    model(name, "CreateReportResponse").validate(made)
    job: dict[str, Any] = {}
    for _ in range(3):
        job = one.get(f"/reports/2021-06-30/reports/{made['reportId']}").json()
        model(name, "Report").validate(job)
        one.http.post("/_sim/clock", json={"advance_seconds": 11})
    document = one.get(f"/reports/2021-06-30/documents/{job['reportDocumentId']}").json()
    model(name, "ReportDocument").validate(document)
    kinds = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2,GET_FBA_INVENTORY_PLANNING_DATA"
    listed = one.get("/reports/2021-06-30/reports", reportTypes=kinds).json()
    assert len(listed["reports"]) == 10
    model(name, "GetReportsResponse").validate(listed)


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        ("GET_SALES_AND_TRAFFIC_REPORT", "sellerSalesAndTrafficReport"),
        ("GET_V2_SELLER_PERFORMANCE_REPORT", "accountHealthReport-2020-11-18"),
    ],
)
@pytest.mark.parametrize("store", STORES)
def test_json_reports(
    samples: Path, caller: Callable[[str], Caller], store: str, kind: str, schema: str
) -> None:
    """Amazon's own schemas of the documents."""
    rules = json.loads((samples / "amazon-spapi/report-schemas" / f"{schema}.json").read_text())
    window = (START, END) if "TRAFFIC" in kind else ("", "")
    options = {"dateGranularity": "DAY", "asinGranularity": "SKU"} if "TRAFFIC" in kind else {}
    jsonschema.Draft7Validator(rules).validate(json.loads(caller(store).report(kind, *window, **options)))


@pytest.mark.parametrize(
    ("kind", "window"),
    [
        ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", True),
        ("GET_LEDGER_SUMMARY_VIEW_DATA", True),
        ("GET_FBA_INVENTORY_PLANNING_DATA", False),
        ("GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", True),
        ("GET_SELLER_FEEDBACK_DATA", True),
        ("GET_MERCHANT_LISTINGS_ALL_DATA", False),
        ("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", False),
    ],
)
@pytest.mark.parametrize("store", STORES)
def test_flat_files_have_the_documented_headers(
    samples: Path, caller: Callable[[str], Caller], store: str, kind: str, window: bool
) -> None:
    """Column for column, in order; only the known newer ones may follow."""
    text = (samples / "amazon-spapi/flat-file-headers.md").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith(f"- {kind}")]
    listed = re.split(r"\. |\(caponica", line.split(": ", 1)[1])[0]
    documented = [name.strip() for name in listed.rstrip(" .").split(",")]
    one = caller(store)
    if "SETTLEMENT" in kind:
        reports = one.get(
            "/reports/2021-06-30/reports", reportTypes=kind, marketplaceIds=one.marketplace
        ).json()
        body = one.fetch(reports["reports"][0]["reportDocumentId"])[0]
    else:
        body = one.report(kind, *((START, END) if window else ("", "")))
    served = body.split(b"\r\n", 1)[0].decode().split("\t")
    assert served[: len(documented)] == documented
    assert set(served[len(documented) :]) <= NEWER


def test_ads_answers_look_like_the_saved_ones(samples: Path, caller: Callable[[str], Caller]) -> None:
    """The keys of a created and of a finished report are those of Amazon's saved answers."""
    saved = list(
        _saved(json.loads((samples / "amazon-ads/Amazon_Ads_API.postman_collection.json").read_text()))
    )
    created = next(body for body in saved if body.get("status") == "PENDING")
    finished = next(body for body in saved if body.get("status") == "COMPLETED")
    one = caller("harbor-us")
    job = one.ads_report("2026-11-01", "2026-11-10").json()
    assert set(job) == set(created)
    assert set(job["configuration"]) == set(created["configuration"])
    done = one.http.get(f"/reporting/reports/{job['reportId']}", headers=one.headers("ads")).json()
    assert set(done) == set(finished)
    assert done["status"] == "COMPLETED"


def _saved(node: Any) -> Iterator[dict[str, Any]]:
    """Every saved answer that looks like a version 3 report."""
    for item in node.get("item", ()):
        yield from _saved(item)
        for response in item.get("response", ()):
            try:
                body = json.loads(response.get("body") or "")
            except ValueError:
                continue
            if isinstance(body, dict) and "configuration" in body and "reportId" in body:
                yield body


@pytest.mark.parametrize(
    ("cassette", "status"), [("LWATest__test_bad_LWAToken", 400), ("LWATest__test_request", 200)]
)
def test_login_answers_like_the_recorded_one(
    samples: Path, caller: Callable[[str], Caller], cassette: str, status: int
) -> None:
    """Same status and keys as on the tape (but its error index), for a good and a bad request."""
    tape = yaml.safe_load((samples / "amazon-spapi/recorded-http-peddler" / f"{cassette}.yml").read_text())
    recorded = json.loads(tape["http_interactions"][0]["response"]["body"]["string"])
    answer = caller("harbor-us").login(**({} if status == 200 else {"grant_type": ""}))
    assert answer.status_code == tape["http_interactions"][0]["response"]["status"]["code"] == status
    assert set(answer.json()) == set(recorded) - {"error_index"}
    assert answer.json().get("error") == recorded.get("error")


def test_refusals_are_error_lists(model: Model, caller: Callable[[str], Caller]) -> None:
    """400, 403 and 429 validate as the model's ErrorList; a denial reads as the recorded one."""
    one, check = caller("harbor-us"), model("orders_2026-01-01", "ErrorList")
    answers: list[httpx.Response] = [
        one.get("/orders/2026-01-01/orders"),
        one.http.get("/orders/2026-01-01/orders"),
    ]
    one.http.post("/_sim/faults", json={"operation": "searchOrders", "kind": "throttle"})
    answers.append(one.get("/orders/2026-01-01/orders"))
    assert [answer.status_code for answer in answers] == [400, 403, 429]
    for answer in answers:
        check.validate(answer.json())
    denied = answers[1].json()["errors"][0]
    assert (denied["code"], denied["message"]) == ("Unauthorized", "Access to requested resource is denied.")


def test_published_limits_are_the_models(samples: Path) -> None:
    """Rates and bursts of every operation are those its model states in words."""
    stated = {}
    for path in sorted((samples / "amazon-spapi/models").glob("*.json")):
        for operations in json.loads(path.read_text())["paths"].values():
            for operation in operations.values():
                if isinstance(operation, dict) and "operationId" in operation:
                    found = re.search(r"\|\s*([\d.]+)\s*\|\s*(\d+)\s*\|", operation.get("description", ""))
                    if found and path.stem not in ("listingsItems_2020-09-01",):
                        stated[operation["operationId"]] = (float(found[1]), int(found[2]))
    ours = {
        operation.name: (operation.rate, operation.burst) for operation in OPERATIONS if operation.api == "sp"
    }
    known = {name: limits for name, limits in ours.items() if name in stated}
    assert len(known) >= 10
    assert known == {name: stated[name] for name in known}
