"""Amazon's own examples, recordings and models against our mapping and our requests."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from connectors.engine.protocol import Action, Request, Response, StreamContext
from connectors.platforms.amazon_ads.streams.advertised_product import report_body
from connectors.platforms.amazon_sp.errors import classify
from connectors.platforms.amazon_sp.mapping import orders_api
from connectors.platforms.amazon_sp.mapping.account_health import metrics_of
from connectors.platforms.amazon_sp.mapping.fees import fee_estimate
from connectors.platforms.amazon_sp.mapping.listings import listing
from connectors.platforms.amazon_sp.mapping.offers import item_offers
from connectors.platforms.amazon_sp.mapping.traffic import traffic_day
from connectors.platforms.amazon_sp.streams.finances import read_transactions
from connectors.platforms.amazon_sp.streams.offers import read_item_offers, read_summaries
from connectors.platforms.amazon_sp.streams.orders import read_page
from connectors.platforms.amazon_sp.streams.reports import ReportRequest
from connectors.platforms.common.documents import decode, inflate
from connectors.platforms.common.lwa import LwaAuthenticator
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.common.problems import AnswerUnreadable, PaginationLoop, ReportStuck
from connectors.platforms.common.steps import read_json
from connectors.platforms.common.tables import Table
from connectors.registry import get_spec
from connectors.types import FeeEstimateRecord, ListingRecord, OfferRecord, PerformanceRecord
from tests.connectors.platforms import files
from tests.connectors.platforms.stage import NOW, PLACES, Amazon, context, pages_of
from tests.connectors.platforms.test_products import listing as our_listing
from tests.connectors.platforms.vendor import cassette, check_request, model, samples, static_examples

pytestmark = pytest.mark.vendor

MODELS = {
    "searchOrders": "orders_2026-01-01",
    "listTransactions": "finances_2024-06-19",
    "getInventorySummaries": "fbaInventory",
    "createReport": "reports_2021-06-30",
    "getReports": "reports_2021-06-30",
    "getReport": "reports_2021-06-30",
    "getReportDocument": "reports_2021-06-30",
    "searchListingsItems": "listingsItems_2021-08-01",
    "getCompetitiveSummary": "productPricing_2022-05-01",
    "getItemOffersBatch": "productPricingV0",
    "getMyFeesEstimates": "productFeesV0",
    "getMarketplaceParticipations": "sellers",
}


def decoded(body: Any) -> Any:
    """An example as our decoder reads it from the wire: fractions as Decimal."""
    return read_json(json.dumps(body).encode())


def test_every_order_example_maps() -> None:
    """All 2xx examples of the Orders API, whatever country they are from, without buyer data kept."""
    seen = 0
    for where, body in static_examples("orders_2026-01-01", "/orders"):
        answer = decoded(body)
        orders = answer.get("orders") or [answer["order"]]
        page = read_page({"orders": orders}, context("JP"), ShopClock("Asia/Tokyo"))
        assert not page["rejected"], where
        assert len(page["records"]) == sum(len(order["orderItems"]) for order in orders), where
        kept = page["raw"].decode()
        for word in (
            "John Smith",
            "Sarah Thompson",
            "Carlos",
            "Maria Silva",
            "marketplace.amazon",
            "Feliz Natal",
        ):
            assert word not in kept, f"{where} keeps {word}"
        seen += len(orders)
    assert seen >= 6


def test_the_american_order_example_keeps_tax_apart() -> None:
    """39.99 and 10.00 tax."""
    [order] = [
        body["order"]
        for _, body in static_examples("orders_2026-01-01", "{orderId}")
        if body["order"]["orderId"] == "114-9876543-1234567"
    ]
    [line] = orders_api.order_lines(decoded(order), context("US"), ShopClock("America/Los_Angeles"))
    assert (line.gross_amount, line.tax_amount) == (Decimal("49.99"), Decimal("10.00"))


def test_every_finance_example_maps() -> None:
    """The sandbox's transaction and the documented one, whose status and tree are written otherwise."""
    examples = [body for _, body in static_examples("finances_2024-06-19", "/transactions")]
    documented = model("finances_2024-06-19")["definitions"]["Transaction"]["example"]
    lists = [example["payload"]["transactions"] for example in examples] + [[documented]]
    for transactions in lists:
        place = transactions[0]["sellingPartnerMetadata"]["marketplaceId"]
        where = replace(context(), store=replace(context().store, marketplace_id=place))
        page = read_transactions(decoded(transactions), where, ShopClock("America/Los_Angeles"))
        assert not page["rejected"]
        assert sum(record.amount for record in page["records"]) == 10


