"""The simulator's own endpoints, its command line, and the reference rates."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import httpx

from config.lib import clock
from connectors.simulator.http.clock import SimulatorClock
from connectors.simulator.testing import ORIGINS, Running
from connectors.simulator.truth import Truth
from connectors.simulator.world import World
from tests.connectors.simulator.caller import Caller
from tests.connectors.simulator.conftest import NOW

CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


def test_truth_over_http_is_the_truth(sim: Running, world: World) -> None:
    """Decimal text, with measures, margin lines and KPIs; momentary figures only as far as asked for."""
    query = {"store": "kumo-jp", "from": "2026-11-09", "to": "2026-11-15"}
    told = httpx.get(f"{sim.base_url}/_sim/truth", params=query).json()
    truth = Truth(world, NOW).kpis("kumo-jp", date(2026, 11, 9), date(2026, 11, 15))
    assert {key: value and Decimal(value) for key, value in told["kpis"].items()} == truth
    today = {"store": "kumo-jp", "from": "2026-11-19", "to": "2026-11-21"}
    assert httpx.get(f"{sim.base_url}/_sim/truth", params=today).json()["kpis"]["odr"] is None


def test_truth_knows_what_was_asked_for(sim: Running, caller: Callable[[str], Caller]) -> None:
    """After the account report was downloaded, its rate is part of the truth of that day."""
    one = caller("kumo-jp")
    one.report("GET_V2_SELLER_PERFORMANCE_REPORT")
    query = {"store": "kumo-jp", "from": "2026-11-19", "to": "2026-11-21"}
    assert one.http.get("/_sim/truth", params=query).json()["kpis"]["odr"] is not None


def test_accounts_hold_everything_a_connection_needs(sim: Running, world: World) -> None:
    """Two selling and three advertising connections per client; the credentials log in."""
    accounts = httpx.get(f"{sim.base_url}/_sim/accounts").json()["accounts"]
    assert len(accounts) == len(world.accounts)
    for account in accounts:
        platforms = [connection["platform"] for connection in account["connections"]]
        assert (platforms.count("amazon_sp"), platforms.count("amazon_ads")) == (2, 3)
        for connection in account["connections"]:
            form = {"grant_type": "refresh_token", **connection["credential"]}
            assert httpx.post(f"{sim.base_url}/auth/o2/token", data=form).status_code == 200


def test_plants_and_cost_sheets_are_told(sim: Running) -> None:
    """Three causes with dates and effects; cost rows as the upload takes them."""
    plants = httpx.get(f"{sim.base_url}/_sim/plants").json()["plants"]
    assert len(plants) == 3
    assert all(plant["effects"] and plant["start"] for plant in plants)
    rows = httpx.get(f"{sim.base_url}/_sim/cost-sheets", params={"account": "kumo"}).json()["rows"]
    assert {row["line"] for row in rows} == set(
        "purchase first_leg duty import_tax inbound packaging after_sales".split()  # noqa: SIM905 (reads better)
    )
    assert {"", "US", "JP", "MX"} == {row["market"] for row in rows}
    assert all(Decimal(row["amount"]) > 0 for row in rows)


def test_the_clock_moves_and_shows_new_orders(sim: Running, caller: Callable[[str], Caller]) -> None:
    """Two days later there are orders that were not there before; a reset brings the old time back."""
    one = caller("harbor-us")
    query = {"marketplaceIds": one.marketplace, "createdAfter": "2026-11-20T20:00:00Z"}
    assert one.get("/orders/2026-01-01/orders", **query).json()["orders"] == []
    moved = one.http.post("/_sim/clock", json={"advance_seconds": 2 * 86400}).json()
    assert moved["now"] == "2026-11-22T20:00:00Z"
    one.forget()
    assert one.get("/orders/2026-01-01/orders", **query).json()["orders"]
    assert one.http.post("/_sim/reset").json()["now"] == "2026-11-20T20:00:00Z"
    beyond = one.http.post("/_sim/clock", json={"set": "2027-03-01T00:00:00+00:00"})
    assert beyond.status_code == 400
    assert one.get("/orders/2026-01-01/orders", **query).status_code == 503


def test_the_clock_follows_the_products_until_it_is_frozen() -> None:
    """It keeps its distance from the product's clock, stands still when frozen, and goes on from there."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    with clock.frozen(datetime(2030, 1, 1, tzinfo=UTC)) as product:
        ours = SimulatorClock(start)
        product.tick(60)
        assert ours.now() == start + timedelta(minutes=1)
        ours.freeze()
        product.tick(60)
        assert ours.now() == start + timedelta(minutes=1)
        ours.run()
        product.tick(60)
        assert ours.now() == start + timedelta(minutes=2)


