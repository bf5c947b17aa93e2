"""Formulas of a client through HTTP: tried, saved, changed with a reason, used like a KPI, archived."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.lib import clock
from kpis.models import Formula
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, get
from tests.kpis.world import World

GIVEN: dict[str, Any] = {
    "names": {"en": "Sales per order", "zh": "单均销售额"},
    "unit": "money",
    "direction": "up",
    "expression": "net_sales / orders",
    "note": "test",
}


def put(client: ValidatingClient, key: str, etag: str = '"0"', **changes: Any) -> Any:
    """Save a formula."""
    return client.put(f"{BASE}/formulas/{key}", {**GIVEN, **changes}, headers={"If-Match": etag})


def saved(acme: ClientRef) -> int:
    """How many versions there are."""
    with use_tenant(acme):
        return Formula.objects.count()


def test_a_formula_is_a_kpi_like_any_other(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """It stands in the catalogue, and its series is that of the KPI it repeats."""
    response = put(owner, "sales_per_order")
    assert response.status_code == 200, response.content
    assert response["ETag"] == '"1"'
    listed = {row["key"]: row for row in get(owner, "kpis")["data"]}
    assert listed["sales_per_order"]["kind"] == "formula"
    assert listed["sales_per_order"]["needs"] == listed["aov"]["needs"]
    asked = {"from": "2026-08-03", "to": "2026-08-30", "grain": "week", "store": shops.stores["US"]}
    own, aov = (get(owner, f"kpis/{key}/series", **asked)["points"] for key in ("sales_per_order", "aov"))
    assert [point["value"] for point in own] == [point["value"] for point in aov]
    assert any(point["value"] for point in own)
    with use_tenant(acme):
        assert AuditEntry.objects.filter(verb="formula.saved").count() == 1


def test_every_mistake_is_told_at_once_and_nothing_is_saved(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """An unknown name and a bad key come in one answer, with the place and the name that was meant."""
    response = put(owner, "x", expression="net_sale / orders + orders")
    assert response.status_code == 422
    errors = response.json()["errors"]
    assert {error["code"] for error in errors} == {"invalid_key", "unknown_name"}
    text = next(error for error in errors if error.get("pointer") == "/expression")
    assert "column 1" in text["detail"]
    assert "net_sales" in text["detail"]
    assert saved(acme) == 0


def test_a_key_of_the_catalogue_cannot_be_taken(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Nobody redefines net sales under everybody's feet."""
    assert put(owner, "net_sales").status_code == 422
    assert put(owner, "live_sales").status_code == 422
    assert saved(acme) == 0


def test_a_cycle_is_refused_with_its_way(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """a → b → a is told as such; a formula on itself too."""
    assert put(owner, "own_a").status_code == 200
    assert put(owner, "own_b", expression="own_a * 2").status_code == 200
    response = put(owner, "own_a", '"1"', expression="own_b / 2", override_reason="trying")
    assert response.status_code == 422
    assert "own_a → own_b → own_a" in response.json()["errors"][0]["detail"]
    assert put(owner, "own_c", expression="own_c + net_sales").status_code == 422
    assert saved(acme) == 2


def test_a_change_within_a_quarter_needs_a_reason_and_runs_in_parallel(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """K8: without a reason it waits for the quarter; former and present version stand beside each other."""
    put(owner, "own_a")
    refused = put(owner, "own_a", '"1"', expression="2 * net_sales / orders")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "changed_too_soon"
    assert saved(acme) == 1
    assert (
        put(
            owner, "own_a", '"1"', expression="2 * net_sales / orders", override_reason="the client asked"
        ).status_code
        == 200
    )
    body = get(owner, "formulas/own_a/parallel", points=13, store=shops.stores["US"])
    assert body["versions"] == [1, 2]
    pairs = [[each["value"] for each in point["values"]] for point in body["points"]]
    for former, present in pairs:
        if former is not None:
            assert abs(Decimal(present["amount"]) - 2 * Decimal(former["amount"])) <= Decimal("0.01")
    assert any(former for former, _ in pairs)
    with clock.frozen(datetime(2027, 6, 1, tzinfo=UTC) + timedelta(days=1)):
        assert put(owner, "own_a", '"2"').status_code == 200


def test_a_stale_etag_is_refused(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """The second of two editors reads again first."""
    put(owner, "own_a")
    assert put(owner, "own_a", '"0"', override_reason="x", expression="aov").status_code == 412
    assert owner.put(f"{BASE}/formulas/own_a", GIVEN).status_code == 428
    assert saved(acme) == 1


def test_a_formula_in_use_is_not_taken_away(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """What stands on it is named; afterwards it goes, its versions stay, and it can come back."""
    put(owner, "own_a")
    put(owner, "own_b", expression="own_a * 2")
    refused = owner.delete(f"{BASE}/formulas/own_a", headers={"If-Match": '"1"'})
    assert refused.status_code == 409
    assert "own_b" in refused.json()["detail"]
    assert owner.delete(f"{BASE}/formulas/own_b", headers={"If-Match": '"1"'}).status_code == 200
    assert owner.delete(f"{BASE}/formulas/own_a", headers={"If-Match": '"1"'}).status_code == 200
    assert get(owner, "formulas")["data"] == []
    assert [row["version"] for row in get(owner, "formulas/own_a/versions")["data"]] == [2, 1]
    assert put(owner, "own_a", '"2"').status_code == 200


def test_a_preview_shows_history_or_every_fault_and_saves_nothing(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """A sound text shows its values over complete weeks, a broken one where it is broken."""
    sound = owner.post(
        f"{BASE}/formulas/preview",
        {
            "expression": "1000 * orders / sessions",
            "unit": "multiple",
            "points": 4,
            "store": [shops.stores["US"]],
        },
    )
    assert sound.status_code == 200, sound.content
    assert sound.json()["is_valid"]
    assert sound.json()["depends_on"] == ["orders", "sessions"]
    assert len(sound.json()["points"]) == 4
    broken = owner.post(f"{BASE}/formulas/preview", {"expression": "orders + (", "unit": "count"}).json()
    assert not broken["is_valid"]
    assert broken["points"] == []
    assert [fault["code"] for fault in broken["faults"]] == ["bracket_open", "operand_missing"]
    assert saved(acme) == 0


def test_measures_are_listed_with_their_meaning(owner: ValidatingClient, shops: World) -> None:
    """What a formula may name is told, not guessed."""
    rows = {row["key"]: row for row in get(owner, "measures")["data"]}
    assert rows["live_sales"]["unit"] == "money"
    assert all(row["meaning"] for row in rows.values())


@pytest.mark.parametrize("key", ["nothing_here", "net_sales"])
def test_a_formula_that_is_not_there_is_404(owner: ValidatingClient, shops: World, key: str) -> None:
    """Reading, comparing and archiving what is none."""
    for path in (f"formulas/{key}", f"formulas/{key}/versions", f"formulas/{key}/parallel"):
        assert owner.get(f"{BASE}/{path}").status_code == 404
    assert owner.delete(f"{BASE}/formulas/{key}", headers={"If-Match": '"1"'}).status_code == 404