def test_every_fee_example_maps_or_says_why() -> None:
    """All fee answers, single and batch."""
    seen = 0
    for where, body in static_examples("productFeesV0", "feesEstimate"):
        answer = decoded(body)
        results = answer if isinstance(answer, list) else [answer["payload"]["FeesEstimateResult"]]
        for result in results:
            record = fee_estimate(result, context())
            assert isinstance(record, FeeEstimateRecord), where
            assert record.total_amount == record.other_amount == 3
            seen += 1
    assert seen == 4


def test_every_offer_example_maps_or_says_why() -> None:
    """Offers of the old API, single and in batches, and the competitive summary."""
    seen = 0
    for where, body in static_examples("productPricingV0", "ffers"):
        answer = decoded(body)
        if "responses" in answer:
            records, rejected = read_item_offers(answer, context())
            assert records or rejected, where
            assert all(row.reason for row in rejected)
            seen += len(records)
        else:
            seen += len(list(item_offers(answer["payload"], context())))
    assert seen > 20
    for where, body in static_examples("productPricing_2022-05-01", "competitiveSummary"):
        records, rejected = read_summaries(decoded(body), context())
        assert {record.product_id for record in records} == {"B00ZIAODGE"}, where
        assert any(record.is_featured for record in records)
        assert len(rejected) == 1


def test_a_featured_offer_of_the_example_lands_right() -> None:
    """18.11 + 2.50 shipping − 0.03 in points."""
    [(_, body)] = static_examples("productPricing_2022-05-01", "competitiveSummary")
    records, _ = read_summaries(decoded(body), context())
    featured = {record.seller_id: record for record in records if record.is_featured}
    offer: OfferRecord = featured["A3DJR8M9Y3OUPG"]
    assert offer.landed_amount == Decimal("20.58")


def test_every_listing_example_maps() -> None:
    """Items of the search and the single item, with their price in our marketplace."""
    seen = 0
    for where, body in static_examples("listingsItems_2021-08-01", "/items/{sellerId}"):
        answer = decoded(body)
        for item in answer.get("items", [answer]):
            record = listing(item, context(), ShopClock("America/Los_Angeles"))
            assert isinstance(record, ListingRecord), where
            assert record.product_id
            seen += 1
    assert seen >= 2


def test_the_account_health_example_maps_as_delivered() -> None:
    """Every block of Amazon's example, contradictions included."""
    schema = json.loads(
        samples("amazon-spapi", "report-schemas", "accountHealthReport-2020-11-18.json").read_text()
    )
    for example in schema["examples"]:
        found = list(metrics_of(decoded(example), context(), NOW.date(), NOW))
        assert all(isinstance(record, PerformanceRecord) for record in found)
        by_metric = {
            (record.metric, record.scope): record for record in found if isinstance(record, PerformanceRecord)
        }
        assert by_metric["odr", "mfn"].rate == Decimal("0.009")
        cancelled = by_metric["cancellation_rate", ""]
        assert (cancelled.rate, cancelled.numerator, cancelled.denominator) == (Decimal("0.005"), 551, 17197)
        assert by_metric["account_status", ""].status == "AT_RISK"
        assert len(by_metric) == len(found) > 15


def test_the_traffic_examples_map() -> None:
    """Days, weeks and months of Amazon's examples; our own file has the documented shape."""
    schema = json.loads(
        samples("amazon-spapi", "report-schemas", "sellerSalesAndTrafficReport.json").read_text()
    )
    for example in schema["examples"]:
        for day in decoded(example)["salesAndTrafficByDate"]:
            assert traffic_day(day, context(), NOW).sessions >= 0
    first = traffic_day(decoded(schema["examples"][0])["salesAndTrafficByDate"][0], context(), NOW)
    assert (first.buy_box_share, first.ordered_sales_amount) == (Decimal("0.1054"), Decimal("238.44"))


def test_our_own_files_have_amazon_s_shape() -> None:
    """The fixtures other tests rely on validate where Amazon publishes a schema."""
    schema = json.loads(
        samples("amazon-spapi", "report-schemas", "accountHealthReport-2020-11-18.json").read_text()
    )
    known = schema["properties"]["performanceMetrics"]["items"]["properties"]
    assert set(json.loads(files.HEALTH)["performanceMetrics"][0]) <= {
        *known,
        *schema["examples"][0]["performanceMetrics"][0],
    }
    definitions = model("orders_2026-01-01")["definitions"]
    jsonschema.Draft4Validator({**definitions["Order"], "definitions": definitions}).validate(
        files.api_order()
    )
    items = model("listingsItems_2021-08-01")["definitions"]
    item = our_listing()
    for part in item["summaries"]:
        part["productType"] = "LUGGAGE"
    jsonschema.Draft4Validator({**items["Item"], "definitions": items}).validate(item)
    headers = samples("amazon-spapi", "flat-file-headers.md").read_text()
    for report, columns in (
        ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", files.ORDER_COLUMNS),
        ("GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA", files.RETURN_COLUMNS),
        ("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", files.SETTLEMENT_COLUMNS),
        ("GET_FBA_INVENTORY_PLANNING_DATA", files.PLANNING_COLUMNS),
    ):
        line = next(line for line in headers.splitlines() if line.startswith(f"- {report}"))
        assert set(columns.split()) <= set(re.split(r"[ ,.;:]+", line)), report


