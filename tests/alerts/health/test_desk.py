"""The desk over HTTP: from a forwarded mail to an accepted plan, and who may not do what on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import orjson
import pytest

from alerts.models import HealthWarning, PlanOfAction
from alerts.services.health_watch import watch_deadlines
from config.lib import clock
from kpis.models import Action
from pricing.models import PriceHalt
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry, OutboxEvent
from tenants.permissions import Capability
from tenants.types import ClientRef, Role
from tests.alerts.health.conftest import NOW
from tests.alerts.health.mails import make_mail
from tests.api.validating import ValidatingClient

pytestmark = pytest.mark.django_db
BASE = "/api/v1/clients/acme"


def forward(caller: ValidatingClient, store: int, raw: bytes) -> Any:
    """Hand a raw message in."""
    url = f"{BASE}/health-warnings:forward?store={store}"
    return caller.post(url, data=raw, content_type="message/rfc822", format=None)


def enter(caller: ValidatingClient, store: int, **values: Any) -> dict[str, Any]:
    """Enter a warning by hand."""
    body = {
        "store_id": store,
        "kind": "late_shipment",
        "title": "Late",
        "received_at": "2026-11-20T09:00:00Z",
    }
    answer = caller.post(f"{BASE}/health-warnings", {**body, **values}, format="json")
    assert answer.status_code in (200, 201), answer.content
    found: dict[str, Any] = answer.json()
    return found


def send(caller: ValidatingClient, path: str, body: dict[str, Any], *, of: int) -> Any:
    """POST with the present version of a warning."""
    etag = caller.get(f"{BASE}/health-warnings/{of}")["ETag"]
    return caller.post(f"{BASE}/{path}", body, format="json", headers={"If-Match": etag})


def show(caller: ValidatingClient, warning_id: int) -> dict[str, Any]:
    """A warning as it is now."""
    body: dict[str, Any] = caller.get(f"{BASE}/health-warnings/{warning_id}").json()
    return body


def test_a_forwarded_mail_becomes_a_warning_that_freezes_its_store(
    owner: ValidatingClient, shop: int, acme: ClientRef
) -> None:
    """Kind, deadline and references are read, the bytes come back as they were, pricing is halted, once."""
    raw = bytes(make_mail())
    answer = forward(owner, shop, raw)
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["kind"], body["severity"], body["source"]) == ("account_at_risk", "critical", "email")
    assert body["received_at"] == "2026-11-20T09:00:00Z"
    assert body["deadline_at"] == "2026-11-23T09:00:00Z"
    assert body["hours_left"] == "71.5"
    assert body["reading"]["references"]["asin"] == ["B0ABCD1234"]
    assert body["reading"]["unrecognised"] == []
    assert body["is_frozen"] is True
    again = forward(owner, shop, raw)
    assert (again.status_code, again.json()["id"]) == (200, body["id"])
    kept = owner.get(f"{BASE}/health-warnings/{body['id']}/original")
    assert kept.content == raw
    assert kept["Content-Type"] == "application/octet-stream"
    assert body["original_sha256"] == hashlib.sha256(raw).hexdigest()
    with use_tenant(acme):
        row = HealthWarning.objects.get()
        assert row.original is not None
        assert b"late shipment" not in bytes(row.original)
        assert list(PriceHalt.objects.values_list("scope", "store_id", "resumed_at")) == [
            ("store", shop, None)
        ]


def test_what_cannot_be_read_says_so(owner: ValidatingClient, shop: int, acme: ClientRef) -> None:
    """A stranger's mail without phrase or deadline is "other" and freezes nothing; rubbish is 422."""
    answer = forward(owner, shop, bytes(make_mail("Hello", subject="Hi", sender="a@evil.example")))
    body = answer.json()
    assert body["reading"]["unrecognised"] == ["kind", "deadline", "sender"]
    assert (body["kind"], body["deadline_at"], body["is_frozen"]) == ("other", None, False)
    for raw in (b"", b"   ", b"no header at all\n\nbody", b"From: a\n" + b"x" * (8 * 2**20)):
        assert forward(owner, shop, raw).status_code == 422
    with use_tenant(acme):
        assert HealthWarning.objects.count() == 1
    assert forward(owner, 999_999, bytes(make_mail())).status_code == 404


