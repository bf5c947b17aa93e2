"""Faults on order strike as often as they were asked for, and only where."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from connectors.simulator.testing import Running
from tests.connectors.simulator.caller import Caller

PARTICIPATIONS = "/sellers/v1/marketplaceParticipations"
PLANNING = "GET_FBA_INVENTORY_PLANNING_DATA"
ORDERS = "/orders/2026-01-01/orders"
SINCE = {"marketplaceIds": "ATVPDKIKX0DER", "lastUpdatedAfter": "2026-11-15T00:00:00Z"}


def _plan(one: Caller, **fault: Any) -> None:
    answer = one.http.post("/_sim/faults", json=fault)
    assert answer.status_code == 200, answer.text


def test_errors_strike_as_planned(caller: Callable[[str], Caller]) -> None:
    """One call passes, two fail with 503, then it is over."""
    one = caller("harbor-us")
    _plan(one, operation="getMarketplaceParticipations", kind="error", status=503, count=2, skip=1)
    assert [one.get(PARTICIPATIONS).status_code for _ in range(4)] == [200, 503, 503, 200]


def test_throttle_without_an_empty_bucket(caller: Callable[[str], Caller]) -> None:
    """A 429 on order, of any operation."""
    one = caller("harbor-us")
    one.headers()
    _plan(one, operation="*", kind="throttle")
    assert one.get(PARTICIPATIONS).status_code == 429
    assert one.get(PARTICIPATIONS).status_code == 200


def test_a_reset_cuts_the_connection(caller: Callable[[str], Caller]) -> None:
    """The caller sees a transport error, not an answer; the next call works."""
    one = caller("harbor-us")
    one.headers()
    _plan(one, operation="getMarketplaceParticipations", kind="reset")
    with pytest.raises(httpx.TransportError):
        one.get(PARTICIPATIONS)
    assert one.get(PARTICIPATIONS).status_code == 200


def test_a_slow_answer_does_not_hold_up_others(caller: Callable[[str], Caller]) -> None:
    """The held-up call times out at the caller; the clock of others is not touched."""
    one, other = caller("harbor-us"), caller("kumo-us")
    one.headers(), other.headers()
    _plan(one, operation="getMarketplaceParticipations", kind="slow", seconds=0.6)
    began = time.perf_counter()
    with pytest.raises(httpx.ReadTimeout):
        one.http.get(PARTICIPATIONS, headers=one.headers(), timeout=0.05)
    assert other.get(PARTICIPATIONS).status_code == 200
    assert time.perf_counter() - began < 0.5


def test_a_malformed_page_is_half_a_body(caller: Callable[[str], Caller]) -> None:
    """Status 200, and no JSON."""
    one = caller("harbor-us")
    _plan(one, operation="searchOrders", kind="malformed")
    answer = one.get(ORDERS, **SINCE)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_truncated_document_does_not_unpack(caller: Callable[[str], Caller]) -> None:
    """The gzip stream ends early, for that report type only, once."""
    one = caller("harbor-us")
    job = one.get(f"/reports/2021-06-30/reports/{one.order_report(PLANNING)}").json()
    parts = urlsplit(one.get(f"/reports/2021-06-30/documents/{job['reportDocumentId']}").json()["url"])
    _plan(one, operation=PLANNING, kind="truncate")
    with pytest.raises(EOFError):
        gzip.decompress(one.http.get(f"{parts.path}?{parts.query}").content)
    gzip.decompress(one.http.get(f"{parts.path}?{parts.query}").content)


def test_empty_report_and_empty_page(caller: Callable[[str], Caller]) -> None:
    """A file with its header only is DONE; a page without orders still has its token."""
    one = caller("harbor-us")
    _plan(one, operation=PLANNING, kind="empty")
    assert one.table(PLANNING) == []
    _plan(one, operation="searchOrders", kind="empty")
    body = one.get(ORDERS, **SINCE, maxResultsPerPage="5").json()
    assert body["orders"] == []
    assert body["pagination"]["nextToken"]


def test_a_looping_page_hands_out_its_own_token(caller: Callable[[str], Caller]) -> None:
    """The same token again: a caller without a guard would never end."""
    one = caller("harbor-us")
    token = one.get(ORDERS, **SINCE, maxResultsPerPage="5").json()["pagination"]["nextToken"]
    _plan(one, operation="searchOrders", kind="loop")
    query = {**SINCE, "maxResultsPerPage": "5", "paginationToken": token}
    assert one.get(ORDERS, **query).json()["pagination"]["nextToken"] == token
    assert one.get(ORDERS, **query).json()["pagination"]["nextToken"] != token


def test_tokens_expire_or_are_revoked_in_the_middle(caller: Callable[[str], Caller]) -> None:
    """The call at hand is refused already; after expiry a refresh helps, after revocation nothing does."""
    one = caller("harbor-us")
    assert one.get(PARTICIPATIONS).status_code == 200
    _plan(one, operation="getMarketplaceParticipations", kind="expire_token")
    assert one.get(PARTICIPATIONS).status_code == 403
    one.forget()
    assert one.get(PARTICIPATIONS).status_code == 200
    _plan(one, operation="getMarketplaceParticipations", kind="revoke_token")
    assert one.get(PARTICIPATIONS).status_code == 403
    assert one.login().status_code == 400


def test_unknown_faults_are_refused(sim: Running, caller: Callable[[str], Caller]) -> None:
    """A typing mistake in a test must not pass silently."""
    one = caller("harbor-us")
    assert one.http.post("/_sim/faults", json={"operation": "*", "kind": "meteor"}).status_code == 400
    assert one.http.post("/_sim/faults", json={"operation": "*", "sort": "slow"}).status_code == 400
    assert sim.simulator.faults.pending() == 0
