"""Statements of points: from held reviews only, frozen, one's own only, corrected by accepted objections."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from config.lib import clock
from kpis.models import Assignment, AssignmentShare, IncentiveStatement
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.api.conftest import logged_in
from tests.api.validating import ValidatingClient
from tests.factories.people import make_member
from tests.kpis.shops import BASE, get, give_baseline
from tests.kpis.test_reviews import TARGET, build, hold
from tests.kpis.world import World

MONTH = "2026-07"
RULE: dict[str, Any] = {
    "name": "Operations",
    "effective_on": "2026-01-01",
    "bands": [{"attained_from": "0.80", "points": "50"}, {"attained_from": "1.00", "points": "100"}],
    "weights": {"units": "3"},
    "cap": "120",
    "bonus_per_point": {"amount": "3.00", "currency": "USD"},
}


def save_rule(owner: ValidatingClient, tag: str = '"0"', **changes: Any) -> Any:
    """Record the rule."""
    return owner.put(f"{BASE}/incentive-rule", {**RULE, **changes}, headers={"If-Match": tag})


def assign(store_id: int, kpi: str, user_id: int, share: int) -> None:
    """Let a person answer for a KPI from July on."""
    row = Assignment.objects.create(
        store_id=store_id, kpi=kpi, effective_on="2026-07-01", version=1, total_share=share,
        recorded_at=clock.now(), recorded_by="test",
    )  # fmt: skip
    AssignmentShare.objects.create(assignment=row, user_id=user_id, person="Li Na", share=share)


@pytest.fixture
def person(owner: ValidatingClient, shops: World, acme: ClientRef) -> int:
    """Somebody with half of units (a target that is met) of the US store, whose month was reviewed."""
    user_id = make_member(acme, Role.OPERATOR)[0]
    with use_tenant(acme):
        assign(shops.stores["US"], "units", user_id, 50)
    give_baseline(owner, shops.stores["US"], "units")
    path = f"{BASE}/stores/{shops.stores['US']}/targets/units"
    goal = {**TARGET, "target": "1", "warn": "0.5"}
    assert owner.put(path, goal, headers={"If-Match": '"0"'}).status_code == 200
    assert save_rule(owner).status_code == 200
    return user_id


def make(owner: ValidatingClient) -> Any:
    """Ask for the month's statements."""
    return owner.post(f"{BASE}/incentive-statements", {"month": MONTH})


def statement(owner: ValidatingClient) -> dict[str, Any]:
    """The month's statement after its review was held."""
    assert hold(owner, build(owner, MONTH)).status_code == 200
    made = make(owner)
    assert made.status_code == 200, made.content
    return get(owner, f"incentive-statements/{made.json()['made'][0]}")


def test_points_come_from_the_held_review_only(owner: ValidatingClient, shops: World, person: int) -> None:
    """No review, or a draft, is refused; held, everybody gets one statement that its hash proves."""
    assert make(owner).json()["code"] == "not_reviewed"
    draft = build(owner, MONTH)
    assert make(owner).status_code == 409
    hold(owner, draft)
    made = make(owner).json()["made"]
    assert len(made) == 1
    assert make(owner).json()["made"] == []
    found = get(owner, f"incentive-statements/{made[0]}")
    document = found["document"]
    content = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    assert hashlib.sha256(content).hexdigest() == found["sha256"]
    assert document["review_sha256"] == draft["sha256"]
    assert [(line["kpi"], line["share"]) for line in document["lines"]] == [("units", "50.00")]
    assert Decimal(found["points"]) in (Decimal(0), Decimal(100))
    assert document["bonus"]["currency"] == "USD"


def test_people_see_their_own_statement_and_nobody_elses(
    owner: ValidatingClient, shops: World, person: int, as_role: Callable[..., ValidatingClient]
) -> None:
    """The person reads it; a colleague finds nothing; clients and operators may not list everybody's."""
    number = statement(owner)["id"]
    own, colleague = logged_in(person), as_role(Role.OPERATOR)
    assert [row["id"] for row in get(own, "own-incentive-statements")["data"]] == [number]
    assert get(own, f"own-incentive-statements/{number}")["document"]["lines"]
    assert get(colleague, "own-incentive-statements")["data"] == []
    assert colleague.get(f"{BASE}/own-incentive-statements/{number}").status_code == 404
    appeal = {"reason": "mine"}
    assert colleague.post(f"{BASE}/own-incentive-statements/{number}/appeal", appeal).status_code == 404
    for role in (Role.OPERATOR, Role.ANALYST, Role.CLIENT_ADMIN, Role.CLIENT_VIEWER):
        assert as_role(role).get(f"{BASE}/incentive-statements").status_code == 403


