"""Channels, preferences and the log over HTTP: who may, what is shown, and that secrets never are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from alerts.models import Channel, Delivery
from alerts.services.deliver import deliver
from alerts.services.transitions import apply
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.alerts.delivery.conftest import ORIGIN
from tests.alerts.lifecycle.making import NOW, breach, rule
from tests.api.validating import ValidatingClient
from tests.support.receiver import Receiver

BASE = "/api/v1/clients/acme"
SLACK = {"kind": "slack", "name": "team", "secrets": {"path": "/services/T0/B0/SECRETPATH"}}
HOOK = {"kind": "webhook", "name": "hook", "config": {"url": f"{ORIGIN}/in"}}


@pytest.fixture
def manager_api(as_role: Callable[..., ValidatingClient]) -> ValidatingClient:
    """A manager of acme."""
    return as_role(Role.MANAGER)


def test_a_channel_from_set_up_to_its_end(
    manager_api: ValidatingClient, receiver: Receiver, acme: ClientRef
) -> None:
    """Created, shown, tried, changed with If-Match, retired; its secret appears nowhere."""
    made = manager_api.post(f"{BASE}/channels", SLACK)
    assert made.status_code == 201, made.content
    assert made.json()["signing_secret"] is None
    place = made["Location"]
    tried = manager_api.post(f"{place}/test", {})
    assert (tried.status_code, tried.json()["is_delivered"]) == (200, True)
    shown = manager_api.get(place)
    assert shown.json()["verified_at"] is not None
    assert manager_api.patch(place, {"name": "ops"}).status_code == 428
    stale = manager_api.patch(place, {"name": "ops"}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    changed = manager_api.patch(
        place, {"name": "ops", "state": "disabled"}, headers={"If-Match": shown["ETag"]}
    )
    assert (changed.json()["name"], changed.json()["state"]) == ("ops", "disabled")
    for answer in (
        made,
        tried,
        shown,
        changed,
        manager_api.get(f"{BASE}/channels"),
        manager_api.get(f"{BASE}/audit"),
    ):
        assert b"SECRETPATH" not in answer.content
    gone = manager_api.delete(place, headers={"If-Match": changed["ETag"]})
    assert gone.status_code == 204
    assert manager_api.get(place).status_code == 404
    with use_tenant(acme):
        assert Channel.objects.get().secrets is None


def test_a_webhook_shows_its_secret_once(manager_api: ValidatingClient) -> None:
    """In the answer to its creation and to each rotation, and never again."""
    made = manager_api.post(f"{BASE}/channels", HOOK)
    assert made.json()["signing_secret"].startswith("whsec_")
    rotated = manager_api.post(f"{made['Location']}/secret-rotation", {"overlap_hours": 1})
    assert rotated.status_code == 201
    assert rotated.json()["signing_secret"] != made.json()["signing_secret"]
    shown = manager_api.get(made["Location"])
    assert shown.json()["former_until"] == rotated.json()["former_until"]
    assert b"whsec_" not in shown.content
    slack = manager_api.post(f"{BASE}/channels", SLACK)
    assert manager_api.post(f"{slack['Location']}/secret-rotation", {}).status_code == 422


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({**HOOK, "config": {"url": "https://169.254.169.254/latest"}}, ["/config/url"]),
        ({**HOOK, "config": {"url": "http://hooks.example.com/"}}, ["/config/url"]),
        ({**HOOK, "config": {}}, ["/config/url"]),
        ({**SLACK, "secrets": {"path": "https://evil.example/hunter2"}}, ["/secrets/path"]),
        ({**SLACK, "config": {"to": "x"}, "store_ids": [999]}, ["/config/to", "/store_ids"]),
        ({**SLACK, "user_id": 99999}, ["/user_id"]),
    ],
)
def test_a_bad_set_up_is_refused_by_field(
    manager_api: ValidatingClient, acme: ClientRef, body: dict[str, Any], pointers: list[str]
) -> None:
    """422 with a pointer per fault; no value is quoted, nothing is stored."""
    answer = manager_api.post(f"{BASE}/channels", body)
    assert answer.status_code == 422, answer.content
    assert sorted(fault["pointer"] for fault in answer.json()["errors"]) == pointers
    assert b"hunter2" not in answer.content
    with use_tenant(acme):
        assert not Channel.objects.exists()


def test_a_name_is_taken_once(manager_api: ValidatingClient) -> None:
    """409 for a second channel of the same name, also by renaming."""
    manager_api.post(f"{BASE}/channels", SLACK)
    assert manager_api.post(f"{BASE}/channels", SLACK).status_code == 409
    other = manager_api.post(f"{BASE}/channels", {**SLACK, "name": "other"})
    taken = manager_api.patch(other["Location"], {"name": "team"}, headers={"If-Match": other["ETag"]})
    assert taken.status_code == 409


def test_only_who_may_sets_channels_up(
    as_role: Callable[..., ValidatingClient], manager_api: ValidatingClient, acme: ClientRef
) -> None:
    """Operators and analysts see channels and change none; the client's viewer sees none. Nothing changes."""
    place = manager_api.post(f"{BASE}/channels", SLACK)["Location"]
    for role in (Role.OPERATOR, Role.ANALYST):
        caller = as_role(role)
        assert caller.get(place).status_code == 200
        for answer in (
            caller.post(f"{BASE}/channels", HOOK),
            caller.patch(place, {"name": "x"}, headers={"If-Match": '"1"'}),
            caller.delete(place, headers={"If-Match": '"1"'}),
            caller.post(f"{place}/test", {}),
            caller.post(f"{place}/secret-rotation", {}),
        ):
            assert answer.status_code == 403
    assert as_role(Role.CLIENT_VIEWER).get(place).status_code == 403
    with use_tenant(acme):
        row = Channel.objects.get()
        assert (row.name, row.version, row.verified_at, row.deleted_at) == ("team", 1, None, None)


