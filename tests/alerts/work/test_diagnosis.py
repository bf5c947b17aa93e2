"""The checklist: every step's verdicts as a table, and one call over HTTP in the users' order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.engine import diagnosis as steps
from alerts.engine.diagnosis import Fact, Gap, NumberSeen, StepKey, StepVerdict, StreamSeen, TargetSeen
from connectors import models as c
from connectors.facts.happenings import Event
from connectors.models import OutboundCall
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.alerts.health.conftest import NOW

LAST = date(2026, 11, 15)
BASE = "/api/v1/clients/acme"


def stream(**values: Any) -> StreamSeen:
    """A stream that is in order."""
    plain = {"stream": "orders", "is_fresh": True, "ever": True, "covered_through": LAST, "data_as_of": None}
    return StreamSeen(**{**plain, "problem": "", "rejected": 0, "source": "/x", **values})


def number(**values: Any) -> NumberSeen:
    """A figure that is in order."""
    plain = {"value": "1", "why_missing": None, "coverage": "1", "is_final": True, "formula": "a / b"}
    return NumberSeen(**{**plain, "source": "/x", **values})


TARGET = TargetSeen(("Li",), (), is_live=True, source="/x")
FINE, SUSPECT, UNKNOWN = StepVerdict


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (steps.api_status([stream()], 0, "/x"), FINE),
        (steps.api_status([stream(is_fresh=False)], 0, "/x"), SUSPECT),
        (steps.api_status([], 0, "/x"), UNKNOWN),
        (steps.raw_data([stream()], LAST), FINE),
        (steps.raw_data([stream(covered_through=LAST - timedelta(days=1))], LAST), SUSPECT),
        (steps.raw_data([stream(rejected=3)], LAST), SUSPECT),
        (steps.raw_data([stream(ever=False)], LAST), UNKNOWN),
        (steps.formula(number()), FINE),
        (steps.formula(number(is_final=False)), SUSPECT),
        (steps.formula(number(value=None, why_missing="no_data")), SUSPECT),
        (steps.recent_changes([], LAST, LAST), FINE),
        (steps.recent_changes([Fact("price TENT", "x", "/x")], LAST, LAST), SUSPECT),
        (steps.owner_and_target(TARGET), FINE),
        (steps.owner_and_target(TargetSeen(("Li",), ("Li",), is_live=False, source="/x")), SUSPECT),
        (steps.owner_and_target(None), SUSPECT),
        (steps.consistency([], "/x"), FINE),
        (steps.consistency([Gap("fee", Decimal(2), Decimal(1), Decimal(30))], "/x"), SUSPECT),
        (steps.consistency(None, "/x"), UNKNOWN),
    ],
)
def test_each_step_has_its_verdicts(found: steps.Step, expected: StepVerdict) -> None:
    """In order, at fault, or unknown; what is at fault says why."""
    assert found.verdict is expected
    assert found.why


def test_the_first_suspect_step_is_where_to_look() -> None:
    """Later faults may follow from it, and the unknown sends nobody anywhere."""
    fine, late = steps.api_status([stream()], 0, "/x"), steps.owner_and_target(None)
    unknown = steps.consistency(None, "/x")
    assert steps.first_suspect([fine, unknown, late]) is StepKey.OWNER_AND_TARGET
    assert steps.first_suspect([fine, unknown]) is None


@pytest.mark.django_db
def test_the_checklist_in_one_call(shop: int, acme: ClientRef, as_role: Any) -> None:
    """A store never synced, with a refused call and an event: verdicts and figures, six steps in order."""
    with use_tenant(acme):
        connection = c.StoreConnection.objects.get()
        OutboundCall.objects.create(
            store_id=shop, connection_id=connection.pk, platform="amazon_sp", operation="getOrders",
            method="GET", host="h", path="/p", status=403, duration_ms=5, request_id="r", called_at=NOW,
        )  # fmt: skip
        Event.objects.create(
            store_id=shop, event_key="e1", kind="listing_edit", sku="TENT", business_on=date(2026, 11, 12),
            occurred_at=NOW - timedelta(days=8), ended_at=NOW - timedelta(days=8), title="New pictures",
            run_id=1, source_updated_at=NOW, ingested_at=NOW,
        )  # fmt: skip
    body = {"kpi": "net_sales", "store_id": shop, "period": "2026-W46"}
    reader = as_role(Role.ANALYST)
    answer = reader.post(f"{BASE}/diagnostics", body, format="json")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert [step["key"] for step in found["steps"]] == list(StepKey)
    by_key = {step["key"]: step for step in found["steps"]}
    assert found["look_first"] == "api_status"
    assert {"name": "calls refused or failed in 24 hours", "value": "1"}.items() <= by_key["api_status"][
        "facts"
    ][-1].items()
    assert by_key["raw_data"]["verdict"] == "unknown"
    assert by_key["formula"]["verdict"] == "suspect"
    assert [each["value"] for each in by_key["recent_changes"]["facts"]] == ["New pictures"]
    assert by_key["owner_and_target"]["verdict"] == "suspect"
    assert by_key["consistency"]["verdict"] == "unknown"
    assert reader.post(f"{BASE}/diagnostics", {**body, "kpi": "nonsense"}, format="json").status_code == 404
    assert as_role(Role.CLIENT_VIEWER).post(f"{BASE}/diagnostics", body, format="json").status_code == 403
