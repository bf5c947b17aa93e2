"""Playbooks and fallback plans: counted success, and a plan that asks a person once per run of bad weeks."""

from __future__ import annotations

from typing import Any

from config.lib import clock
from config.lib.calendars import Period
from kpis.models import Action, FallbackTrigger, Issue
from kpis.services.playbooks import check_plans
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, get
from tests.kpis.test_actions import open_action
from tests.kpis.test_reviews import make_bad
from tests.kpis.world import World

PLAYBOOK: dict[str, Any] = {
    "kpi": "units",
    "title": "Run a coupon",
    "steps": "Ten per cent for a week.",
    "department": "operations",
    "direction": "up",
    "expected_size": "0.1",
}


def make_playbook(owner: ValidatingClient, **changes: Any) -> int:
    """A playbook's id."""
    response = owner.post(f"{BASE}/playbooks", {**PLAYBOOK, **changes})
    assert response.status_code == 201, response.content
    found: int = response.json()["id"]
    return found


def make_plan(owner: ValidatingClient, shops: World, playbook: int, **changes: Any) -> Any:
    """A plan for the US store: two bad weeks in a row."""
    given = {
        "store_id": shops.stores["US"],
        "kpi": "units",
        "kind": "week",
        "periods": 2,
        "playbook_id": playbook,
        "approver": "Li Na",
        "owner": "Sato Ken",
    }
    return owner.post(f"{BASE}/fallback-plans", {**given, **changes})


def test_success_is_counted_over_all_stores(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """Three worked, one did not, one is unclear: 75 % with Wilson's interval; an issue is told the best."""
    best, other = make_playbook(owner), make_playbook(owner, title="Change the picture")
    for verdict in ("worked", "worked", "worked", "no_effect", "unclear"):
        action = open_action(owner, shops, playbook_id=best)
        with use_tenant(acme):
            Action.objects.filter(pk=action["id"]).update(state="verified", verdict=verdict)
    success = get(owner, f"playbooks/{best}")["success"]
    assert (success["actions"], success["worked"], success["no_effect"], success["unclear"]) == (5, 3, 1, 1)
    assert (success["rate"], success["low"], success["high"]) == ("0.7500", "0.3006", "0.9544")
    assert get(owner, f"playbooks/{other}")["success"]["rate"] is None
    with use_tenant(acme):
        issue = Issue.objects.create(
            store_id=1, kpi="units", review_id=1, state="open", numbers={}, opened_at=clock.now()
        )
    told = get(owner, f"issues/{issue.pk}/suggestions")["data"]
    assert [row["id"] for row in told] == [best, other]


def test_a_playbook_changes_by_version_and_is_archived(owner: ValidatingClient, shops: World) -> None:
    """An old ETag is refused; an archived one leaves the list and stays readable."""
    number = make_playbook(owner)
    path = f"{BASE}/playbooks/{number}"
    assert owner.patch(path, {"title": "x"}, headers={"If-Match": '"7"'}).status_code == 412
    done = owner.patch(path, {"is_archived": True}, headers={"If-Match": '"1"'})
    assert (done.status_code, done["ETag"]) == (200, '"2"')
    assert get(owner, "playbooks")["data"] == []
    assert get(owner, f"playbooks/{number}")["is_archived"]


def test_a_plan_asks_once_per_run_and_acts_only_after_a_yes(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """One bad week is too few, two ask, a third belongs to the same run; approval opens the action."""
    plan = make_plan(owner, shops, make_playbook(owner), periods=40)
    assert plan.status_code == 422
    plan = make_plan(owner, shops, get(owner, "playbooks")["data"][0]["id"])
    assert plan.status_code == 201, plan.content
    same = make_plan(owner, shops, plan.json()["playbook_id"])
    assert same.status_code == 409
    week = Period.parse("2026-W30")
    with use_tenant(acme):
        assert check_plans(week) == []
    make_bad(owner, shops.stores["US"])
    with use_tenant(acme):
        assert len(check_plans(week)) == 1
        assert check_plans(week) == []
        assert check_plans(week.next()) == []
        assert FallbackTrigger.objects.count() == 1
        assert not Action.objects.exists()
    row = get(owner, "fallback-triggers", state="pending")["data"][0]
    assert row["last_period"] == "2026-W30"
    path = f"{BASE}/fallback-triggers/{row['id']}"
    tag = {"If-Match": '"1"'}
    assert owner.patch(path, {"state": "approved"}, headers=tag).status_code == 422
    assert owner.patch(path, {"state": "rejected"}, headers=tag).status_code == 422
    yes = owner.patch(path, {"state": "approved", "due_on": "2026-10-09"}, headers=tag)
    assert yes.status_code == 200, yes.content
    action = get(owner, f"actions/{yes.json()['action_id']}")
    assert (action["title"], action["owner"], action["trigger_id"]) == ("Run a coupon", "Sato Ken", row["id"])
    again = owner.patch(path, {"state": "rejected", "reason": "x"}, headers={"If-Match": '"2"'})
    assert again.status_code == 409


def test_a_disarmed_plan_is_silent(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """Whatever the figures."""
    make_bad(owner, shops.stores["US"])
    plan = make_plan(owner, shops, make_playbook(owner)).json()
    path = f"{BASE}/fallback-plans/{plan['id']}"
    off = owner.patch(path, {"is_armed": False}, headers={"If-Match": '"1"'})
    assert off.status_code == 200
    with use_tenant(acme):
        assert check_plans(Period.parse("2026-W31")) == []


def test_a_plan_needs_a_playbook_of_its_own_kpi(owner: ValidatingClient, shops: World) -> None:
    """A coupon does not mend an advertising cost."""
    refused = make_plan(owner, shops, make_playbook(owner), kpi="acos")
    assert refused.status_code == 422
    assert get(owner, "fallback-plans")["data"] == []
