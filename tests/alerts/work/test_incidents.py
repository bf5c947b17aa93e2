"""Incidents: evidence byte for byte and sealed, diagnostics of the right hours, a freeze, and steps."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from alerts.engine.incidents import INCIDENT_STEPS, IncidentState, may_step, media_type_of
from alerts.models import Alert, Incident, IncidentEvidence
from alerts.selectors.incident_bundle import digest_of
from connectors.models import OutboundCall, StoreConnection, SyncRun
from pricing.models import PriceHalt
from tenants.context import use_tenant
from tenants.permissions import Capability
from tenants.types import ClientRef, Role
from tests.alerts.health.conftest import NOW
from tests.alerts.work.test_work import make_alert

BASE = "/api/v1/clients/acme/incidents"
PNG = b"\x89PNG\r\n\x1a\n" + b"pixels"
BODY = {"title": "Prices gone wrong", "severity": "critical", "occurred_at": "2026-11-20T08:00:00Z"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF0000WEBP", "image/webp"),
        (b"%PDF-1.7", "application/pdf"), ("导出的日志".encode(), "text/plain"), (b"", None),
        (b"MZ\x90\x00", None), (b"\xff\xfe\x00", None),
    ],
)  # fmt: skip
def test_a_file_is_what_its_first_bytes_say(data: bytes, expected: str | None) -> None:
    """Images, PDF and text; a program is none of them."""
    assert media_type_of(data) == expected


def test_the_life_of_an_incident() -> None:
    """Every pair of states against the table."""
    allowed = {("open", "in_work"), ("open", "resolved"), ("in_work", "resolved"), ("resolved", "in_work")}
    for present in IncidentState:
        for to in IncidentState:
            assert may_step(present, to) is ((present.value, to.value) in allowed)
    assert set(INCIDENT_STEPS) == set(IncidentState)


def send(caller: Any, path: str, body: Any, *, etag: str = "", method: str = "post") -> Any:
    """A request with the version read before."""
    return getattr(caller, method)(
        f"{BASE}{path}", body, format="json", headers={"If-Match": etag} if etag else {}
    )


@pytest.mark.django_db
def test_an_incident_from_report_to_cause(shop: int, acme: ClientRef, owner: Any) -> None:
    """Opened with alerts and a freeze, evidence kept once and returned as it was, resolved with its cause."""
    with use_tenant(acme):
        alert, other = [make_alert(shop), make_alert(shop, subject="kpi:odr")]
    made = send(owner, "", {**BODY, "store_id": shop, "alert_ids": [alert], "is_frozen": True})
    assert made.status_code == 201, made.content
    body, path = made.json(), f"/{made.json()['id']}"
    assert (body["state"], body["is_frozen"], body["alert_ids"]) == ("open", True, [alert])
    upload = f"{BASE}{path}/evidence?name=..%2Fshot.png&taken_at=2026-11-20T08:01:00Z"
    kept = owner.post(upload, PNG, content_type="application/octet-stream", format=None)
    assert kept.status_code == 201, kept.content
    assert owner.post(upload, PNG, content_type="application/octet-stream", format=None).status_code == 200
    assert (
        owner.post(upload, b"MZ\x00", content_type="application/octet-stream", format=None).status_code == 422
    )
    (file,) = kept.json()["evidence"]
    assert (file["kind"], file["sha256"]) == ("screenshot", hashlib.sha256(PNG).hexdigest())
    back = owner.get(f"{BASE}{path}/evidence/{file['id']}")
    assert (back.content, back["Content-Type"]) == (PNG, "application/octet-stream")
    etag = owner.get(f"{BASE}{path}")["ETag"]
    assert send(owner, f"{path}/alerts", {"alert_ids": [999_999]}, etag=etag).status_code == 404
    assert send(owner, f"{path}/alerts", {"alert_ids": [other]}, etag=etag).json()["alert_ids"] == [
        alert,
        other,
    ]
    assert send(owner, path, {"state": "in_work"}, etag=etag, method="patch").status_code == 412
    etag = owner.get(f"{BASE}{path}")["ETag"]
    assert send(owner, path, {"state": "resolved"}, etag=etag, method="patch").status_code == 422
    done = send(owner, path, {"state": "resolved", "note": "A wrong rate."}, etag=etag, method="patch").json()
    assert (done["state"], done["root_cause"], done["is_frozen"]) == ("resolved", "A wrong rate.", True)
    again = send(owner, path, {"state": "open"}, etag=f'"{done["version"]}"', method="patch")
    assert again.status_code in (409, 412)
    with use_tenant(acme):
        assert PriceHalt.objects.get().store_id == shop
        assert Alert.objects.get(pk=alert).incident_id == body["id"]
        assert b"pixels" not in bytes(IncidentEvidence.objects.get().body or b"")


@pytest.mark.django_db
def test_diagnostics_hold_the_hours_around_the_incident(
    shop: int, acme: ClientRef, owner: Any, as_key: Any
) -> None:
    """Calls from a day before to an hour after it, of its store alone, as one file with its hash."""
    at = NOW - timedelta(minutes=90)
    with use_tenant(acme):
        connection = StoreConnection.objects.get().pk
        for store, called in (
            (shop, at - timedelta(hours=23)),
            (shop, at - timedelta(hours=25)),
            (shop + 1, at),
        ):
            OutboundCall.objects.create(
                store_id=store, connection_id=connection, platform="amazon_sp", operation="getOrders",
                method="GET", host="h", path="/p", status=500, duration_ms=5, called_at=called,
                request_id="r",
            )  # fmt: skip
        SyncRun.objects.create(
            store_id=shop, stream="orders", state="failed", problem={"code": "late", "token": "Atza|abc"},
            started_at=at,
        )  # fmt: skip
        alert = make_alert(shop, subject="kpi:net_sales")
    asked = {**BODY, "store_id": shop, "request_id": "req-1", "alert_ids": [alert]}
    incident = send(owner, "", asked).json()["id"]
    machine = as_key({Capability.INCIDENT_WRITE, Capability.INCIDENT_READ})
    assert send(machine, f"/{incident}/diagnostics", {}).status_code == 403
    assert owner.get(f"{BASE}/{incident}").json()["evidence"] == []
    made = send(owner, f"/{incident}/diagnostics", {})
    assert made.status_code == 201, made.content
    (file,) = made.json()["evidence"]
    content = owner.get(f"{BASE}/{incident}/evidence/{file['id']}").content
    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    bundle = json.loads(content)
    assert (bundle["request_id"], [call["status"] for call in bundle["calls"]]) == ("req-1", [500])
    assert machine.get(f"{BASE}/{incident}/evidence/{file['id']}").status_code == 403
    assert [run["problem"] for run in bundle["runs"]] == [{"code": "late", "token": "***"}]
    assert [figure["kpi"] for figure in bundle["kpis"]] == ["net_sales"]
    assert not any({"before", "after", "actor_label"} & set(line) for line in bundle["audit"])
    hashes = bundle.pop("sha256")
    assert hashes == {name: digest_of(part) for name, part in bundle.items()}


@pytest.mark.django_db
def test_who_may_not_report_changes_nothing(shop: int, acme: ClientRef, as_role: Any, as_key: Any) -> None:
    """Readers are refused; a key without price:halt may report but not freeze; nothing is written."""
    assert send(as_role(Role.CLIENT_ADMIN), "", BODY).status_code == 403
    machine = as_key({Capability.INCIDENT_WRITE, Capability.INCIDENT_READ})
    assert send(machine, "", {**BODY, "is_frozen": True}).status_code == 403
    with use_tenant(acme):
        assert not Incident.objects.exists()
        assert not PriceHalt.objects.exists()
    assert send(machine, "", BODY).status_code == 201
    assert send(machine, "", {**BODY, "occurred_at": "2026-12-01T00:00:00Z"}).status_code == 422