def test_deferred_money_is_released_under_a_second_id(sim: Running, caller: Callable[[str], Caller]) -> None:
    """DEFERRED first; later the same id is DEFERRED_RELEASED and a twin points back to it."""
    one = caller("harbor-us")
    query = {"postedAfter": "2026-11-16T00:00:00Z", "marketplaceId": one.marketplace}
    path = "/finances/2024-06-19/transactions"
    before = {t["transactionId"]: t for t in one.pages(path, "nextToken", "transactions", **query)}
    waiting = [key for key, t in before.items() if t["transactionStatus"] == "DEFERRED"]
    assert waiting
    sim.simulator.clock.advance(timedelta(days=6))
    one.forget()
    after = {t["transactionId"]: t for t in one.pages(path, "nextToken", "transactions", **query)}
    twins = {
        related["relatedIdentifierValue"]: t
        for t in after.values()
        for related in t["relatedIdentifiers"]
        if related["relatedIdentifierName"] == "DEFERRED_TRANSACTION_ID"
    }
    released = [key for key in waiting if after[key]["transactionStatus"] == "DEFERRED_RELEASED"]
    assert released
    for key in released:
        assert twins[key]["transactionStatus"] == "RELEASED"
        assert twins[key]["totalAmount"] == before[key]["totalAmount"]


def test_reference_rates_are_published_on_business_days(sim: Running) -> None:
    """The long file has no weekend, the short one only the last published day (not today's before 16:00)."""
    base = f"{sim.base_url}/stats/eurofxref/eurofxref"
    days = _days(httpx.get(f"{base}-hist-90d.xml").content)
    assert days[0] == date(2026, 11, 20)
    assert all(day.weekday() < 5 for day in days)
    assert len(days) > 60
    httpx.post(f"{sim.base_url}/_sim/clock", json={"set": "2026-11-20T14:00:00+00:00"})
    assert _days(httpx.get(f"{base}-daily.xml").content) == [date(2026, 11, 19)]


def _days(xml: bytes) -> list[date]:
    root = ElementTree.fromstring(xml)
    return [date.fromisoformat(cube.attrib["time"]) for cube in root.iter(CUBE) if "time" in cube.attrib]


def test_unknown_controls_are_refused(sim: Running) -> None:
    """404 with what there is; bad values 400 with the reason."""
    assert "GET /_sim/truth" in httpx.get(f"{sim.base_url}/_sim/nothing").text
    assert httpx.get(f"{sim.base_url}/_sim/truth").status_code == 400
    assert httpx.post(f"{sim.base_url}/_sim/limits", json={"colour": 1}).status_code == 400


def test_endpoints_name_every_origin(sim: Running) -> None:
    """The mapping for PLATFORM_ENDPOINTS sends everything here."""
    assert sim.endpoints() == dict.fromkeys(ORIGINS, sim.base_url)


def test_the_command_serves_prints_its_port_and_stops() -> None:
    """One JSON line when it is ready; ends on SIGTERM without a complaint."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-m", "connectors.simulator", "--port", "0", "--seed", "3", "--days", "30"]
    command += ["--end-date", "2026-11-20", "--accounts", "1", "--skus", "4", "--limit-scale", "0"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        info = httpx.get(f"http://127.0.0.1:{ready['port']}/_sim/info").json()
        assert (info["seed"], info["now"][:10], len(info["stores"])) == (3, info["now"][:10], 3)
        assert set(ready["endpoints"]) == set(ORIGINS)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert process.returncode == 0
    assert errors == ""


def test_a_price_changes_in_the_sellers_own_console(sim: Running, caller: Callable[[str], Caller]) -> None:
    """The seller's own offer and listing show the new price, rivals stay, and a reset takes it back."""
    one = caller("harbor-us")
    before = {row["seller-sku"]: row["price"] for row in one.table("GET_MERCHANT_LISTINGS_ALL_DATA")}
    sku = min(before)
    change = {"store": "harbor-us", "sku": sku, "price": "11.5"}
    assert one.http.post("/_sim/prices", json=change).json() == {**change, "price": "11.50"}
    after = {row["seller-sku"]: row["price"] for row in one.table("GET_MERCHANT_LISTINGS_ALL_DATA")}
    assert after == before | {sku: "11.50"} != before
    for wrong in ({"sku": "X"}, {"price": "0"}, {"price": "NaN"}, {"price": "x"}, {"store": "x"}):
        assert one.http.post("/_sim/prices", json={**change, **wrong}).status_code == 400
    one.http.post("/_sim/reset")
    one.forget()
    assert {row["seller-sku"]: row["price"] for row in one.table("GET_MERCHANT_LISTINGS_ALL_DATA")} == before
