"""Scorecards, series and the catalogue through HTTP, every answer held to the OpenAPI description."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.lib import clock
from config.lib.calendars import Period
from connectors import models as c
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.types import Family
from kpis.catalog import ALL_KPIS, CATALOG
from kpis.models import DailyMeasure, Target
from kpis.selectors import answer, readings, scorecards
from kpis.services.rollup import recompute_days, roll_up
from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, STREAMS, WEEK, cover, get, line
from tests.kpis.test_targets import TARGET, put
from tests.kpis.world import FIRST, World, days


def test_a_weekly_scorecard_without_a_plan_shows_the_catalogue(owner: ValidatingClient, shops: World) -> None:
    """Every KPI with its meta; native money for one store; nothing is judged without a target."""
    body = get(owner, "scorecards/weekly", period=WEEK, store=shops.stores["JP"])
    assert [row["key"] for row in body["kpis"]] == [kpi.key for kpi in ALL_KPIS]
    fed = {kpi.key for kpi in ALL_KPIS if kpi.needs and all(set(group) & set(STREAMS) for group in kpi.needs)}
    assert body["currency"] == "JPY"
    assert body["exchange"] == []
    sales = line(body, "net_sales")
    assert sales["value"]["currency"] == "JPY"
    assert "." not in sales["value"]["amount"]
    assert sales["status"] == "no_target"
    for row in body["kpis"]:
        if row["key"] not in fed:
            continue
        assert (row["coverage"], row["is_final"]) == ("1.0000", True), row["key"]
        assert row["data_as_of"] == "2026-09-30T12:00:00Z"
        assert row["sources"]
        assert row["basis"]


def test_a_template_brings_targets_weights_verdicts_and_a_score(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """After POST template the same week is judged; what nobody has handed in counts as unknown."""
    store_id = shops.stores["JP"]
    response = owner.post(
        f"{BASE}/stores/{store_id}/template", {"template": "jp_fba_mature", "effective_on": "2026-07-01"}
    )
    assert response.status_code == 201, response.content
    body = get(owner, "scorecards/weekly", period=WEEK, store=store_id)
    assert [row["key"] for row in body["kpis"][:5]] == [
        "gross_margin_pct",
        "acos",
        "return_rate",
        "review_score",
        "price_competitiveness_index",
    ]
    reviews = line(body, "review_score")
    assert (reviews["status"], reviews["status_reason"]) == ("insufficient_data", "never_synced")
    assert (reviews["score"], reviews["weight"]) == (None, "15.00")
    acos = line(body, "acos")
    assert (acos["target"], acos["warn"]) == ("0.2", "0.3")
    assert acos["status"] in {"ok", "warn", "bad"}
    assert acos["score"] is not None
    band = line(body, "price_competitiveness_index")
    assert band["target"] == {"low": "0.97", "high": "1.03"}
    margin = line(body, "gross_margin_pct")
    assert (margin["status"], margin["status_reason"], margin["score"]) == (
        "insufficient_data",
        "cost_incomplete",
        None,
    )
    assert (margin["value"], margin["why_missing"]) == (None, "cost_incomplete")
    assert Decimal(margin["cost_completeness"]) < Decimal("0.95")
    assert Decimal(body["share_with_data"]) < 1
    targets = get(owner, f"stores/{store_id}/targets", on="2026-08-01")
    assert targets["weight_total"] == "100.00"
    assert targets["plan"]["template"] == "jp_fba_mature"
    with use_tenant(acme):
        assert AuditEntry.objects.filter(verb="template.applied").count() == 1


def test_several_currencies_are_shown_in_the_reporting_currency(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """All stores: money in dollars with the dates of the rates, equal to the sum of converted days."""
    body = get(owner, "scorecards/weekly", period=WEEK)
    assert body["currency"] == "USD"
    assert {row["from"] for row in body["exchange"]} == {"JPY", "MXN"}
    assert all(row["first_rate_on"] and row["last_rate_on"] <= "2026-08-02" for row in body["exchange"])
    with use_tenant(acme):
        rows = DailyMeasure.objects.filter(
            measure="gmv_ordered", known_to=None, business_on__range=("2026-07-27", "2026-08-02")
        )
        total = sum((row.reporting_value or Decimal(0) for row in rows), Decimal(0))
    assert line(body, "gmv_ordered")["value"] == {"amount": f"{total:.2f}", "currency": "USD"}


def test_incomplete_data_gets_no_verdict(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """K20: a running week, missing days, unsettled attribution and a stalled feed each say so."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")

    def reason(key: str) -> str:
        row = line(get(owner, "scorecards/weekly", period=WEEK, store=store_id), key)
        assert row["status"] == "insufficient_data"
        assert row["score"] is None
        return str(row["status_reason"])

    with use_tenant(acme):
        cover(store_id, date(2026, 7, 30))
    assert reason("acos") == "stale"
    with clock.frozen(datetime(2026, 8, 5, 12, tzinfo=UTC)):
        with use_tenant(acme):
            cover(store_id, date(2026, 8, 4))
        assert reason("acos") == "not_final"
    with clock.frozen(datetime(2026, 7, 31, 12, tzinfo=UTC)):
        with use_tenant(acme):
            cover(store_id, date(2026, 7, 30))
        assert reason("acos") == "period_incomplete"
        body = get(owner, "scorecards/weekly", period=WEEK, store=store_id)
        assert line(body, "orders")["change"]["why_missing"] == "period_incomplete"
        assert body["period"]["is_over"] is False
    with use_tenant(acme):
        cover(store_id, streams=())
    assert reason("acos") == "never_synced"