def test_recorded_token_answers() -> None:
    """A real token answer is read; the real refusals are classified and hold no token."""
    [granted] = cassette("LWATest__test_request")
    answer = Response(granted["status"], granted["headers"], granted["body"])
    token, seconds = LwaAuthenticator().read_token(answer)
    assert token == "FILTERED"
    assert seconds == 3600
    for name in ("LWATest__test_bad_LWAToken", "LWATest__test_bad_authorization"):
        [refused] = cassette(name)
        failure = classify(refused["status"], refused["headers"], refused["body"], "lwa.token")
        assert (failure.action, failure.code) == (Action.FAIL, "unsupported_grant_type")
        with pytest.raises(AnswerUnreadable):
            LwaAuthenticator().read_token(Response(200, {}, refused["body"]))


def test_a_recorded_role_error_needs_a_person() -> None:
    """403 with empty details is a missing role, not an expired token."""
    [refused] = cassette("APITest__test_client_error")
    failure = classify(refused["status"], refused["headers"], refused["body"], "searchOrders")
    assert (failure.action, failure.code) == (Action.FIX_CONFIG, "role_missing")


def test_a_recorded_document_in_windows_encoding() -> None:
    """Gzip, charset Cp1252 and zero bytes in empty cells, exactly as Amazon's storage sends it."""
    exchange = next(
        entry
        for entry in cassette("Helpers__Reports20210630Test__test_download_compressed_report_document")
        if "tortuga" in entry["uri"]
    )
    text = decode(inflate(exchange["body"]), exchange["headers"], "US")
    table = Table("inventory", text, required=["sku", "asin", "afn-fulfillable-quantity"])
    rows = [row for _, row in table.rows()]
    assert len(rows) == 10
    assert all(table.fits(row) for row in rows)
    assert [row[table.place("sku")] for row in rows][:2] == ["TEST001", "TEST002"]


def test_a_recorded_expired_address_is_asked_for_again() -> None:
    """Amazon's storage answers in XML."""
    exchange = cassette("Helpers__Reports20210630Test__test_download_report_document_client_error")[0]
    failure = classify(exchange["status"], exchange["headers"], exchange["body"], "document")
    assert (failure.action, failure.code) == (Action.RETRY, "document_expired")


def test_rates_are_those_of_amazon_s_models() -> None:
    """Every operation of the manifest exists in a model with this method, path, rate and burst."""
    for key, operation in get_spec("amazon_sp").operations.items():
        if key in ("lwa.token", "document"):
            continue
        for path, operations in model(MODELS[key])["paths"].items():
            for method, described in operations.items():
                if isinstance(described, dict) and described.get("operationId") == key:
                    assert (operation.method, operation.path) == (method.upper(), path)
                    plan = re.search(r"\|\s*([\d.]+)\s*\|\s*(\d+)\s*\|", described["description"])
                    assert plan is not None, key
                    assert (operation.rate, operation.burst) == (float(plan[1]), int(plan[2])), key
                    assert not described.get("deprecated"), key
                    break
            else:
                continue
            break
        else:
            pytest.fail(f"no model has {key}")


@pytest.mark.parametrize("market", ["US", "JP", "MX"])
def test_every_request_is_what_amazon_s_models_describe(market: str) -> None:
    """Method, path, required parameters, enumerations and bodies of everything the streams send."""
    asked = everything_asked(context(market))
    spec = get_spec("amazon_sp")
    seen = set()
    for request in asked:
        if request.operation == "document":
            continue
        operation = spec.operations[request.operation]
        check_request(request, operation.method, operation.path, MODELS)
        seen.add(request.operation)
    assert seen == set(MODELS) - {"getMarketplaceParticipations"}
    swagger = model("reports_2021-06-30")["definitions"]
    schema = {**swagger["CreateReportSpecification"], "definitions": swagger}
    jsonschema.Draft4Validator(schema).validate(ReportRequest("X").body(PLACES[market]))


