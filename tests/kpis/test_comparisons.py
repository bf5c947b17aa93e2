"""Raw and adjusted comparisons of real sums: events, unequal months, periods under way, rest days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from config.lib import clock
from connectors.facts.happenings import Event
from kpis.catalog import CATALOG
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.shops import get
from tests.kpis.world import World

WEEK = "2026-W31"


def of(body: dict[str, Any], key: str) -> dict[str, Any]:
    """One KPI of the comparison."""
    found: dict[str, Any] = next(row for row in body["kpis"] if row["key"] == key)
    return found


def units(owner: ValidatingClient, store_id: int, first: str, last: str) -> dict[str, int]:
    """Units sold by day."""
    points = get(owner, "kpis/units/series", **{"from": first, "to": last, "store": store_id})["points"]
    return {point["start"]: int(point["value"] or 0) for point in points}


@pytest.fixture
def us(shops: World) -> int:
    """The American store: no federal holiday falls into its weeks."""
    return shops.stores["US"]


def test_without_events_both_say_the_same(owner: ValidatingClient, us: int) -> None:
    """Full weeks have the same weekdays; raw is what the scorecard shows."""
    body = get(owner, "scorecards/comparisons", period=WEEK, store=us)
    card = get(owner, "scorecards/weekly", period=WEEK, store=us)
    assert body["previous"]["event_affected"] is False
    assert body["previous"]["matched_days"] == 7
    for key in ("units", "net_sales", "acos", "conversion_rate", "gross_margin_pct"):
        row = of(body, key)["previous"]
        assert row["raw"] == row["adjusted"]
        line = next(each for each in card["kpis"] if each["key"] == key)
        assert row["raw"]["reference"] == line["change"]["previous"]
        assert row["raw"]["relative"] == line["change"]["relative"]


def record(store_id: int, kind: str, title: str, first: str, ended_at: datetime) -> None:
    """An event of the whole store."""
    at = datetime(2026, 7, 28, 12, tzinfo=UTC)
    Event.objects.create(
        store_id=store_id,
        event_key=title,
        kind=kind,
        sku="",
        business_on=first,
        occurred_at=at,
        ended_at=ended_at,
        title=title,
        run_id=1,
        source_updated_at=at,
        ingested_at=at,
    )


def test_a_sale_in_one_week_is_taken_out_of_both(owner: ValidatingClient, us: int, acme: ClientRef) -> None:
    """The adjusted change compares the other days; the sale is named. It ends at 20 h in Los Angeles."""
    with use_tenant(acme):
        record(us, "promotion", "Summer sale", "2026-07-28", datetime(2026, 7, 30, 3, tzinfo=UTC))
    body = get(owner, "scorecards/comparisons", period=WEEK, store=us)
    assert body["events"] == body["previous"]["events_in_one_only"] == ["Summer sale"]
    assert body["previous"]["event_affected"] is True
    assert body["previous"]["left_out"] == ["2026-07-28", "2026-07-29"]
    daily = units(owner, us, "2026-07-20", "2026-08-02")
    before = sum(daily[f"2026-07-{day}"] for day in (20, 23, 24, 25, 26))
    now = sum(daily[day] for day in ("2026-07-27", "2026-07-30", "2026-07-31", "2026-08-01", "2026-08-02"))
    adjusted = of(body, "units")["previous"]["adjusted"]
    assert int(adjusted["reference"]) == before
    assert int(adjusted["absolute"]) == now - before
    raw = of(body, "units")["previous"]["raw"]
    assert int(raw["reference"]) == sum(daily[f"2026-07-{day}"] for day in range(20, 27))


@pytest.fixture
def thursday(us: int) -> Iterator[None]:
    """Thursday noon of the week: three days are over."""
    with clock.frozen(datetime(2026, 7, 30, 20, tzinfo=UTC)):
        yield


def test_a_period_under_way_faces_the_same_days(owner: ValidatingClient, us: int, thursday: None) -> None:
    """Three days against three days, not against a week."""
    body = get(owner, "scorecards/comparisons", period=WEEK, store=us)
    assert (body["period"]["end"], body["is_over"]) == ("2026-07-29", False)
    assert (body["previous"]["start"], body["previous"]["end"]) == ("2026-07-20", "2026-07-22")
    daily = units(owner, us, "2026-07-20", "2026-07-29")
    row = of(body, "units")
    assert int(row["value"]) == sum(daily[f"2026-07-{day}"] for day in (27, 28, 29))
    assert int(row["previous"]["raw"]["reference"]) == sum(daily[f"2026-07-{day}"] for day in (20, 21, 22))


def test_nothing_is_compared_before_it_began(owner: ValidatingClient, us: int, thursday: None) -> None:
    """The next week has no day yet."""
    path = f"/api/v1/clients/acme/scorecards/comparisons?period=2026-W32&store={us}"
    assert owner.get(path).status_code == 422


def test_fulfilment_is_shown_without_rest_days_too(owner: ValidatingClient, us: int, acme: ClientRef) -> None:
    """The warehouse rests all week but Monday: fulfilment without these days is that of Monday alone."""
    with use_tenant(acme):
        record(us, "holiday", "Stocktaking", "2026-07-28", datetime(2026, 8, 2, 20, tzinfo=UTC))
    body = get(owner, "scorecards/comparisons", period=WEEK, store=us)
    monday = get(owner, "scorecards/daily", period="2026-07-27", store=us)
    assert body["events"] == ["Stocktaking", "holiday"]
    values = {row["key"]: row["value"] for row in monday["kpis"]}
    shown = {row["key"]: row["without_rest_days"] for row in body["kpis"]}
    summed = {key for key, kpi in CATALOG.items() if kpi.family == "fulfilment" and kpi.kind == "ratio"}
    assert {key for key, value in shown.items() if value is not None} >= {"ship_24h_rate"}
    assert {key: shown[key] for key in summed} == {key: values[key] for key in summed}
