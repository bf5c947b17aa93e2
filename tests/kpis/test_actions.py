"""Actions through HTTP: step by step to a measured verdict, handed over in time, counted for the team."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from config.lib import clock
from connectors import models as c
from kpis.models import Action, ActionStep, Issue
from kpis.services.effects import measure_due_effects
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, get
from tests.kpis.world import World

GIVEN: dict[str, Any] = {
    "title": "Lower the price",
    "kpi": "units",
    "skus": ["TENT"],
    "department": "operations",
    "owner": "Li Na",
    "due_on": "2026-10-05",
    "direction": "up",
    "expected_size": "0.5",
}


def open_action(owner: ValidatingClient, shops: World, **changes: Any) -> dict[str, Any]:
    """A new action of the US store."""
    response = owner.post(f"{BASE}/actions", {**GIVEN, "store_ids": [shops.stores["US"]], **changes})
    assert response.status_code == 201, response.content
    body: dict[str, Any] = response.json()
    return body


def step(owner: ValidatingClient, action: dict[str, Any], state: str, note: str = "") -> Any:
    """Take the action one step further, as it is now."""
    now = get(owner, f"actions/{action['id']}")
    return owner.patch(
        f"{BASE}/actions/{action['id']}",
        {"state": state, "note": note},
        headers={"If-Match": f'"{now["version"]}"'},
    )


def test_an_action_goes_its_way_and_no_other(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """Every step is written down and audited; what does not follow is refused and changes nothing."""
    action = open_action(owner, shops)
    assert step(owner, action, "done").status_code == 409
    assert step(owner, action, "accepted").status_code == 200
    assert step(owner, action, "cancelled").status_code == 422
    done = step(owner, action, "done")
    assert done.status_code == 200, done.content
    assert done.json()["done_on"] == "2026-10-01"
    assert done.json()["measure_from"] == "2026-10-19"
    for state in ("accepted", "cancelled", "done"):
        assert step(owner, action, state, "x").status_code == 409
    steps = get(owner, f"actions/{action['id']}/steps")["data"]
    assert [(each["before"], each["after"]) for each in steps] == [
        ("", "open"),
        ("open", "accepted"),
        ("accepted", "done"),
    ]
    stale = owner.patch(f"{BASE}/actions/{action['id']}", {"state": "done"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    with use_tenant(acme):
        assert AuditEntry.objects.filter(target_type="action").count() == 3
        assert ActionStep.objects.count() == 3


@pytest.mark.parametrize(("due_on", "is_ok"), [("2026-10-01", True), ("2026-09-30", False)])
def test_a_finished_action_is_a_work_item(
    due_on: str, is_ok: bool, owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Done on the due day of the shop is on time, a day later is not (R8); one item per store."""
    stores = [shops.stores["US"], shops.stores["JP"]]
    action = open_action(owner, shops, due_on=due_on, store_ids=stores, skus=[])
    step(owner, action, "accepted")
    assert step(owner, action, "done").status_code == 200
    with use_tenant(acme):
        items = c.WorkItem.objects.filter(work_key=f"action:{action['id']}").order_by("store_id")
        assert [(item.store_id, item.kind, item.is_ok) for item in items] == [
            (stores[0], "action_item", is_ok),
            (stores[1], "action_item", is_ok),
        ]


