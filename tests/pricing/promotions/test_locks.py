"""Price locks: they hold from start to just before the end, one per source; only their owner ends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from config.lib import clock
from config.lib.errors import Invalid
from pricing.models import PriceLock
from pricing.selectors.locks import locks_of
from pricing.services.locks import LockHeldElsewhere, release_lock, release_locks_of, set_lock
from pricing.types import LockKind
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef, Role
from tests.api.validating import ValidatingClient
from tests.pricing.promotions.shops import BASE, NOW, get

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("after", "holds"),
    [(-timedelta(seconds=1), False), (timedelta(0), True), (DAY - timedelta(seconds=1), True), (DAY, False)],
)
def test_a_lock_holds_from_its_start_to_just_before_its_end(
    after: timedelta, holds: bool, us: int, acme: ClientRef
) -> None:
    """Both edges of a lock that starts in an hour and lasts a day."""
    start = NOW + timedelta(hours=1)
    with use_tenant(acme):
        set_lock(
            store_id=us,
            sku="TENT",
            kind=LockKind.TEST,
            source_id=7,
            from_at=start,
            until_at=start + DAY,
            reason="a test",
        )
        found = locks_of(us, ["TENT", "LAMP"], start + after)
        assert list(found) == (["TENT"] if holds else [])
        assert locks_of(us, ["LAMP"], start) == {}
        assert locks_of(us + 1, None, start) == {}
        if holds:
            (lock,) = found["TENT"]
            assert (lock.kind, lock.source_id, lock.until) == (LockKind.TEST, 7, start + DAY)


def test_the_same_source_replaces_its_lock_and_others_hold_beside_it(us: int, acme: ClientRef) -> None:
    """Two sources lock a listing: setting one again leaves one each, and releasing one leaves the other."""
    with use_tenant(acme):
        first = set_lock(store_id=us, sku="TENT", kind=LockKind.PROMOTION, source_id=3, reason="sale")
        set_lock(store_id=us, sku="TENT", kind=LockKind.PROMOTION, source_id=4, reason="other sale")
        second = set_lock(
            store_id=us, sku="TENT", kind=LockKind.PROMOTION, source_id=3, until_at=NOW + DAY, reason="longer"
        )
        held = locks_of(us, None, NOW)["TENT"]
        assert [(lock.source_id, lock.reason) for lock in held] == [(4, "other sale"), (3, "longer")]
        assert PriceLock.objects.get(pk=first).release_reason == "replaced"
        assert release_locks_of(kind=LockKind.PROMOTION, source_id=4, reason="cancelled") == 1
        assert [lock.source_id for lock in locks_of(us, None, NOW)["TENT"]] == [3]
        # What held in the past is still known: a release does not rewrite it.
        with clock.frozen(NOW + timedelta(hours=2)):
            release_locks_of(kind=LockKind.PROMOTION, source_id=3, reason="over")
            assert locks_of(us, None, clock.now()) == {}
            assert [lock.source_id for lock in locks_of(us, None, NOW + timedelta(hours=1))["TENT"]] == [3]
        assert PriceLock.objects.get(pk=second).released_at == NOW + timedelta(hours=2)


def test_only_its_owner_releases_a_lock(us: int, acme: ClientRef) -> None:
    """By hand only what was set by hand; releasing it twice changes and audits nothing more."""
    with use_tenant(acme):
        held = set_lock(store_id=us, sku="TENT", kind=LockKind.PILOT, source_id=9, reason="pilot")
        with pytest.raises(LockHeldElsewhere):
            release_lock(lock_id=held)
        assert locks_of(us, None, NOW)["TENT"][0].source_id == 9
        mine = set_lock(store_id=us, sku="LAMP", kind=LockKind.MANUAL, reason="wait")
        assert locks_of(us, ["LAMP"], NOW)["LAMP"][0].source_id == mine
        release_lock(lock_id=mine, reason="done")
        release_lock(lock_id=mine, reason="again")
        assert PriceLock.objects.get(pk=mine).release_reason == "done"
        verbs = AuditEntry.objects.filter(target_type="price_lock", target_id=str(mine)).values_list("verb")
        assert [verb for (verb,) in verbs.order_by("id")] == ["price_lock.set", "price_lock.released"]


@pytest.mark.parametrize("hours", [-1, 0])
def test_a_lock_must_end_in_the_future_and_say_why(hours: int, us: int, acme: ClientRef) -> None:
    """An end that has passed and an empty reason are both told, and nothing is locked."""
    with use_tenant(acme):
        with pytest.raises(Invalid) as refused:
            set_lock(
                store_id=us,
                sku="TENT",
                kind=LockKind.MANUAL,
                until_at=NOW + timedelta(hours=hours),
                reason=" ",
            )
        assert {error.pointer for error in refused.value.errors} == {"/until", "/reason"}
        assert not PriceLock.objects.exists()


def test_a_person_locks_and_releases_over_http(us: int, owner: ValidatingClient) -> None:
    """Set, listed, shown, released; every answer says that we only suggest."""
    made = owner.post(f"{BASE}/price-locks", {"store_id": us, "sku": "TENT", "reason": "a talk"})
    assert made.status_code == 201, made.content
    lock = made.json()
    assert (lock["kind"], lock["boundary"], lock["until_at"]) == ("manual", "suggestion_only", None)
    assert [row["id"] for row in get(owner, "price-locks", holding="true", store=us)["data"]] == [lock["id"]]
    released = owner.post(f"{BASE}/price-locks/{lock['id']}/release", {"reason": "it is over"})
    assert released.status_code == 200, released.content
    assert released.json()["release_reason"] == "it is over"
    assert get(owner, "price-locks", holding="true")["data"] == []
    assert get(owner, "price-locks", sku="TENT")["data"][0]["id"] == lock["id"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"sku": "NONE"}, 404),
        ({"store_id": 999_999}, 404),
        ({"kind": "promotion"}, 422),
        ({"reason": ""}, 422),
    ],
)
def test_what_cannot_be_locked_is_not(
    change: dict[str, Any], status: int, us: int, owner: ValidatingClient, acme: ClientRef
) -> None:
    """Unknown SKUs and stores, kinds that belong to something running, no reason."""
    body = {"store_id": us, "sku": "TENT", "reason": "a talk", **change}
    assert owner.post(f"{BASE}/price-locks", body).status_code == status
    with use_tenant(acme):
        assert not PriceLock.objects.exists()


def test_another_clients_locks_and_stores_are_not_there(
    us: int,
    other_us: int,
    owner: ValidatingClient,
    acme: ClientRef,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
) -> None:
    """Their lock's id is unknown to us and stays as it was; a client_viewer may not lock."""
    with use_tenant(globex):
        theirs = set_lock(store_id=other_us, sku="TENT", kind=LockKind.MANUAL, reason="theirs")
        PriceLock.objects.filter(pk=theirs).update(id=theirs + 1000)
    assert owner.get(f"{BASE}/price-locks/{theirs + 1000}").status_code == 404
    assert owner.post(f"{BASE}/price-locks/{theirs + 1000}/release", {}).status_code == 404
    viewer = as_role(Role.CLIENT_VIEWER)
    refused = viewer.post(f"{BASE}/price-locks", {"store_id": us, "sku": "TENT", "reason": "x"})
    assert refused.status_code == 403
    with use_tenant(globex):
        assert PriceLock.objects.get().released_at is None
    with use_tenant(acme):
        assert not PriceLock.objects.exists()
