"""A dashboard in one call: what each widget says, one moment for all, a problem in place of one alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.permissions import Capability
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, WEEK, get, line
from tests.kpis.world import FIRST, World


def read(client: ValidatingClient, *widgets: dict[str, Any], **asked: Any) -> Any:
    """The answer to some widgets, without an Idempotency-Key."""
    return client.post(f"{BASE}/dashboards/read", {"widgets": list(widgets), **asked}, format="json")


def shown(client: ValidatingClient, *widgets: dict[str, Any], **asked: Any) -> list[dict[str, Any]]:
    """The answers to some widgets."""
    response = read(client, *widgets, **asked)
    assert response.status_code == 200, response.content
    found: list[dict[str, Any]] = response.json()["widgets"]
    return found


def test_each_widget_says_what_its_own_endpoint_says(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Scorecard, value, series, breakdown and movers."""
    us = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=us, template="us_fba_mature", effective_on=FIRST, owner="Li")
    days = {"from": "2026-07-27", "to": "2026-08-02"}
    card, value, bare, series, parts, moved = shown(
        owner,
        {"id": "a", "kind": "scorecard", "period": WEEK, "store": [us], "trend": 3},
        {"id": "b", "kind": "value", "kpi": "acos", "period": WEEK, "store": [us]},
        {"id": "c", "kind": "value", "kpi": "units", "period": "2026-08-02~7d"},
        {"id": "d", "kind": "series", "kpi": "units", **days},
        {"id": "e", "kind": "breakdown", "kpi": "units", "period": WEEK},
        {"id": "f", "kind": "movers", "period": WEEK, "most": 3},
    )
    own = get(owner, "scorecards/weekly", period=WEEK, store=us, trend=3)
    moment = "generated_at"
    assert {**card["scorecard"], moment: None} == {**own, moment: None}
    without_trend = {key: part for key, part in line(own, "acos").items() if key != "trend"}
    assert value["value"]["line"] == without_trend
    assert series["series"] == get(owner, "kpis/units/series", **days)
    total = sum(int(point["value"] or 0) for point in series["series"]["points"])
    everything = bare["value"]["point"] or bare["value"]["line"]
    assert int(everything["value"]) == total == int(parts["breakdown"]["value"])
    assert sum(int(part["value"]) for part in parts["breakdown"]["parts"]) == total
    changes = [abs(float(each["change"]["relative"])) for each in moved["movers"]["movers"]]
    assert len(changes) == 3
    assert changes == sorted(changes, reverse=True)


def test_a_widget_that_fails_leaves_the_others_alone(owner: ValidatingClient, shops: World) -> None:
    """Unknown KPIs, missing members and periods that are none are told in place of the answer."""
    found = shown(
        owner,
        {"id": "a", "kind": "value", "kpi": "nothing", "period": WEEK},
        {"id": "b", "kind": "series", "kpi": "units"},
        {"id": "c", "kind": "scorecard", "period": "lately"},
        {"id": "d", "kind": "scorecard", "period": WEEK, "market": "FR"},
        {"id": "e", "kind": "breakdown", "kpi": "units", "period": WEEK},
    )
    assert [each["problem"] and each["problem"]["code"] for each in found] == [
        "not_found",
        "invalid",
        "bad_period",
        "not_found",
        None,
    ]
    assert "value" not in found[0]


@pytest.mark.parametrize("widgets", [[], [{"id": str(n), "kind": "movers"} for n in range(13)]])
def test_there_are_one_to_twelve_widgets(
    owner: ValidatingClient, shops: World, widgets: list[dict[str, Any]]
) -> None:
    """More would be another dashboard."""
    assert read(owner, *widgets).status_code == 422


def test_widgets_have_ids_of_their_own(owner: ValidatingClient, shops: World) -> None:
    """Otherwise nobody could tell the answers apart."""
    widget = {"id": "a", "kind": "scorecard", "period": WEEK}
    assert read(owner, widget, widget).status_code == 422


def test_a_key_without_the_right_sees_no_series(
    as_key: Callable[..., ValidatingClient], shops: World
) -> None:
    """scorecard:read opens scorecards; series and breakdowns need kpi:read, as their own endpoints do."""
    series = {"id": "s", "kind": "series", "kpi": "units", "from": "2026-07-27", "to": "2026-08-02"}
    card = {"id": "c", "kind": "scorecard", "period": WEEK}
    found = shown(as_key({Capability.SCORECARD_READ}), series, card)
    assert [each["problem"] and each["problem"]["code"] for each in found] == ["permission_denied", None]
