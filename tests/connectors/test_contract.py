"""What every platform keeps: reads only, https only, resumable cursors, money with a currency, no people."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.engine.protocol import Action, ConnectorSpec, Page, Stream
from connectors.registry import PLATFORMS
from tests.connectors.platforms import files
from tests.connectors.platforms.stage import Amazon, context, pages_of, tsv
from tests.connectors.platforms.test_finances import SALE, transaction
from tests.connectors.platforms.test_products import listing, summary_answer

# The others are fed by files and call nothing (tests/connectors/uploads/test_feeds.py).
SPECS = {key: spec for key, spec in PLATFORMS.all().items() if spec.streams}
STREAMS = [(platform, key) for platform, spec in SPECS.items() for key in spec.streams]
WRITES = {"PUT", "PATCH", "DELETE"}
SETTLEMENT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"


def stage() -> Amazon:
    """An Amazon that has something to say to every stream."""
    fee = {
        "Status": "Success",
        "FeesEstimateIdentifier": {
            "IdType": "SellerSKU",
            "IdValue": "CUP-1",
            "PriceToEstimateFees": {"ListingPrice": {"CurrencyCode": "USD", "Amount": 20}},
        },
        "FeesEstimate": {"TotalFeesEstimate": {"CurrencyCode": "USD", "Amount": 6}},
    }
    settled = {
        "reportId": "S1",
        "reportType": SETTLEMENT,
        "createdTime": "2026-11-16T00:00:00Z",
        "reportDocumentId": SETTLEMENT,
    }
    summary = {"sellerSku": "CUP-1", "inventoryDetails": {"fulfillableQuantity": 3}}
    return Amazon(
        documents={
            "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": files.orders_file(
                *(files.order_row(f"111-{number}") for number in range(3))
            ),
            "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": files.RETURNS,
            "GET_LEDGER_SUMMARY_VIEW_DATA": files.LEDGER,
            "GET_FBA_INVENTORY_PLANNING_DATA": tsv(
                files.PLANNING_COLUMNS, files.planning_row("CUP-1", 15, 1, 2, 3, 4, 5)
            ),
            "GET_SELLER_FEEDBACK_DATA": files.FEEDBACK,
            "GET_SALES_AND_TRAFFIC_REPORT": files.traffic("2026-11-18", "2026-11-19"),
            "GET_V2_SELLER_PERFORMANCE_REPORT": files.HEALTH,
            SETTLEMENT: files.settlement(),
            "ads": files.ADS,
        },
        answers={
            "searchOrders": [
                {"orders": [files.api_order(1)], "pagination": {"nextToken": "t"}},
                {"orders": [files.api_order(2)]},
            ],
            "listTransactions": [
                {"payload": {"transactions": [transaction(*SALE)], "nextToken": "t"}},
                {"payload": {"transactions": [transaction(*SALE, transactionId="T2")]}},
            ],
            "getInventorySummaries": [{"payload": {"inventorySummaries": [summary]}}],
            "getReports": [{"reports": [settled]}],
            "searchListingsItems": [{"numberOfResults": 1, "items": [listing()]}],
            "getCompetitiveSummary": [summary_answer("B000000001", "B000000002", own=True)],
            "getMyFeesEstimates": [[fee]],
        },
    )


def run(platform: str, key: str, cursor: Any = None, amazon: Amazon | None = None) -> list[Page]:
    """All pages of a stream."""
    return list(pages_of(key, amazon or stage(), context(backfill_days=20), cursor, platform=platform))


@pytest.mark.parametrize("platform", SPECS)
def test_a_platform_describes_itself(platform: str) -> None:
    """Its key is its name, streams and operations stand under their own keys, and people are warned."""
    spec: ConnectorSpec = SPECS[platform]
    assert spec.key == platform
    assert all(stream.key == key for key, stream in spec.streams.items())
    assert all(operation.key == key for key, operation in spec.operations.items())
    assert all(place.id == key for key, place in spec.marketplaces.items())
    assert "read-only" in spec.scope_warning
    assert set(spec.auth.credential_fields) == {"client_id", "client_secret", "refresh_token"}
    assert spec.account_fields


@pytest.mark.parametrize("platform", SPECS)
def test_a_platform_only_reads(platform: str) -> None:
    """No writing method; every POST says why it is a read; every limit is known."""
    for operation in SPECS[platform].operations.values():
        assert operation.method not in WRITES
        assert operation.method == "GET" or operation.reads, operation.key
        assert operation.rate > 0
        assert operation.burst >= 1


@pytest.mark.parametrize("platform", SPECS)
def test_a_platform_is_reached_by_https_alone(platform: str) -> None:
    """Operations and marketplaces name https origins without a path; documents have a list of hosts."""
    spec = SPECS[platform]
    origins = [operation.host for operation in spec.operations.values() if operation.key != "document"]
    origins += [place.host for place in spec.marketplaces.values()]
    assert all(origin.startswith("https://") and origin.count("/") == 2 for origin in origins)
    assert spec.operations["document"].host == ""
    assert spec.document_hosts
    # A wildcard may stand for a bucket or a region, never for the storage it belongs to.
    assert all(host.endswith((".amazonaws.com", ".cloudfront.net")) for host in spec.document_hosts)


def test_no_key_is_used_twice() -> None:
    """A stream is named alone in the store's cursors, so its key belongs to one platform."""
    keys = [key for _, key in STREAMS]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("platform", SPECS)