def test_the_whole_way_needs_two_people_and_no_gaps(
    as_role: Callable[..., ValidatingClient], shop: int, acme: ClientRef
) -> None:
    """Draft, gaps, a person's text, the drafter refused, another signs, submitted, accepted, and a binder."""
    first, second = as_role(Role.OPERATOR), as_role(Role.MANAGER)
    warning = enter(first, shop, reference="98765432", original="The platform's words.")["id"]
    path = f"health-warnings/{warning}"
    with use_tenant(acme):
        Action.objects.create(
            title="Moved 14 SKUs to the platform's warehouse", kpi="late_shipment_rate", store_ids=[shop],
            department="warehouse", owner="Li Na", due_on=date(2026, 11, 20), direction="down", state="done",
            created_at=NOW, created_by="x", done_on=date(2026, 11, 18), done_at=NOW,
        )  # fmt: skip
    made = send(first, f"{path}/plans", {"language": "en"}, of=warning)
    assert made.status_code == 201, made.content
    draft = made.json()
    corrective = next(each for each in draft["sections"] if each["part"] == "corrective")
    assert [each["text"] for each in corrective["paragraphs"]] == [
        "On 2026-11-18 we completed: “Moved 14 SKUs to the platform's warehouse” (responsible: Li Na)."
    ]
    assert [each.split(":")[0] for each in draft["gaps"]] == ["root_cause", "preventive"]
    assert draft["evidence"][0]["sha256"] == hashlib.sha256(b"The platform's words.").hexdigest()

    refused = send(second, f"{path}/plans/1/sign-off", {}, of=warning)
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_has_gaps")
    texts = {"summary": "We were late.", "root_cause": "Two packers were ill.", "corrective": "We hired one."}
    texts["preventive"] = "We train a third."
    sections = [{"part": part, "text": text} for part, text in texts.items()]
    assert (
        send(first, f"{path}/plans", {"language": "en", "sections": sections}, of=warning).json()["gaps"]
        == []
    )
    own = send(first, f"{path}/plans/2/sign-off", {}, of=warning)
    assert (own.status_code, own.json()["code"]) == (403, "second_person_needed")
    old = send(second, f"{path}/plans/1/sign-off", {}, of=warning)
    assert (old.status_code, old.json()["code"]) == (409, "plan_not_current")
    early = send(first, f"{path}/submission", {"submitted_at": "2026-11-20T09:00:00Z"}, of=warning)
    assert (early.status_code, early.json()["code"]) == (409, "health_step_not_allowed")
    assert show(first, warning)["state"] == "draft_ready"
    with use_tenant(acme):
        assert not PlanOfAction.objects.filter(signed_at__isnull=False).exists()

    assert send(second, f"{path}/plans/2/sign-off", {"note": "Good."}, of=warning).status_code == 200
    sent = send(first, f"{path}/submission", {"submitted_at": "2026-11-20T09:15:00Z"}, of=warning)
    assert sent.json()["state"] == "submitted"
    assert send(first, f"{path}/outcome", {"is_accepted": True}, of=warning).json()["state"] == "accepted"
    (line,) = first.get(f"{BASE}/health-warnings/outcomes").json()["data"]
    assert (line["kind"], line["decided"], line["accepted"], line["rate"]) == (
        "late_shipment",
        1,
        1,
        "1.0000",
    )
    assert (line["low"], line["high"]) == ("0.2065", "1.0000")

    binder = first.get(f"{BASE}/{path}/binder").json()
    stated = binder.pop("sha256")
    again = hashlib.sha256(orjson.dumps(binder, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert stated == again
    steps = [each["after"] for each in binder["history"]]
    assert steps == ["received", "draft_ready", "draft_ready", "signed_off", "submitted", "accepted"]
    text = first.get(f"{BASE}/{path}/binder:export").content.decode()
    assert "Two packers were ill." in text
    assert stated in text
    with use_tenant(acme):
        verbs = set(AuditEntry.objects.values_list("verb", flat=True))
        assert {"health_warning.opened", "health_warning.signed_off", "health_warning.accepted"} <= verbs


def test_a_changed_text_takes_the_signature_with_it(
    as_role: Callable[..., ValidatingClient], shop: int
) -> None:
    """After a new version the warning is a draft again; a stale ETag changes nothing."""
    first, second = as_role(Role.OPERATOR), as_role(Role.OPERATOR)
    warning = enter(first, shop)["id"]
    path = f"health-warnings/{warning}/plans"
    parts = ("summary", "root_cause", "corrective", "preventive")
    body = {"language": "zh-hans", "sections": [{"part": part, "text": "好"} for part in parts]}
    stale = first.get(f"{BASE}/health-warnings/{warning}")["ETag"]
    assert send(first, path, body, of=warning).status_code == 201
    assert send(second, f"{path}/1/sign-off", {}, of=warning).status_code == 200
    late = second.post(f"{BASE}/{path}", body, format="json", headers={"If-Match": stale})
    assert (late.status_code, show(first, warning)["state"]) == (412, "signed_off")
    assert send(second, path, body, of=warning).status_code == 201
    assert show(first, warning)["state"] == "draft_ready"
    back = send(first, f"{path}/2/return", {"reason": "too short"}, of=warning)
    assert back.json()["return_reason"] == "too short"
    assert show(first, warning)["state"] == "in_work"


def test_a_freeze_is_released_by_a_person_and_holds_while_another_warning_needs_it(
    owner: ValidatingClient, as_key: Callable[..., ValidatingClient], shop: int, acme: ClientRef
) -> None:
    """Two critical warnings share a halt: keys release none, one release keeps it, both end it."""
    one = enter(owner, shop, kind="suspension", reference="a")["id"]
    two = enter(owner, shop, kind="authenticity", reference="b")["id"]
    assert enter(owner, shop, kind="authenticity", reference="b")["id"] == two
    assert show(owner, one)["halt_id"] == show(owner, two)["halt_id"]
    machine = as_key({Capability.PRICE_HALT, Capability.HEALTH_READ})
    assert send(machine, f"health-warnings/{one}/freeze-release", {"reason": "x"}, of=one).status_code == 403
    assert show(owner, one)["freeze_released_at"] is None
    body = {"reason": "looked into"}
    assert send(owner, f"health-warnings/{one}/freeze-release", body, of=one).json()["is_frozen"] is True
    again = send(owner, f"health-warnings/{one}/freeze-release", body, of=one)
    assert (again.status_code, again.json()["code"]) == (409, "health_not_frozen")
    assert send(owner, f"health-warnings/{two}/freeze-release", body, of=two).json()["is_frozen"] is False
    with use_tenant(acme):
        assert PriceHalt.objects.get().resume_reason == "looked into"


def test_the_clock_reminds_once_per_threshold_and_closes_what_is_late(
    owner: ValidatingClient, shop: int, acme: ClientRef
) -> None:
    """A deadline in 30 hours: reminded at 72 (at once), 24, 8 and 2 hours, expired at it, and never twice."""
    deadline = NOW + timedelta(hours=30)
    warning = enter(owner, shop, deadline_at=deadline.isoformat())["id"]
    enter(owner, shop, reference="no deadline")

    def told() -> list[int]:
        rows = OutboxEvent.objects.filter(type="alerts.deadline_near").order_by("id")
        return [row.payload["threshold_hours"] for row in rows]

    with use_tenant(acme):
        for hours, expected in (
            (30, [72]),
            (29, [72]),
            (24, [72, 24]),
            (7, [72, 24, 8]),
            (1, [72, 24, 8, 2]),
        ):
            with clock.frozen(deadline - timedelta(hours=hours)):
                watch_deadlines()
                assert watch_deadlines() == 0
                assert told() == expected
        with clock.frozen(deadline):
            assert watch_deadlines() == 1
            assert watch_deadlines() == 0
        assert HealthWarning.objects.get(pk=warning).state == "expired"
        assert told() == [72, 24, 8, 2]


def test_corrections_by_people(owner: ValidatingClient, shop: int) -> None:
    """A graver kind freezes, a new deadline is the person's, a dismissal needs a reason, history stays."""
    warning = enter(owner, shop)["id"]
    url = f"{BASE}/health-warnings/{warning}"

    def change(body: dict[str, Any]) -> Any:
        return owner.patch(url, body, format="json", headers={"If-Match": owner.get(url)["ETag"]})

    body = change({"kind": "suspension", "deadline_at": "2026-11-22T00:00:00Z"}).json()
    assert (body["severity"], body["is_frozen"]) == ("critical", True)
    assert body["deadline_basis"].startswith("set by ")
    assert change({"state": "in_work", "title": "x"}).status_code == 422
    assert change({"state": "accepted"}).status_code == 409
    assert change({"state": "dismissed"}).status_code == 422
    assert change({"state": "in_work"}).json()["owner"]
    assert change({"state": "dismissed", "note": "taken back"}).json()["state"] == "dismissed"
    assert change({"title": "history"}).status_code == 409
    assert change({"root_cause": "platform_error"}).json()["root_cause"] == "platform_error"


def test_others_see_and_change_nothing(
    as_role: Callable[..., ValidatingClient], outsider: ValidatingClient, globex: ClientRef, shop: int,
    owner: ValidatingClient, acme: ClientRef,
) -> None:  # fmt: skip
    """Another client's people get 404, viewers 403, analysts may look but not enter; nothing is written."""
    warning = enter(owner, shop)["id"]
    url = f"{BASE}/health-warnings/{warning}"
    assert as_role(Role.OWNER, globex).get(url).status_code == 404
    assert outsider.get(url).status_code == 404
    assert as_role(Role.CLIENT_VIEWER).get(url).status_code == 403
    analyst = as_role(Role.ANALYST)
    assert analyst.get(url).status_code == 200
    assert forward(analyst, shop, bytes(make_mail())).status_code == 403
    assert analyst.get(f"{url}/original").status_code == 403
    with use_tenant(acme):
        assert HealthWarning.objects.count() == 1
    with use_tenant(globex):
        assert not HealthWarning.objects.exists()
