"""A request sent twice acts once: the same bytes again, one effect of many at once, none half done."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections

from config.lib import clock
from tenants import idempotency
from tenants.context import use_public, use_tenant
from tenants.ledger.models import IdempotencyRecord
from tenants.models import ApiKey, Membership, User
from tenants.types import ClientRef, Role
from tests.api.conftest import logged_in
from tests.api.validating import ValidatingClient
from tests.factories.people import make_member

Roles = Callable[..., ValidatingClient]
BODY = {"email": "twice@example.com", "role": "analyst"}


def path_to(client: ClientRef, collection: str = "members") -> str:
    return f"/api/v1/clients/{client.slug}/{collection}"


def kept(response: Any) -> tuple[Any, ...]:
    """What has to be the same in a repeated answer."""
    names = ("Content-Type", "Location", "ETag", "Retry-After")
    return response.status_code, response.content, [response.headers.get(name) for name in names]


@pytest.mark.django_db
def test_the_same_request_is_answered_with_the_same_bytes(acme: ClientRef, owner: ValidatingClient) -> None:
    """Status, headers and body are those of the first answer, and the member was added once."""
    key = {"Idempotency-Key": str(uuid4())}
    first = owner.post(path_to(acme), BODY, headers=key)
    assert first.status_code == 201
    again = owner.post(path_to(acme), BODY, headers=key)
    assert kept(again) == kept(first)
    assert again["Idempotency-Replayed"] == "true"
    assert not first.has_header("Idempotency-Replayed")
    with use_public():
        assert Membership.objects.filter(user__email=BODY["email"]).count() == 1


@pytest.mark.django_db
def test_another_request_with_the_same_key_is_refused(acme: ClientRef, owner: ValidatingClient) -> None:
    """Another body or another path under a used key is a 422, and nothing is done."""
    key = {"Idempotency-Key": str(uuid4())}
    owner.post(path_to(acme), BODY, headers=key)
    other = owner.post(path_to(acme), {**BODY, "email": "other@example.com"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert owner.post(path_to(acme, "api-keys"), BODY, headers=key).status_code == 422
    with use_public():
        assert not User.objects.filter(email="other@example.com").exists()


@pytest.mark.django_db
def test_a_key_belongs_to_its_caller_and_client(acme: ClientRef, globex: ClientRef, as_role: Roles) -> None:
    """The same key of another person, or for another client, is another request."""
    key = {"Idempotency-Key": "same"}
    answers = [
        as_role(Role.OWNER, client).post(path_to(client), {**BODY, "email": email}, headers=key)
        for client, email in ((acme, "a@x.example"), (acme, "b@x.example"), (globex, "c@x.example"))
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]


@pytest.mark.django_db
@pytest.mark.parametrize("key", [None, "", "with space", "x" * 256, "ключ"])
def test_a_post_needs_a_usable_key(acme: ClientRef, owner: ValidatingClient, key: str | None) -> None:
    """Without a key, or with one that is no key, a POST is a 400 and does nothing."""
    answer = owner.post(path_to(acme), BODY, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    with use_public():
        assert not User.objects.filter(email=BODY["email"]).exists()


@pytest.mark.django_db
def test_a_caller_s_mistake_is_remembered(acme: ClientRef, owner: ValidatingClient) -> None:
    """A 422 is an answer like any other: repeated, not evaluated again."""
    key = {"Idempotency-Key": str(uuid4())}
    first = owner.post(path_to(acme), {"email": "no address", "role": "analyst"}, headers=key)
    assert first.status_code == 422
    assert kept(owner.post(path_to(acme), {"email": "no address", "role": "analyst"}, headers=key)) == kept(
        first
    )


@pytest.mark.django_db
def test_our_own_failure_frees_the_key(
    acme: ClientRef, owner: ValidatingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a 500 nothing of the request is left, and the same request may be sent again."""
    key = {"Idempotency-Key": str(uuid4())}

    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("planted")

    with monkeypatch.context() as patched:
        patched.setattr("tenants.services.members.audit.record", fail)
        assert owner.post(path_to(acme), BODY, headers=key).status_code == 500
    with use_public():
        assert not User.objects.filter(email=BODY["email"]).exists()
    assert owner.post(path_to(acme), BODY, headers=key).status_code == 201


