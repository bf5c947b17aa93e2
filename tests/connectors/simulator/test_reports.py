"""Reports: their life, their documents, and what stands in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import pytest

from connectors.simulator.testing import Running
from tests.connectors.simulator.caller import Caller, rows_of

PLANNING = "GET_FBA_INVENTORY_PLANNING_DATA"
RETURNS = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
SETTLEMENT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
STORES = ("harbor-us", "harbor-jp", "harbor-mx")


def test_a_report_waits_works_and_is_done(sim: Running, caller: Callable[[str], Caller]) -> None:
    """IN_QUEUE, IN_PROGRESS, DONE by the simulator's clock; only then there is a document."""
    one = caller("harbor-us")
    one.http.post("/_sim/limits", json={"queue_seconds": 30, "process_seconds": 60})
    report = one.order_report(PLANNING)
    seen = []
    for step in (0, 20, 20, 60):
        sim.simulator.clock.advance(timedelta(seconds=step))
        job = one.get(f"/reports/2021-06-30/reports/{report}").json()
        seen.append((job["processingStatus"], "reportDocumentId" in job))
    assert seen == [("IN_QUEUE", False), ("IN_QUEUE", False), ("IN_PROGRESS", False), ("DONE", True)]


def test_no_data_is_cancelled(caller: Callable[[str], Caller]) -> None:
    """A window before the world holds no returns: CANCELLED, without a document."""
    one = caller("harbor-us")
    report = one.order_report(RETURNS, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    job = one.get(f"/reports/2021-06-30/reports/{report}").json()
    assert job["processingStatus"] == "CANCELLED"
    assert "reportDocumentId" not in job


def test_fatal_leaves_a_document_with_the_reason(caller: Callable[[str], Caller]) -> None:
    """FATAL on order, with the text that says why."""
    one = caller("harbor-us")
    one.http.post("/_sim/faults", json={"operation": PLANNING, "kind": "fatal"})
    job = one.get(f"/reports/2021-06-30/reports/{one.order_report(PLANNING)}").json()
    assert job["processingStatus"] == "FATAL"
    assert b"could not be generated" in one.fetch(job["reportDocumentId"])[0]


def test_presigned_addresses_expire_and_carry_no_credentials(
    sim: Running, caller: Callable[[str], Caller]
) -> None:
    """After five minutes, altered, or sent with our token: refused in the storage's XML."""
    one = caller("harbor-jp")
    job = one.get(f"/reports/2021-06-30/reports/{one.order_report(PLANNING)}").json()
    url = one.get(f"/reports/2021-06-30/documents/{job['reportDocumentId']}").json()["url"]
    parts = urlsplit(url)
    assert parts.netloc == "tortuga-prod-fe.s3.us-west-2.amazonaws.com"
    path = f"{parts.path}?{parts.query}"
    assert one.http.get(path).status_code == 200
    with_token = one.http.get(path, headers=one.headers())
    assert (with_token.status_code, b"Only one auth mechanism" in with_token.content) == (400, True)
    assert b"SignatureDoesNotMatch" in one.http.get(path.replace("Expires=300", "Expires=900")).content
    assert b"AccessDenied" in one.http.get(parts.path).content
    sim.simulator.clock.advance(timedelta(seconds=301))
    late = one.http.get(path)
    assert late.status_code == 403
    assert b"Request has expired" in late.content


def test_another_sellers_report_is_not_found(caller: Callable[[str], Caller]) -> None:
    """Neither the report nor its document."""
    one, other = caller("harbor-us"), caller("kumo-us")
    report = one.order_report(PLANNING)
    document = one.get(f"/reports/2021-06-30/reports/{report}").json()["reportDocumentId"]
    assert other.get(f"/reports/2021-06-30/reports/{report}").status_code == 404
    assert other.get(f"/reports/2021-06-30/documents/{document}").status_code == 404


@pytest.mark.parametrize("store", STORES)
def test_settlements_add_up_to_their_total(caller: Callable[[str], Caller], store: str) -> None:
    """The amounts of every settlement file sum to the total of its summary row."""
    one = caller(store)
    listed = one.get("/reports/2021-06-30/reports", reportTypes=SETTLEMENT, marketplaceIds=one.marketplace)
    for report in listed.json()["reports"]:
        body, content_type = one.fetch(report["reportDocumentId"])
        assert content_type == "text/plain"
        summary, *lines = rows_of(body)
        assert lines
        assert sum(Decimal(line["amount"]) for line in lines) == Decimal(summary["total-amount"])
        assert {line["settlement-id"] for line in lines} == {summary["settlement-id"]}


@pytest.mark.parametrize("store", STORES)
def test_planning_buckets_add_up_to_available(caller: Callable[[str], Caller], store: str) -> None:
    """The five buckets do not overlap; the second set of columns repeats part of them."""
    for row in caller(store).table(PLANNING):
        names = ("0-to-90", "91-to-180", "181-to-270", "271-to-365", "365-plus")
        assert sum(int(row[f"inv-age-{name}-days"]) for name in names) == int(row["available"])


def test_files_speak_the_markets_own_charset(caller: Callable[[str], Caller]) -> None:
    """cp1252 in America, Shift_JIS in Japan, named in the content type."""
    for store, charset in (("harbor-us", "Cp1252"), ("harbor-mx", "Cp1252"), ("harbor-jp", "Shift_JIS")):
        one = caller(store)
        kind = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
        report = one.order_report(kind, "2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z")
        job = one.get(f"/reports/2021-06-30/reports/{report}").json()
        body, content_type = one.fetch(job["reportDocumentId"])
        assert content_type == f"text/plain; charset={charset}"
        cities = {row["ship-city"] for row in rows_of(body, one.store.market.code)}
        assert cities == {place[0] for place in one.store.market.places}


def test_visits_of_the_last_days_are_not_told_yet(sim: Running, caller: Callable[[str], Caller]) -> None:
    """Two shop days late by default; a window of only such days is cancelled."""
    one, kind = caller("harbor-us"), "GET_SALES_AND_TRAFFIC_REPORT"
    body = one.report(kind, "2026-11-10T00:00:00Z", "2026-11-20T00:00:00Z", dateGranularity="DAY")
    assert json.loads(body)["salesAndTrafficByDate"][-1]["date"] == "2026-11-18"
    assert one.report(kind, "2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z", dateGranularity="DAY") == b""


def test_served_rows_stand_in_the_ledger_once_downloaded(
    sim: Running, caller: Callable[[str], Caller]
) -> None:
    """Ordering alone serves nothing; the download does, and twice is still the same keys."""
    one = caller("harbor-us")
    report = one.order_report(PLANNING)
    assert sim.simulator.record.keys("harbor-us", "inventory_planning") == {}
    document = one.get(f"/reports/2021-06-30/reports/{report}").json()["reportDocumentId"]
    one.fetch(document)
    first = one.http.get("/_sim/ledger").json()["served"]
    one.fetch(document)
    second = one.http.get("/_sim/ledger").json()["served"]
    assert (first[0]["keys"], first[0]["hash"]) == (second[0]["keys"], second[0]["hash"])
    assert second[0]["times"] == 2 * first[0]["times"] == 2 * 14
