"""Scorecards of other periods and of parts of a client: what they hold and how they fit together."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.lib.calendars import Period
from kpis.selectors.groups import GroupBy, compare_groups
from kpis.selectors.scorecards import get_scorecard
from kpis.selectors.slices import Slice
from kpis.services.assignments import ShareDraft, assign_kpi
from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.factories.people import make_member
from tests.kpis.shops import BASE, WEEK, get, line
from tests.kpis.world import FIRST, World

SUMMED = ("units", "orders", "sessions")


@pytest.fixture
def planned(shops: World, acme: ClientRef) -> World:
    """The three shops, each with a plan."""
    with use_tenant(acme):
        for market, template in (("US", "us_fba_mature"), ("JP", "jp_fba_mature"), ("MX", "mx_fba_mature")):
            apply_template(store_id=shops.stores[market], template=template, effective_on=FIRST, owner="Li")
    return shops


@pytest.mark.parametrize(
    ("path", "asked", "start", "end", "kind"),
    [
        ("daily", {"period": "2026-07-28"}, "2026-07-28", "2026-07-28", "dod"),
        ("weekly", {"period": WEEK}, "2026-07-27", "2026-08-02", "wow"),
        ("monthly", {"period": "2026-07"}, "2026-07-01", "2026-07-31", "mom"),
        ("quarterly", {"period": "2026-Q3"}, "2026-07-01", "2026-09-30", "qoq"),
        ("rolling", {"days": 14, "end": "2026-08-02"}, "2026-07-20", "2026-08-02", "pop"),
    ],
)
def test_every_kind_of_period_has_a_scorecard(
    owner: ValidatingClient, shops: World, path: str, asked: dict[str, Any], start: str, end: str, kind: str
) -> None:
    """The same form for all; the sums are those of the days."""
    store_id = shops.stores["US"]
    body = get(owner, f"scorecards/{path}", **asked, store=store_id)
    assert (body["period"]["start"], body["period"]["end"]) == (start, end)
    units = line(body, "units")
    assert units["change"]["kind"] == kind
    days = get(owner, "kpis/units/series", **{"from": start, "to": end, "store": store_id})["points"]
    assert int(units["value"]) == sum(int(day["value"] or 0) for day in days)


def test_the_rolling_window_ends_yesterday_unless_told(owner: ValidatingClient, shops: World) -> None:
    """The clock stands on 2026-10-01, the client in Shanghai."""
    period = get(owner, "scorecards/rolling", days=7)["period"]
    assert (period["start"], period["end"], period["id"]) == ("2026-09-24", "2026-09-30", "2026-09-30~7d")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("daily?period=2026-W31", 400),
        ("quarterly?period=2026-07", 400),
        ("quarterly?period=2026-Q5", 422),
        ("rolling?days=0", 400),
        ("rolling?days=367", 400),
        ("weekly?period=2026-W31&market=FR", 404),
        ("weekly?period=2026-W31&brand=None", 404),
        ("weekly?period=2026-W31&person=999", 404),
        ("compare?period=2026-W31", 400),
        ("compare?period=2026-W31&by=planet", 400),
    ],
)
def test_what_is_not_there_is_told(owner: ValidatingClient, shops: World, path: str, status: int) -> None:
    """Bad parameters and empty slices are no empty scorecards."""
    assert owner.get(f"{BASE}/scorecards/{path}").status_code == status


def test_a_market_and_a_brand_are_their_stores(owner: ValidatingClient, shops: World) -> None:
    """Both give what naming the stores gives."""
    us, jp = shops.stores["US"], shops.stores["JP"]
    for store_id in (us, jp):
        path = f"{BASE}/stores/{store_id}/brand"
        etag = owner.get(path)["ETag"]
        assert owner.put(path, {"brand": "Northwind"}, headers={"If-Match": etag}).status_code == 200
        assert owner.put(path, {"brand": "Other"}, headers={"If-Match": etag}).status_code == 412

    def card(**asked: Any) -> Any:
        body = get(owner, "scorecards/weekly", period=WEEK, **asked)
        return {key: value for key, value in body.items() if key != "generated_at"}

    assert card(market="JP") == card(store=jp)
    assert card(brand="Northwind") == card(store=[us, jp])
    assert card(brand="Northwind", market="US") == card(store=us)


def test_the_trend_ends_with_the_period_itself(owner: ValidatingClient, shops: World) -> None:
    """The last point is the value, the one before the value of the week before; unknown weeks are null."""
    body = get(owner, "scorecards/weekly", period=WEEK, store=shops.stores["US"], trend=4)
    for row in body["kpis"]:
        points = row["trend"]
        assert [point["period"] for point in points] == ["2026-W28", "2026-W29", "2026-W30", "2026-W31"]
        assert points[-1]["value"] == row["value"]
        if row["change"]["previous"] is not None:
            assert points[-2]["value"] == row["change"]["previous"]
    before = get(owner, "scorecards/weekly", period="2026-W30", store=shops.stores["US"])
    assert line(body, "units")["trend"][-2]["value"] == line(before, "units")["value"]


def test_groups_say_what_their_own_scorecards_say(
    owner: ValidatingClient, planned: World, acme: ClientRef
) -> None:
    """Per store, market and brand: score, verdicts and values of the group's own scorecard."""
    compared = {
        by: get(owner, "scorecards/compare", period=WEEK, by=by) for by in ("store", "market", "brand")
    }
    for by, named in (("store", "store"), ("market", "market")):
        for group in compared[by]["groups"]:
            own = get(owner, "scorecards/weekly", period=WEEK, **{named: group["key"]})
            assert (group["score"], group["status"]) == (own["score"], own["status"])
            for short in group["kpis"]:
                assert short.items() <= line(own, short["key"]).items()
    (nobody,) = compared["brand"]["groups"]
    assert nobody["key"] == ""
    only = get(owner, "scorecards/compare", period=WEEK, by="store", kpi="units")
    assert {row["key"] for group in only["groups"] for row in group["kpis"]} <= {"units"}