@pytest.mark.django_db
def test_a_key_shown_once_is_not_stored_in_the_clear(acme: ClientRef, owner: ValidatingClient) -> None:
    """The repeated answer shows the secret again, yet no row of the ledger holds it readably."""
    key = {"Idempotency-Key": str(uuid4())}
    body = {"name": "erp", "scopes": ["kpi:read"]}
    first = owner.post(path_to(acme, "api-keys"), body, headers=key)
    secret = first.json()["key"].rpartition("_")[2]
    assert kept(owner.post(path_to(acme, "api-keys"), body, headers=key)) == kept(first)
    with use_tenant(acme):
        bodies = [bytes(each) for each in IdempotencyRecord.objects.values_list("body", flat=True) if each]
    assert bodies
    assert not any(secret.encode() in each for each in bodies)
    with use_public():
        assert ApiKey.objects.filter(name="erp").count() == 1


@pytest.mark.django_db
def test_a_request_under_way_is_a_409(acme: ClientRef) -> None:
    """While the first answer is being made the second caller waits; after a crash it takes over."""
    user_id, _ = make_member(acme, Role.OWNER)
    owner, key = logged_in(user_id), {"Idempotency-Key": "k1"}
    assert owner.post(path_to(acme), BODY, headers=key).status_code == 201
    with use_tenant(acme):
        # As a crashed process leaves it: claimed, unanswered, its effect rolled back.
        IdempotencyRecord.objects.filter(key="k1").update(
            status=None, body=None, locked_until=clock.now() + timedelta(seconds=30)
        )
    waiting = owner.post(path_to(acme), BODY, headers=key)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "request_in_flight")
    assert 1 <= int(waiting["Retry-After"]) <= 31
    with use_tenant(acme):
        IdempotencyRecord.objects.filter(key="k1").update(locked_until=clock.now() - timedelta(seconds=1))
    with use_public():
        Membership.objects.filter(user__email=BODY["email"]).delete()
    assert owner.post(path_to(acme), BODY, headers=key).status_code == 201


@pytest.mark.django_db
def test_a_key_is_forgotten_after_a_day(acme: ClientRef, owner: ValidatingClient) -> None:
    """After 24 hours the same key is a new request."""
    key = {"Idempotency-Key": "old"}
    owner.post(path_to(acme), BODY, headers=key)
    with use_tenant(acme):
        IdempotencyRecord.objects.filter(key="old").update(created_at=clock.now() - timedelta(hours=25))
    again = owner.post(path_to(acme), BODY, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "member_exists"), "evaluated anew"


@pytest.mark.django_db
def test_who_lost_the_claim_is_rolled_back(
    acme: ClientRef, owner: ValidatingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request slower than its lease, taken over meanwhile, undoes its effect: nobody acts twice."""
    record = idempotency._complete

    def overtaken(*args: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("update ledger_idempotencyrecord set locked_until = locked_until + interval '1 s'")
        record(*args)

    monkeypatch.setattr(idempotency, "_complete", overtaken)
    answer = owner.post(path_to(acme), BODY)
    assert (answer.status_code, answer.json()["code"]) == (409, "request_in_flight")
    with use_public():
        assert not User.objects.filter(email=BODY["email"]).exists()


def test_eight_at_once_act_once(committed_db: None, acme: ClientRef) -> None:
    """Eight parallel requests with one key, ten times over: one effect each, and one answer or "wait"."""
    user_id, _ = make_member(acme, Role.OWNER)
    callers = [logged_in(user_id) for _ in range(8)]
    for number in range(10):
        body = {"email": f"round-{number}@example.com", "role": "analyst"}
        answers = at_once(callers, path_to(acme), body, f"round-{number}")
        by_status = Counter(answer.status_code for answer in answers)
        assert by_status.total() == len(callers)
        assert set(by_status) <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        waiting = [answer.json()["code"] for answer in answers if answer.status_code == 409]
        assert set(waiting) <= {"request_in_flight"}
        with use_public():
            assert Membership.objects.filter(user__email=body["email"]).count() == 1


def at_once(callers: list[ValidatingClient], path: str, body: Any, key: str) -> list[Any]:
    """Send the same request from a thread per caller, released together; return the answers."""
    start = threading.Barrier(len(callers))
    answers: list[Any] = []

    def send(caller: ValidatingClient) -> None:
        try:
            start.wait()
            answers.append(caller.post(path, body, headers={"Idempotency-Key": key}))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
