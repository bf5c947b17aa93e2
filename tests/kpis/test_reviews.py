"""Reviews through HTTP: built, frozen with the meeting, restated beside and never inside; red lines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from config.lib import clock
from connectors import models as c
from kpis import tasks
from kpis.models import Issue, Review
from kpis.services.rollup import recompute_days
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry, OutboxEvent
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.kpis.shops import BASE, WEEK, get, give_baseline
from tests.kpis.world import World, days

TARGET = {
    "role": "core",
    "weight": "20",
    "target": "100000000",
    "warn": "90000000",
    "effective_on": "2026-07-01",
    "deadline": "2026-12-31",
    "owner": "Li Na",
    "source": "a target nobody reaches",
}


def make_bad(owner: ValidatingClient, store_id: int, kpi: str = "units") -> None:
    """Give a KPI a target that it misses in every week."""
    give_baseline(owner, store_id, kpi)
    path = f"{BASE}/stores/{store_id}/targets/{kpi}"
    response = owner.put(path, TARGET, headers={"If-Match": '"0"'})
    assert response.status_code == 200, response.content


def build(owner: ValidatingClient, period: str = WEEK) -> dict[str, Any]:
    """A draft."""
    response = owner.post(f"{BASE}/reviews", {"period": period})
    assert response.status_code == 201, response.content
    body: dict[str, Any] = response.json()
    return body


def hold(owner: ValidatingClient, review: dict[str, Any], tag: str | None = None) -> Any:
    """Hold the meeting of a draft."""
    return owner.put(
        f"{BASE}/reviews/{review['id']}/hold",
        {"attendees": ["Li Na"], "minutes": "We looked.", "decisions": "We act."},
        headers={"If-Match": tag or f'"{review["version"]}"'},
    )


def test_a_pack_holds_what_a_meeting_needs(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """Scorecards of all and each store, misses, eight periods, the margin's walk; once per period."""
    make_bad(owner, shops.stores["US"])
    body = build(owner)
    pack = body["pack"]
    assert [card["store"] for card in pack["scorecards"]] == [None, *sorted(shops.stores.values())]
    assert [(miss["store"], miss["key"]) for miss in pack["misses"] if miss["store"]] == [
        (shops.stores["US"], "units")
    ]
    assert {len(row["points"]) for row in pack["trend"]} == {8}
    assert pack["trend"][0]["points"][-1]["period"] == WEEK
    assert len(pack["why"]) == 3
    assert [issue["kpi"] for issue in pack["issues"]] == []
    assert owner.post(f"{BASE}/reviews", {"period": WEEK}).status_code == 409
    with use_tenant(acme):
        assert OutboxEvent.objects.filter(type="kpis.review_built").count() == 1
        assert AuditEntry.objects.filter(verb="review.built").count() == 1


def test_a_trend_does_not_begin_before_the_shop(owner: ValidatingClient, shops: World) -> None:
    """Weeks that nobody reported have no value, which is not zero."""
    points = [point for row in build(owner, "2020-W10")["pack"]["trend"] for point in row["points"]]
    assert points
    assert {str(point["value"]) for point in points} == {"None"}