def everything_asked(where: StreamContext) -> list[Request]:
    """What all streams ask of an Amazon that has nothing, twice over where there are pages."""
    empty: dict[str, list[Any]] = {
        "searchOrders": [{"orders": [], "pagination": {"nextToken": "t"}}, {"orders": []}],
        "listTransactions": [{"payload": {"nextToken": "t"}}, {"payload": {}}],
        "getInventorySummaries": [
            {"payload": {"inventorySummaries": []}, "pagination": {"nextToken": "t"}},
            {"payload": {"inventorySummaries": []}},
        ],
        "getReports": [{"reports": [], "nextToken": "t"}, {"reports": []}],
        "getCompetitiveSummary": [{"responses": []}],
        "getItemOffersBatch": [{"responses": []}],
        "getMyFeesEstimates": [[]],
    }
    priced = our_listing()
    priced["summaries"][1]["marketplaceId"] = where.store.marketplace_id
    priced["offers"][1]["marketplaceId"] = where.store.marketplace_id
    asked: list[Request] = []
    kinds = {getattr(stream, "report_type", "") for stream in get_spec("amazon_sp").streams.values()}
    for key in get_spec("amazon_sp").streams:
        answers = {**empty, "searchListingsItems": [{"numberOfResults": 1, "items": [priced]}]}
        documents: dict[str, str | bytes] = dict.fromkeys(kinds, "")
        documents["GET_V2_SELLER_PERFORMANCE_REPORT"] = documents["GET_SALES_AND_TRAFFIC_REPORT"] = "{}"
        amazon = Amazon(documents=documents, answers=answers)
        list(pages_of(key, amazon, where))
        asked += amazon.asked
    return asked


def test_a_stateless_mock_of_amazon_s_examples_ends_every_stream() -> None:
    """Prism and its like answer every call with the same example: no stream runs for ever."""

    def example(operation: str, part: str) -> Any:
        return next(body for _, body in static_examples(MODELS[operation], part))

    answers = {
        "searchOrders": example("searchOrders", "/orders"),
        "listTransactions": example("listTransactions", "/transactions"),
        "getInventorySummaries": {
            "payload": {"inventorySummaries": []},
            "pagination": {"nextToken": "string"},
        },
        "createReport": {"reportId": "ID323"},
        "getReports": example("getReports", "/reports"),
        "getReport": example("getReport", "{reportId}"),
        "getReportDocument": example("getReportDocument", "{reportDocumentId}"),
        "searchListingsItems": next(
            body
            for where, body in static_examples(MODELS["searchListingsItems"], "/items/{sellerId}")
            if "items" in body
        ),
        "getCompetitiveSummary": example("getCompetitiveSummary", "competitiveSummary"),
        "getItemOffersBatch": example("getItemOffersBatch", "itemOffers"),
        "getMyFeesEstimates": next(
            body for _, body in static_examples(MODELS["getMyFeesEstimates"], "/fees/v0/feesEstimate")
        ),
    }

    def mock(request: Request) -> Response:
        return Response(200, {}, json.dumps(answers[request.operation]).encode())

    ended = {}
    for key in get_spec("amazon_sp").streams:
        try:
            pages = list(pages_of(key, mock, context()))
            ended[key] = f"{len(pages)} pages"
        except (PaginationLoop, ReportStuck) as error:
            ended[key] = type(error).__name__
    assert set(ended) == set(get_spec("amazon_sp").streams)


def test_ads_requests_have_the_shape_of_the_collection() -> None:
    """Our report request names what Amazon's collection names, at the same paths with the same headers."""
    collection = json.loads(samples("amazon-ads", "Amazon_Ads_API.postman_collection.json").read_text())
    requests = dict(_requests(collection["item"]))
    create = requests["/reporting/reports", "POST"]
    example = json.loads(create["body"]["raw"])
    ours = report_body(NOW.date(), NOW.date())
    assert set(ours) == set(example)
    assert set(ours["configuration"]) == set(example["configuration"])
    for name in ("adProduct", "timeUnit", "format"):
        assert ours["configuration"][name] == example["configuration"][name]
    theirs = {header["key"]: header["value"] for header in create["header"]}
    amazon = Amazon(documents={"ads": "[]"})
    list(pages_of("sp_advertised_product", amazon, context(), platform="amazon_ads"))
    sent = next(request for request in amazon.asked if request.operation == "createAsyncReport")
    assert sent.headers["content-type"] == theirs["Content-Type"]
    auth = get_spec("amazon_ads").auth.headers("t", {"client_id": "c"}, {"profile_id": "1"})
    assert set(auth) == set(theirs) - {"Content-Type"}
    assert ("/v2/profiles", "GET") in requests
    assert ("/reporting/reports/:reportId", "GET") in requests
    saved = json.dumps(collection)
    for value in ("spAdvertisedProduct", "advertisedSku", "advertisedAsin", "advertiser"):
        assert value in saved


def _requests(items: list[dict[str, Any]]) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    found: list[tuple[tuple[str, str], dict[str, Any]]] = []
    for item in items:
        if "item" in item:
            found += _requests(item["item"])
        else:
            url = item["request"]["url"]
            raw = url["raw"] if isinstance(url, dict) else url
            found.append(((raw.replace("{{api_url}}", ""), item["request"]["method"]), item["request"]))
    return found