def test_a_small_sample_gets_no_verdict(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """Under 300 sessions a conversion rate is shown, not judged."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
        c.TrafficDay.objects.filter(store_id=store_id, product_id="").update(sessions=10)
        recompute_days(days=[(store_id, day) for day in days()])
    row = line(get(owner, "scorecards/weekly", period=WEEK, store=store_id), "conversion_rate")
    assert (row["status_reason"], row["sample"]) == ("below_minimum_sample", "70")
    assert row["value"] is not None


def test_change_against_the_week_before(owner: ValidatingClient, shops: World) -> None:
    """WoW is the quotient of the two weeks' own numbers; a year ago nothing was known."""
    this = line(get(owner, "scorecards/weekly", period=WEEK, store=shops.stores["US"]), "units")
    before = line(get(owner, "scorecards/weekly", period="2026-W30", store=shops.stores["US"]), "units")
    assert this["change"]["previous"] == before["value"]
    expected = Decimal(this["value"]) / Decimal(before["value"]) - 1
    assert Decimal(this["change"]["relative"]) == round(expected, 6)
    assert this["year_ago"]["why_missing"] == "no_reference"


def test_exchange_rates_move_only_foreign_shops(owner: ValidatingClient, shops: World) -> None:
    """A dollar shop of a client that reports in dollars has no rate and says so; the others' rates moved."""
    moves = {
        market: line(get(owner, "scorecards/weekly", period=WEEK, store=store_id), "fx_change_pct")
        for market, store_id in shops.stores.items()
    }
    assert (moves["US"]["value"], moves["US"]["why_missing"]) == (None, "same_currency")
    assert moves["JP"]["value"] is not None
    assert moves["MX"]["value"] is not None
    asked = {"from": "2026-07-27", "to": "2026-08-02", "grain": "week", "store": shops.stores["US"]}
    points = get(owner, "kpis/fx_change_pct/series", **asked)["points"]
    assert [point["why_missing"] for point in points] == ["same_currency"]


def test_as_known_at_shows_the_former_value(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """An order that turns up later changes today's scorecard, not the one as known before."""
    store_id = shops.stores["US"]
    with connection.cursor() as cursor, use_tenant(acme):
        cursor.execute("select clock_timestamp()")
        moment = cursor.fetchone()[0]
    path = "scorecards/weekly"
    asked: dict[str, Any] = {"period": WEEK, "store": store_id}
    with clock.frozen(moment):
        before = line(get(owner, path, **asked), "units")["value"]
    with use_tenant(acme):
        for row in c.OrderLine.objects.filter(store_id=store_id, business_on="2026-07-28", status="shipped"):
            row.quantity += 50
            row.is_replacement = False
            row.save()
        mark_dirty_days([DirtyMark(store_id, date(2026, 7, 28), Family.ORDERS)])
        roll_up()
    with clock.frozen(datetime.now(UTC)):
        after = line(get(owner, path, **asked), "units")["value"]
        again = line(get(owner, path, **asked, as_known_at=moment.isoformat()), "units")["value"]
        future = owner.get(f"{BASE}/{path}", {**asked, "as_known_at": "2099-01-01T00:00:00Z"})
    assert int(after) >= int(before) + 50
    assert again == before
    assert future.status_code == 422


def test_explain_shows_the_parts(owner: ValidatingClient, shops: World) -> None:
    """F5: numerator and denominator are the value's, and every measure is listed."""
    body = get(owner, "scorecards/weekly", period=WEEK, store=shops.stores["US"], explain="true")
    row = line(body, "acos")
    parts = row["explain"]
    assert round(Decimal(parts["numerator"]) / Decimal(parts["denominator"]), 6) == Decimal(row["value"])
    assert set(parts["measures"]) == {"ad_spend", "ad_sales"}


def test_the_number_of_queries_does_not_depend_on_the_number_of_kpis(
    owner: ValidatingClient, shops: World, acme: ClientRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three KPIs or thirty-two: the same statements, one of them for all measures of all windows; and one
    alone once the parts have been read."""

    def count() -> list[str]:
        answer.remembered.cache_clear()
        with use_tenant(acme), CaptureQueriesContext(connection) as found:
            scorecards.get_scorecard(Period.parse(WEEK), store_ids=[shops.stores["US"]])
        return [query["sql"] for query in found.captured_queries]

    readings.forget()
    many, again = count(), count()
    monkeypatch.setattr(answer, "CATALOG", {kpi.key: kpi for kpi in ALL_KPIS[:3]})
    readings.forget()
    few = count()
    assert len(many) == len(few) == 4
    assert sum("totals::text" in sql or "kpis_daily_measure" in sql for sql in many) == 1
    assert len(again) == 1
    assert "totals::text" not in again[0]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("scorecards/weekly?period=2026-08", 400, "bad_request"),
        ("scorecards/monthly?period=2026-W31", 400, "bad_request"),
        ("scorecards/weekly?period=lately", 422, "bad_period"),
        ("scorecards/weekly?period=0001-W01", 422, "bad_period"),
        ("scorecards/monthly?period=0001-01", 422, "bad_period"),
        ("scorecards/weekly?period=2026-W31&as_known_at=0001-01-01T00:00:00Z", 400, "bad_request"),
        ("scorecards/weekly?period=2026-W31&as_known_at=2026-08-01T00:00:00", 400, "bad_request"),
        ("scorecards/weekly", 400, "bad_request"),
        ("scorecards/weekly?period=2026-W31&shop=1", 400, "bad_request"),
        ("scorecards/weekly?period=2026-W31&store=999", 404, "not_found"),
        ("kpis/nothing", 404, "not_found"),
        ("kpis/acos/series?from=2026-08-01&to=2026-07-01", 422, "invalid"),
        ("kpis/acos/series?from=2020-01-01&to=2026-07-01", 422, "invalid"),
        ("kpis/acos/series?from=2026-08-01", 400, "bad_request"),
        ("stores/999/targets", 404, "not_found"),
    ],
)
def test_refusals_say_what_is_wrong(
    owner: ValidatingClient, shops: World, path: str, status: int, code: str
) -> None:
    """Unknown parameters, stores, periods and ranges are problems with a stable code."""
    response = owner.get(f"{BASE}/{path}")
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("language", "name"),
    [("zh-Hans", "广告销售成本比"), ("en", "ACoS"), ("ja", "ACoS(広告費売上比)"), ("es-MX", "ACoS")],
)
def test_names_follow_accept_language(
    owner: ValidatingClient, shops: World, language: str, name: str
) -> None:
    """Codes stay, names are translated."""
    response = owner.get(f"{BASE}/kpis/acos", headers={"Accept-Language": language})
    body = response.json()
    assert (body["key"], body["name"]) == ("acos", name)


def test_the_catalogue_lists_every_kpi(owner: ValidatingClient, shops: World) -> None:
    """Every KPI with formula, basis and measures; none is without a way to be fed."""
    rows = {row["key"]: row for row in get(owner, "kpis")["data"]}
    assert set(rows) == set(CATALOG)
    assert rows["acos"]["measures"][0]["meaning"]
    assert all(row["is_available"] for row in rows.values())
    templates = {row["key"] for row in get(owner, "scorecard-templates")["data"]}
    assert {"us_fba_mature", "jp_rakuten_yahoo", "mx_mercadolibre", "us_fba_growth"} <= templates


def test_a_series_computes_each_point_from_its_own_sums(owner: ValidatingClient, shops: World) -> None:
    """The weekly ACoS equals the scorecard's, and is no mean of the daily ones."""
    store_id = shops.stores["US"]
    asked = {"from": "2026-07-27", "to": "2026-08-02", "store": store_id}
    daily = get(owner, "kpis/acos/series", **asked)
    weekly = get(owner, "kpis/acos/series", **asked, grain="week")
    card = line(get(owner, "scorecards/weekly", period=WEEK, store=store_id), "acos")
    assert len(daily["points"]) == 7
    assert [point["value"] for point in weekly["points"]] == [card["value"]]
    assert weekly["points"][0]["period"] == WEEK
    outside = get(owner, "kpis/ad_spend/series", **{**asked, "from": "2026-06-01", "to": "2026-06-02"})
    assert {point["why_missing"] for point in outside["points"]} == {"no_data"}


@pytest.mark.parametrize("role", [Role.CLIENT_VIEWER, Role.CLIENT_ADMIN, Role.OPERATOR])
def test_readers_read_and_do_not_write(
    as_role: Callable[..., ValidatingClient],
    shops: World,
    acme: ClientRef,
    role: Role,
) -> None:
    """A client's login sees its scorecard; setting targets is not its business, and nothing changes."""
    caller = as_role(role)
    store_id = shops.stores["US"]
    assert get(caller, "scorecards/weekly", period=WEEK)["kpis"]
    assert put(caller, f"stores/{store_id}/targets/acos", TARGET, '"0"').status_code == 403
    template = caller.post(f"{BASE}/stores/{store_id}/template", {"template": "us_fba_mature"})
    assert template.status_code == 403
    with use_tenant(acme):
        assert not Target.objects.exists()


def test_another_clients_scorecard_is_not_there(owner: ValidatingClient, shops: World) -> None:
    """An owner of acme meets 404 at globex."""
    response = owner.get("/api/v1/clients/globex/scorecards/weekly", {"period": WEEK})
    assert response.status_code == 404