def test_lists_find_what_is_late_whose_and_where(owner: ValidatingClient, shops: World) -> None:
    """By owner, state, store, KPI and overdue."""
    late = open_action(owner, shops, due_on="2026-09-30", owner_id=7)
    other = open_action(owner, shops, store_ids=[shops.stores["JP"]], kpi="acos", skus=[])

    def ids(**query: Any) -> list[int]:
        return [row["id"] for row in get(owner, "actions", **query)["data"]]

    assert ids(overdue="true") == ids(owner=7) == ids(store=shops.stores["US"]) == [late["id"]]
    assert ids(overdue="false") == ids(kpi="acos") == [other["id"]]
    assert ids(state="open") == [other["id"], late["id"]]
    assert ids(state="done") == []


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"kpi": "nothing"}, 404),
        ({"store_ids": [999_999]}, 404),
        ({"store_ids": []}, 422),
        ({"issue_id": 999_999}, 404),
        ({"playbook_id": 999_999}, 404),
        ({"expected_size": "0"}, 422),
    ],
)
def test_what_cannot_be_done_is_not_opened(
    changes: dict[str, Any], status: int, owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Unknown KPIs, stores, issues and playbooks; an effect of nothing."""
    body = {**GIVEN, "store_ids": [shops.stores["US"]], **changes}
    assert owner.post(f"{BASE}/actions", body).status_code == status
    with use_tenant(acme):
        assert not Action.objects.exists()


def test_a_hand_off_runs_against_the_clock(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """Offered once at a time, overdue after its hours, declined with a reason, accepted moves the action."""
    action = open_action(owner, shops)
    path = f"{BASE}/actions/{action['id']}/hand-offs"
    offered = owner.post(path, {"department": "warehouse", "hours": 24})
    assert offered.status_code == 201, offered.content
    assert owner.post(path, {"department": "finance"}).status_code == 409
    assert get(owner, "hand-offs", overdue="true")["data"] == []
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert len(get(owner, "hand-offs", overdue="true", department="warehouse")["data"]) == 1
    one = f"{BASE}/hand-offs/{offered.json()['id']}"
    tag = {"If-Match": '"1"'}
    assert owner.patch(one, {"state": "declined"}, headers=tag).status_code == 422
    assert owner.patch(one, {"state": "declined", "reason": "no stock"}, headers=tag).status_code == 200
    assert get(owner, f"actions/{action['id']}")["department"] == "operations"
    again = owner.post(path, {"department": "warehouse"}).json()
    accepted = owner.patch(f"{BASE}/hand-offs/{again['id']}", {"state": "accepted"}, headers=tag)
    assert accepted.status_code == 200
    assert get(owner, f"actions/{action['id']}")["department"] == "warehouse"
    same = owner.post(path, {"department": "warehouse"})
    assert same.status_code == 422


def sell(store_id: int, *, lift: float, done_on: date) -> None:
    """Sixteen SKUs that sell alike for fifteen weeks, of which TENT sells more once the action is done."""
    proto = c.OrderLine.objects.filter(store_id=store_id, quantity__gt=0, is_replacement=False).first()
    assert proto is not None
    c.OrderLine.objects.filter(store_id=store_id).delete()
    rows = []
    for week in range(16):
        for number in range(16):
            sku = "TENT" if number == 0 else f"S{number}"
            day = done_on - timedelta(weeks=13) + timedelta(weeks=week)
            sold = 40 + (week * 7 + number * 11) % 9
            if sku == "TENT" and day > done_on:
                sold = round(sold * (1 + lift))
            values = {field.name: getattr(proto, field.name) for field in c.OrderLine._meta.fields}
            values.update(
                id=None,
                platform_order_id=f"O{week}-{number}",
                sku=sku,
                business_on=day,
                ordered_at=datetime(day.year, day.month, day.day, 20, tzinfo=UTC),
                status="shipped",
                quantity=sold,
            )
            rows.append(c.OrderLine(**values))
    c.OrderLine.objects.bulk_create(rows)


@pytest.mark.parametrize(
    ("lift", "verdict", "issue_state"), [(1.0, "worked", "resolved"), (0.0, "no_effect", "open")]
)
def test_the_effect_is_measured_by_itself_and_closes_the_issue(
    lift: float, verdict: str, issue_state: str, owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Two full weeks later: TENT against its fifteen siblings; success resolves, failure reopens."""
    done_on = date(2026, 10, 1)
    store_id = shops.stores["US"]
    with use_tenant(acme):
        sell(store_id, lift=lift, done_on=done_on)
        issue = Issue.objects.create(
            store_id=store_id, kpi="units", review_id=1, state="open", numbers={}, opened_at=clock.now()
        )
    action = open_action(owner, shops, issue_id=issue.pk)
    assert get(owner, f"issues/{issue.pk}")["state"] == "in_action"
    early = owner.post(f"{BASE}/actions/{action['id']}/effect", None)
    assert early.status_code == 409
    step(owner, action, "accepted")
    assert step(owner, action, "done").status_code == 200
    with use_tenant(acme):
        assert measure_due_effects() == []
    with clock.frozen(datetime(2026, 12, 15, 12, tzinfo=UTC)):
        with use_tenant(acme):
            assert measure_due_effects() == [action["id"]]
            assert measure_due_effects() == []
        found = get(owner, f"actions/{action['id']}")
        assert (found["state"], found["verdict"]) == ("verified", verdict), found["effect"]
        assert found["effect"]["controls"] == 15
        assert found["effect"]["method"] == "placebo"
        assert float(found["effect"]["low"]) <= lift <= float(found["effect"]["high"])
        assert get(owner, f"issues/{issue.pk}")["state"] == issue_state


def test_figures_that_may_still_change_wait(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """On the first possible day the estimate is kept and the action stays done."""
    with use_tenant(acme):
        sell(shops.stores["US"], lift=1.0, done_on=date(2026, 10, 1))
    action = open_action(owner, shops, kpi="net_sales")
    step(owner, action, "accepted")
    step(owner, action, "done")
    with clock.frozen(datetime(2026, 10, 20, 12, tzinfo=UTC)):
        found = owner.post(f"{BASE}/actions/{action['id']}/effect", None)
        assert found.status_code == 200, found.content
        assert found.json()["state"] == "done"
        assert "not_final" in found.json()["effect"]["doubts"]


def test_what_another_action_touched_is_no_control(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """S1 was treated in the same weeks: fourteen siblings are left."""
    with use_tenant(acme):
        sell(shops.stores["US"], lift=1.0, done_on=date(2026, 10, 1))
    first, other = open_action(owner, shops), open_action(owner, shops, skus=["S1"])
    for action in (first, other):
        step(owner, action, "accepted")
        assert step(owner, action, "done").status_code == 200
    with clock.frozen(datetime(2026, 12, 15, 12, tzinfo=UTC)):
        found = owner.post(f"{BASE}/actions/{first['id']}/effect", None).json()
    assert found["effect"]["controls"] == 14