def test_a_held_review_never_changes_and_late_data_stands_beside(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """The bytes and their hash stay; what moved is listed as restated."""
    make_bad(owner, shops.stores["US"])
    draft = build(owner)
    assert hold(owner, draft, '"99"').status_code == 412
    held = hold(owner, draft)
    assert held.status_code == 200, held.content
    path = f"reviews/{draft['id']}"
    before = get(owner, path)
    assert before["state"] == "held"
    assert before["pack"] == draft["pack"]
    digest = hashlib.sha256(orjson.dumps(before["pack"], option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert digest == before["sha256"] == draft["sha256"]
    assert get(owner, f"{path}/restated")["data"] == []
    with use_tenant(acme):
        c.OrderLine.objects.filter(store_id=shops.stores["US"], quantity__gt=0).update(quantity=7)
        recompute_days(days=[(shops.stores["US"], day) for day in days()])
    restated = get(owner, f"{path}/restated")["data"]
    units = [row for row in restated if row["store"] == shops.stores["US"] and row["kpi"] == "units"]
    assert units
    assert units[0]["held"]["value"] != units[0]["now"]["value"]
    assert get(owner, path) == before
    tag = {"If-Match": f'"{before["version"]}"'}
    assert owner.post(f"{BASE}/{path}/refresh", None, headers=tag).status_code == 409
    assert hold(owner, before).status_code == 409
    assert get(owner, path) == before


def test_a_draft_can_be_built_anew(owner: ValidatingClient, shops: World, acme: ClientRef) -> None:
    """With If-Match, its version rises and the new figures are in it."""
    draft = build(owner)
    with use_tenant(acme):
        c.OrderLine.objects.filter(quantity__gt=0).update(quantity=9)
        recompute_days(days=[(store, day) for store in shops.stores.values() for day in days()])
    path = f"{BASE}/reviews/{draft['id']}/refresh"
    assert owner.post(path, None).status_code == 428
    again = owner.post(path, None, headers={"If-Match": '"1"'})
    assert again.status_code == 200, again.content
    assert again.json()["version"] == 2
    assert again.json()["sha256"] != draft["sha256"]
    assert again.json()["batch"] > draft["batch"]


def test_a_red_line_opens_one_issue_until_it_is_closed(
    owner: ValidatingClient, shops: World, acme: ClientRef
) -> None:
    """The next red week is a recurrence; after the issue is dismissed a red week opens another."""
    make_bad(owner, shops.stores["US"])
    build(owner, "2026-W30")
    build(owner, "2026-W31")
    rows = get(owner, "issues", store=shops.stores["US"])["data"]
    assert [(row["kpi"], row["seen_in"], row["recurrences"]) for row in rows] == [
        ("units", ["2026-W30", "2026-W31"], 1)
    ]
    assert rows[0]["numbers"]["status"] == "bad"
    path = f"{BASE}/issues/{rows[0]['id']}"
    tag = {"If-Match": f'"{rows[0]["version"]}"'}
    assert owner.patch(path, {"state": "dismissed"}, headers=tag).status_code == 422
    closed = owner.patch(path, {"state": "dismissed", "reason": "not ours"}, headers=tag)
    assert closed.status_code == 200, closed.content
    again = {"If-Match": closed["ETag"]}
    assert owner.patch(path, {"state": "resolved"}, headers=again).status_code == 409
    build(owner, "2026-W32")
    assert len(get(owner, "issues", store=shops.stores["US"])["data"]) == 2
    with use_tenant(acme):
        assert Issue.objects.filter(state="open").count() == 1


def test_a_period_that_is_not_over_is_not_reviewed(owner: ValidatingClient, shops: World) -> None:
    """Neither is a day, nor text."""
    for period in ("2026-W40", "2026-10", "2026-09-01", "never"):
        assert owner.post(f"{BASE}/reviews", {"period": period}).status_code in (400, 422), period
    assert get(owner, "reviews")["data"] == []


@pytest.mark.parametrize("role", [Role.CLIENT_ADMIN, Role.CLIENT_VIEWER])
def test_clients_see_held_reviews_only(
    role: Role, owner: ValidatingClient, shops: World, as_role: Callable[..., ValidatingClient]
) -> None:
    """A draft does not exist for them; afterwards they read it, and change nothing."""
    theirs = as_role(role)
    draft = build(owner)
    path = f"{BASE}/reviews/{draft['id']}"
    assert get(theirs, "reviews")["data"] == []
    assert theirs.get(path).status_code == theirs.get(f"{path}/restated").status_code == 404
    assert hold(theirs, draft).status_code == 403
    assert hold(owner, draft).status_code == 200
    assert [row["id"] for row in get(theirs, "reviews")["data"]] == [draft["id"]]
    assert get(theirs, f"reviews/{draft['id']}")["pack"] == draft["pack"]


def test_packs_come_by_themselves_after_the_lag(shops: World, acme: ClientRef) -> None:
    """Not while a shop's week runs or the lag lasts, then the week's and the month's, once."""
    monday = datetime(2026, 9, 28, 12, tzinfo=UTC)
    with use_tenant(acme), clock.frozen(monday):
        tasks.build_reviews()
        assert set(Review.objects.values_list("period", flat=True)) == {"2026-W38", "2026-08"}
    with use_tenant(acme), clock.frozen(monday.replace(day=29, hour=23)):
        tasks.build_reviews()
        tasks.build_reviews()
        assert set(Review.objects.values_list("period", flat=True)) == {"2026-W38", "2026-W39", "2026-08"}