def test_an_accepted_objection_makes_the_next_version(
    owner: ValidatingClient, shops: World, person: int, acme: ClientRef
) -> None:
    """Filed once, decided by somebody else, corrected line by line; the first version stays as it was."""
    first = statement(owner)
    own = logged_in(person)
    path = f"{BASE}/own-incentive-statements/{first['id']}/appeal"
    filed = own.post(path, {"reason": "A report was missing."})
    assert filed.status_code == 201, filed.content
    assert own.post(path, {"reason": "again"}).status_code == 409
    one = f"{BASE}/incentive-appeals/{filed.json()['id']}"
    tag = {"If-Match": '"1"'}
    yes: dict[str, Any] = {"state": "accepted", "decision": "It was."}
    assert owner.patch(one, yes, headers=tag).status_code == 422
    wrong = {**yes, "corrections": [{"store_id": 1, "kpi": "acos", "attainment": "1"}]}
    assert owner.patch(one, wrong, headers=tag).status_code == 422
    with use_tenant(acme):
        assert IncentiveStatement.objects.count() == 1
    fix = {"store_id": shops.stores["US"], "kpi": "units", "attainment": "0.85"}
    done = owner.patch(one, {**yes, "corrections": [fix]}, headers=tag)
    assert done.status_code == 200, done.content
    rows = get(owner, "incentive-statements", user=person)["data"]
    assert (rows[0]["version"], rows[0]["points"]) == (2, "50.00")
    assert rows[0]["appeal_id"] == filed.json()["id"]
    assert get(owner, f"incentive-statements/{first['id']}") == first
    assert owner.patch(one, yes, headers={"If-Match": '"2"'}).status_code == 409


def test_nobody_decides_on_their_own_objection(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """Not even a manager."""
    boss = make_member(acme, Role.MANAGER)[0]
    with use_tenant(acme):
        assign(shops.stores["US"], "units", boss, 100)
    give_baseline(owner, shops.stores["US"], "units")
    path = f"{BASE}/stores/{shops.stores['US']}/targets/units"
    assert owner.put(path, TARGET, headers={"If-Match": '"0"'}).status_code == 200
    assert save_rule(owner).status_code == 200
    number = statement(owner)["id"]
    own = logged_in(boss)
    filed = own.post(f"{BASE}/own-incentive-statements/{number}/appeal", {"reason": "more"}).json()
    answer = {"state": "rejected", "decision": "no"}
    one = f"{BASE}/incentive-appeals/{filed['id']}"
    assert own.patch(one, answer, headers={"If-Match": '"1"'}).status_code == 409
    assert owner.patch(one, answer, headers={"If-Match": '"1"'}).status_code == 200


def test_a_rule_tells_all_its_faults(owner: ValidatingClient, shops: World) -> None:
    """Bands out of order, a KPI nobody knows; an old ETag; and the month before it is in force has none."""
    bands = [{"attained_from": "1", "points": "9"}, {"attained_from": "0.5", "points": "8"}]
    refused = save_rule(owner, bands=bands, weights={"nothing": "1"})
    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json()["errors"]} == {
        "/bands/1/attained_from",
        "/bands/1/points",
        "/weights/nothing",
    }
    assert owner.get(f"{BASE}/incentive-rule").status_code == 404
    assert save_rule(owner, effective_on="2027-01-01").status_code == 200
    assert save_rule(owner).status_code == 412
    hold(owner, build(owner, MONTH))
    assert make(owner).status_code == 422
    with clock.frozen(datetime(2026, 10, 2, tzinfo=UTC)):
        assert len(get(owner, "incentive-rules")["data"]) == 1