@pytest.mark.parametrize(
    "status", [400, 401, 403, 404, 408, 409, 413, 418, 425, 429, 451, 500, 502, 503, 599]
)
def test_every_refusal_is_classified(platform: str, status: int) -> None:
    """Any status with any body has an action, a stable code and a message; trouble over there is retried."""
    spec = SPECS[platform]
    for operation in spec.operations:
        for body in (b"", b"<html>", b"[]", b'{"errors": "odd"}', b'{"errors": [null]}', b"\xff"):
            failure = spec.classify(status, {}, body, operation)
            assert failure.code
            assert failure.message
            if status >= 500:
                assert failure.action is Action.RETRY
            if status == 429:
                assert failure.action is Action.WAIT


@pytest.mark.parametrize(("platform", "key"), STREAMS)
def test_a_stream_is_due_before_it_is_stale(platform: str, key: str) -> None:
    """It is read more often than its data may age."""
    stream: Stream = SPECS[platform].streams[key]
    assert timedelta(0) < stream.cadence < stream.stale_after


@pytest.mark.parametrize(("platform", "key"), STREAMS)
def test_a_stream_has_records_and_rejects_none_of_a_good_answer(platform: str, key: str) -> None:
    """The stage is understood, so the tests below prove something."""
    pages = run(platform, key)
    assert [record for page in pages for record in page.records]
    assert not [row for page in pages for row in page.rejected]


@pytest.mark.parametrize(("platform", "key"), STREAMS)
def test_a_stream_resumes_from_every_cursor(platform: str, key: str) -> None:
    """Each cursor survives JSON; going on from it ends where an unbroken run ends, with the same rows."""
    whole = run(platform, key)
    for number, page in enumerate(whole[:-1], 1):
        cursor = json.loads(json.dumps(dict(page.cursor)))
        assert cursor == page.cursor
        amazon = stage()
        # Bring the stage to where it was when the stream died.
        for position, _ in enumerate(pages_of(key, amazon, context(backfill_days=20), platform=platform), 1):
            if position == number:
                break
        rest = run(platform, key, cursor, amazon)
        expected = {repr(record) for later in whole[number:] for record in later.records}
        got = {repr(record) for later in rest for record in later.records}
        # A listing without lasting tokens begins anew: it may repeat rows, it may not lose any.
        assert expected <= got
        assert rest[-1].cursor == whole[-1].cursor
    json.dumps(dict(whole[-1].cursor))


@pytest.mark.parametrize(("platform", "key"), STREAMS)
def test_money_is_decimal_with_a_currency_and_time_is_aware(platform: str, key: str) -> None:
    """No float anywhere; whoever has an amount has a currency; instants know their zone."""
    for record in (record for page in run(platform, key) for record in page.records):
        values = {field.name: getattr(record, field.name) for field in fields(record)}
        assert not [name for name, value in values.items() if isinstance(value, float)]
        amounts = [name for name in values if name == "amount" or name.endswith("_amount")]
        assert all(isinstance(values[name], Decimal | None) for name in amounts)
        assert not amounts or len(values["currency"]) == 3
        for value in values.values():
            assert not isinstance(value, datetime) or value.tzinfo is not None


@pytest.mark.parametrize(("platform", "key"), STREAMS)
def test_nobody_s_data_is_kept(platform: str, key: str) -> None:
    """Neither records nor raw pages nor rejections hold a name, an address or a buyer's words."""
    for page in run(platform, key):
        kept = repr(page) + page.raw.decode()
        assert not [word for word in files.PRIVATE if word in kept]