def test_groups_are_read_at_once(planned: World, acme: ClientRef) -> None:
    """However many stores there are, the statements are the same."""
    with use_tenant(acme):
        compare_groups(Period.parse(WEEK), GroupBy.STORE, within=Slice())
        with CaptureQueriesContext(connection) as found:
            groups = compare_groups(Period.parse(WEEK), GroupBy.STORE, within=Slice())["groups"]
    assert len(groups) == 3
    assert len(found) == 1


def test_a_person_answers_for_a_share(owner: ValidatingClient, planned: World, acme: ClientRef) -> None:
    """Two share ACoS by 60 and 40: each has it with that part of its weight, and nothing else."""
    us = planned.stores["US"]
    people = [make_member(acme, Role.OPERATOR)[0] for _ in range(2)]
    shares = [
        ShareDraft(user_id, None, Decimal(share)) for user_id, share in zip(people, (60, 40), strict=True)
    ]
    with use_tenant(acme):
        assign_kpi(store_id=us, kpi="acos", shares=shares, effective_on=FIRST, version=0)
        whole = get_scorecard(Period.parse(WEEK), store_ids=[us])
        cards = [get_scorecard(Period.parse(WEEK), within=Slice(person=person)) for person in people]
        by_person = compare_groups(Period.parse(WEEK), GroupBy.PERSON, within=Slice(stores=(us,)))
    weight = Decimal(line(whole, "acos")["weight"])
    for card, part in zip(cards, (Decimal("0.6"), Decimal("0.4")), strict=True):
        (own,) = card["kpis"]
        assert own["key"] == "acos"
        assert own["value"] == line(whole, "acos")["value"]
        assert Decimal(own["weight"]) == weight * part
    assert {group["key"] for group in by_person["groups"]} == {*map(str, people), ""}
    weights = [Decimal(row["weight"]) for group in by_person["groups"] for row in group["kpis"]]
    assert sum(weights) == sum(Decimal(row["weight"]) for row in whole["kpis"])


def test_every_number_says_what_it_is_made_of(owner: ValidatingClient, shops: World) -> None:
    """Formula, inputs with their tables, streams with their state; for points of a series too."""
    us = shops.stores["US"]
    body = get(owner, "scorecards/rolling", days=7, end="2026-08-02", store=us, explain="true")
    told = line(body, "acos")["explain"]
    assert {each["measure"] for each in told["inputs"]} == set(told["measures"]) == {"ad_spend", "ad_sales"}
    assert {each["facts"] for each in told["inputs"]} == {"fact_ad_day"}
    assert told["streams"][0]["stream"] == "sp_advertised_product"
    assert told["streams"][0]["covered_through"] == "2026-09-30"
    asked = {"from": "2026-07-27", "to": "2026-08-09", "grain": "week", "store": us, "explain": "true"}
    series = get(owner, "kpis/acos/series", **asked)
    assert series["explain"]["inputs"] == told["inputs"]
    for point in series["points"]:
        parts = point["explain"]
        quotient = Decimal(parts["numerator"]) / Decimal(parts["denominator"])
        assert round(quotient, 6) == Decimal(point["value"])
    assert date.fromisoformat(series["points"][0]["start"]) == date(2026, 7, 27)
    assert {*SUMMED} <= {row["key"] for row in body["kpis"]}
