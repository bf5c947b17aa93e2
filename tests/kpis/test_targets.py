"""Targets, templates and baselines through HTTP: dated, versioned, complete, and never overwritten."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from connectors import models as c
from kpis.models import Baseline, Target
from kpis.services.rollup import recompute_days
from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, get, give_baseline
from tests.kpis.world import FIRST, LAST, World, days


def put(client: ValidatingClient, path: str, body: Any, tag: str | None) -> Any:
    """PUT with an If-Match, or without one."""
    headers = {} if tag is None else {"If-Match": tag}
    return client.put(f"{BASE}/{path}", body, format="json", headers=headers)


TARGET = {
    "role": "core",
    "weight": "20",
    "target": "0.22",
    "warn": "0.30",
    "effective_on": "2026-07-27",
    "deadline": "2026-12-31",
    "owner": "Li Na",
    "source": "contract of 2026-07-01",
}


def test_a_target_is_set_with_if_match_and_judges_from_its_day_on(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """First with version 0, then with the ETag; an old ETag is refused; the week before keeps its own."""
    store_id = shops.stores["US"]
    path = f"stores/{store_id}/targets/acos"
    assert owner.get(f"{BASE}/{path}").status_code == 404
    assert put(owner, path, TARGET, None).status_code == 428
    give_baseline(owner, store_id, "acos", "0.30")
    first = put(owner, path, TARGET, '"0"')
    assert first.status_code == 200, first.content
    assert first["ETag"] == '"1"'
    assert put(owner, path, TARGET, '"0"').status_code == 412
    change = {**TARGET, "target": "0.20", "effective_on": "2026-08-03"}
    refused = put(owner, path, change, '"1"')
    assert [error["code"] for error in refused.json()["errors"]] == ["changed_too_soon"]
    second = put(owner, path, {**change, "override_reason": "agreed with the client"}, '"1"')
    assert (second.status_code, second["ETag"]) == (200, '"2"')

    def target_of(period: str) -> Any:
        rows = get(owner, "scorecards/weekly", period=period, store=store_id)["kpis"]
        return next((row["target"] for row in rows if row["key"] == "acos"), None)

    assert [target_of(period) for period in ("2026-W31", "2026-W32")] == ["0.22", "0.2"]
    with use_tenant(acme):
        entries = AuditEntry.objects.filter(verb="target.set").order_by("seq")
        assert [(entry.after or {})["version"] for entry in entries] == [1, 2]
        assert (entries[1].before or {})["target"] == "0.22"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"owner": ""}, "/owner"),
        ({"source": ""}, "/source"),
        ({"deadline": None}, "/deadline"),
        ({"deadline": "2026-01-01"}, "/deadline"),
        ({"warn": "0.10"}, "/target"),
        ({"target_low": "0.10"}, "/target"),
        ({"target": None, "warn": None}, "/weight"),
        ({"target": 0.2}, None),
    ],
)
def test_a_target_that_breaks_a_rule_is_refused(
    owner: ValidatingClient, shops: World, acme: ClientRef, change: dict[str, Any], pointer: str | None
) -> None:
    """Nothing is recorded, and the answer points at the fault."""
    response = put(owner, f"stores/{shops.stores['US']}/targets/acos", {**TARGET, **change}, '"0"')
    assert response.status_code == (400 if pointer is None else 422)
    if pointer is not None:
        assert pointer in {error["pointer"] for error in response.json()["errors"]}
    with use_tenant(acme):
        assert not Target.objects.exists()
        assert not AuditEntry.objects.filter(verb="target.set").exists()


def test_a_sixth_core_kpi_is_refused_with_advice(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """K7: three to five core KPIs; the answer names those there are."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
    response = put(owner, f"stores/{store_id}/targets/tacos", TARGET, '"1"')
    assert response.status_code == 422
    error = response.json()["errors"][0]
    assert error["code"] == "too_many_core"
    assert "acos" in error["detail"]


def test_the_first_target_freezes_the_baseline(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """The median of the known weeks before, frozen: later facts and targets do not move it."""
    store_id = shops.stores["US"]
    path = f"stores/{store_id}/targets/acos"
    later = {**TARGET, "effective_on": "2026-08-12"}
    assert put(owner, path, later, '"0"').status_code == 200
    weeks = get(owner, "kpis/acos/series", **{"from": FIRST, "to": LAST, "grain": "week", "store": store_id})[
        "points"
    ]
    values = sorted(Decimal(point["value"]) for point in weeks)
    with use_tenant(acme):
        frozen = Baseline.objects.get()
        assert (frozen.n, frozen.window_start_on) == (4, FIRST)
        mean = (values[1] + values[2]) / 2
        assert frozen.value == mean.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)
        c.AdDay.objects.filter(store_id=store_id).update(cost_amount=1)
        recompute_days(days=[(store_id, day) for day in days()])
    change = {**later, "target": "0.21", "override_reason": "test"}
    assert put(owner, path, change, '"1"').status_code == 200
    with use_tenant(acme):
        assert Baseline.objects.get().value == frozen.value


def test_a_template_of_another_market_is_refused(owner: ValidatingClient, shops: World) -> None:
    """Mexico's targets do not judge a Japanese store."""
    path = f"{BASE}/stores/{shops.stores['JP']}/template"
    response = owner.post(path, {"template": "mx_fba_mature"})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/template")
    assert owner.post(path, {"template": "nothing"}).status_code == 404
