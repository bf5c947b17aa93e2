"""The trend pack over HTTP: history as the scorecards have it, a trend only from complete weeks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, get, line
from tests.kpis.world import World

pytestmark = pytest.mark.django_db


def test_the_history_is_that_of_the_scorecards(owner: ValidatingClient, shops: World) -> None:
    """Weeks up to the last one that is over; the figures are the scorecard's own; three scenarios."""
    store = str(shops.stores["US"])
    body = get(owner, "kpis/units/trend-pack", store=store, periods=12, horizon=4, shift="0.1")
    weeks = {point["period"]: point for point in body["history"]}
    assert list(weeks)[-1] == "2026-W39"
    assert len(weeks) == 12
    card = get(owner, "scorecards/weekly", period="2026-W31", store=store)
    assert weeks["2026-W31"]["value"] == line(card, "units")["value"]
    assert body["trend"]["points"] == sum(point["is_used"] for point in body["history"])
    assert [each["name"] for each in body["scenarios"]] == ["unchanged", "trend", "shift +0.1"]
    for each in body["scenarios"]:
        assert Decimal(each["low"]) <= Decimal(each["last"]) <= Decimal(each["high"])


def test_weeks_before_the_first_are_unknown_and_not_zero(owner: ValidatingClient, shops: World) -> None:
    """In the history, and in a formula's preview."""
    store = shops.stores["US"]
    first = get(owner, "kpis/units/trend-pack", store=str(store), periods=26, shift="0")["history"][0]
    assert (first["coverage"], first["value"]) == ("0.0000", None)
    asked = {"expression": "2 * units", "unit": "count", "points": 26, "store": [store]}
    point = owner.post(f"{BASE}/formulas/preview", asked).json()["points"][0]
    assert (point["period"], point["values"]) == (
        first["period"],
        [{"value": None, "why_missing": "no_data"}],
    )


def test_what_nobody_knows_has_no_trend(owner: ValidatingClient, shops: World) -> None:
    """Months of which too few are covered give no line and no confidence."""
    body = get(owner, "kpis/net_sales/trend-pack", grain="month", periods=6)
    assert body["trend"] is None
    assert body["confidence"] == "none"
    assert body["scenarios"] == []
    assert owner.get(f"{BASE}/kpis/nothing/trend-pack").status_code == 404
    assert owner.get(f"{BASE}/kpis/units/trend-pack?periods=2").status_code == 400