def test_ones_own_wishes(
    as_role: Callable[..., ValidatingClient], as_key: Callable[..., ValidatingClient]
) -> None:
    """Version 0 before anything was said; replaced with If-Match; a machine has none."""
    caller = as_role(Role.OPERATOR)
    path = f"{BASE}/notice-preference"
    before = caller.get(path)
    assert (before.json()["version"], before.json()["by_mail"]) == (0, True)
    wish = {"by_mail": True, "channel_ids": [], "language": "ja", "min_severity": "warning"}
    assert caller.put(path, wish).status_code == 428
    saved = caller.put(path, wish, headers={"If-Match": before["ETag"]})
    assert (saved.json()["language"], saved.json()["version"]) == ("ja", 1)
    assert caller.put(path, wish, headers={"If-Match": before["ETag"]}).status_code == 412
    none = caller.put(path, {**wish, "by_mail": False}, headers={"If-Match": saved["ETag"]})
    assert none.status_code == 422
    assert caller.get(path).json() == saved.json()
    assert as_key().get(path).status_code == 404


def test_the_log_and_replays(
    manager_api: ValidatingClient,
    as_role: Callable[..., ValidatingClient],
    acme: ClientRef,
    receiver: Receiver,
) -> None:
    """Filtered by what was asked; dead letters are listed; replay by who may, once it has come to an end."""
    hook = manager_api.post(f"{BASE}/channels", HOOK).json()["id"]
    with use_tenant(acme):
        (alert_id,) = apply(rule(), [breach(store_id=None)], NOW)
        deliver(alert_id, "fired", 1)
        row = Delivery.objects.get(channel_id=hook)
    path = f"{BASE}/deliveries/{row.pk}"
    assert manager_api.get(path).json()["state"] == "queued"
    assert manager_api.post(f"{path}/replay", {}).status_code == 409
    with use_tenant(acme):
        Delivery.objects.filter(pk=row.pk).update(state="dead", error="timeout", attempts=8)
    listed = manager_api.get(f"{BASE}/dead-letters").json()["data"]
    assert [(each["id"], each["error"]) for each in listed] == [(row.pk, "timeout")]
    assert len(manager_api.get(f"{BASE}/deliveries", {"alert": alert_id}).json()["data"]) == 2
    assert len(manager_api.get(f"{BASE}/deliveries", {"channel": hook, "state": "sent"}).json()["data"]) == 0
    assert as_role(Role.CLIENT_ADMIN).post(f"{path}/replay", {}).status_code == 403
    assert manager_api.get(path).json()["replays"] == 0
    again = manager_api.post(f"{path}/replay", {})
    assert (again.json()["state"], again.json()["attempts"], again.json()["error"]) == ("queued", 0, None)


def test_the_kinds_tell_what_they_take(manager_api: ValidatingClient) -> None:
    """Seven kinds, each with the fields that a form needs."""
    kinds = {each["kind"]: each for each in manager_api.get(f"{BASE}/channel-kinds").json()["data"]}
    assert len(kinds) == 7
    assert [each["name"] for each in kinds["dingtalk"]["secret_fields"]] == ["access_token", "signing_secret"]


def test_another_client_sees_nothing(
    manager_api: ValidatingClient, as_role: Callable[..., ValidatingClient], globex: ClientRef
) -> None:
    """The same id in another client's schema is another client's business."""
    place = manager_api.post(f"{BASE}/channels", SLACK)["Location"]
    stranger = as_role(Role.OWNER, globex)
    assert stranger.get(place).status_code == 404
    assert stranger.get(place.replace("acme", "globex")).status_code == 404
