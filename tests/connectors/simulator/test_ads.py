"""Advertising reports: bounds, duplicates, restatement."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from connectors.simulator.testing import Running
from tests.connectors.simulator.caller import Caller


def test_windows_are_bounded(caller: Callable[[str], Caller]) -> None:
    """At most 31 days, at most 95 days back, nothing of the future."""
    one = caller("harbor-us")
    assert one.ads_report("2026-10-01", "2026-10-31").status_code == 200
    assert one.ads_report("2026-10-01", "2026-11-01").status_code == 400
    assert one.ads_report("2026-08-01", "2026-08-10").status_code == 400
    assert one.ads_report("2026-11-20", "2026-11-25").status_code == 400


def test_the_same_order_twice_names_the_first(sim: Running, caller: Callable[[str], Caller]) -> None:
    """425 while the first is being made; afterwards it may be ordered again."""
    one = caller("harbor-us")
    sim.simulator.knobs.process_seconds = 60
    first = one.ads_report("2026-11-01", "2026-11-10").json()
    assert first["status"] in ("PENDING", "PROCESSING")
    again = one.ads_report("2026-11-01", "2026-11-10")
    assert again.status_code == 425
    assert again.json()["detail"] == f"The Request is a duplicate of : {first['reportId']}"
    sim.simulator.clock.advance(timedelta(seconds=61))
    assert one.ads_report("2026-11-01", "2026-11-10").status_code == 200


def test_sales_are_restated_for_two_weeks(sim: Running, caller: Callable[[str], Caller]) -> None:
    """Cost stands; attributed sales of recent clicks grow as days go by, those of old ones do not."""
    one = caller("harbor-us")

    def total(field: str, day: str) -> Decimal:
        return sum((Decimal(row[field]) for row in one.ads_rows(day, day)), Decimal(0))

    days = ("2026-11-17", "2026-11-18", "2026-11-19")
    young = sum(total("sales7d", day) for day in days)
    cost, old = sum(total("cost", day) for day in days), total("sales14d", "2026-11-01")
    sim.simulator.clock.advance(timedelta(days=6))
    one.forget()
    assert sum(total("sales7d", day) for day in days) > young
    assert sum(total("cost", day) for day in days) == cost
    assert total("sales14d", "2026-11-01") == old


def test_profiles_name_zone_and_currency(caller: Callable[[str], Caller]) -> None:
    """One per store of the region."""
    one = caller("harbor-us")
    profiles = one.http.get("/v2/profiles", headers=one.headers("ads")).json()
    assert {(p["countryCode"], p["currencyCode"], p["timezone"]) for p in profiles} == {
        ("US", "USD", "America/Los_Angeles"),
        ("MX", "MXN", "America/Mexico_City"),
    }


def test_a_failed_report_says_so(caller: Callable[[str], Caller]) -> None:
    """FAILED with a reason and no address."""
    one = caller("harbor-us")
    one.http.post("/_sim/faults", json={"operation": "spAdvertisedProduct", "kind": "fatal"})
    job = one.ads_report("2026-11-01", "2026-11-10").json()
    done = one.http.get(f"/reporting/reports/{job['reportId']}", headers=one.headers("ads")).json()
    assert (done["status"], done["url"]) == ("FAILED", None)
    assert done["failureReason"]
