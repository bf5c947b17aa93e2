"""Alerts become actions once, recover with them or ask again, one step up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.engine.work import is_to_rise, kpi_of
from alerts.models import Alert, AlertWork
from alerts.services.work import note_recoveries, open_work_for, verify_work
from config.lib import clock
from kpis.models import Action
from kpis.types import Direction
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.alerts.health.conftest import NOW
from tests.api.validating import ValidatingClient

BASE = "/api/v1/clients/acme"
DAY = timedelta(days=1)


def make_alert(store: int | None, *, subject: str = "kpi:acos", state: str = "firing", **values: Any) -> int:
    """An alert as the life cycle leaves it."""
    plain: dict[str, Any] = {
        "fingerprint": subject, "rule_id": 1, "rule_key": "acos", "rule_version": 1, "rule_title": "ACOS",
        "detector": "kpi_threshold", "policy": {}, "severity": "warning", "observed": Decimal("0.41"),
        "limit": Decimal("0.30"), "unit": "fraction", "basis": "Last 7 days.", "opened_at": NOW,
        "fired_at": NOW, "checked_at": NOW,
    }  # fmt: skip
    return Alert.objects.create(**{**plain, **values}, store_id=store, subject=subject, state=state).pk


def resolve(alert_id: int, observed: str) -> None:
    """The life cycle ended it."""
    Alert.objects.filter(pk=alert_id).update(state="resolved", is_current=False, observed=Decimal(observed))


@pytest.mark.parametrize(
    ("subject", "detector", "expected"),
    [
        ("kpi:acos", "kpi_threshold", "acos"),
        ("kpi:net_sales|brand:X", "anomaly", "net_sales"),
        ("sku:MUG", "stock_zero", "stockout_rate"),
        ("stream:orders", "stale_data", None),
    ],
)
def test_an_alert_tells_its_kpi_or_nobody_guesses(subject: str, detector: str, expected: str | None) -> None:
    """By its subject, else by what its detector endangers."""
    assert kpi_of(subject, detector) == expected


def test_the_way_a_figure_ought_to_move() -> None:
    """The KPI's good direction; in a band, back from the side it strayed to."""
    assert is_to_rise(Direction.UP, None, None)
    assert not is_to_rise(Direction.DOWN, Decimal(1), Decimal(2))
    assert is_to_rise(Direction.RANGE, Decimal(1), Decimal(2))
    assert not is_to_rise(Direction.RANGE, Decimal(3), Decimal(2))


@pytest.mark.django_db
def test_a_firing_alert_opens_one_action_and_its_recovery_closes_the_work(
    shop: int, acme: ClientRef, owner: ValidatingClient
) -> None:
    """However often the news comes: one action, due by the contract; the values before and after are kept."""
    with use_tenant(acme):
        alert = make_alert(shop)
        quiet = make_alert(shop, subject="kpi:roas", severity="info")
        pending = make_alert(shop, subject="kpi:odr", state="pending")
        nothing = make_alert(shop, subject="stream:orders", detector="stale_data")
        (work,) = open_work_for([alert, quiet, pending, nothing])
        assert open_work_for([alert]) == []
        action = Action.objects.get()
        assert (action.kpi, action.direction, action.store_ids) == ("acos", "down", [shop])
        assert (action.department, action.owner) == ("advertising", "ads_operator")
        assert Alert.objects.get(pk=alert).action_id == action.pk
        assert note_recoveries([alert]) == []
        resolve(alert, "0.28")
        assert note_recoveries([alert]) == [work]
        assert note_recoveries([alert]) == []
    body = owner.get(f"{BASE}/alert-work/{work}").json()
    assert (body["state"], Decimal(body["value_before"]), Decimal(body["value_after"])) == (
        "recovered", Decimal("0.41"), Decimal("0.28")
    )  # fmt: skip
    assert body["due_at"] == "2026-11-21T09:30:00Z"
    assert body["note"].startswith("recovered before the action was done")


@pytest.mark.django_db
def test_an_action_that_did_not_help_is_asked_for_again_one_step_up(shop: int, acme: ClientRef) -> None:
    """Done for two days while the alert stands: failed, and a new action for the account manager."""
    with use_tenant(acme):
        alert = make_alert(shop)
        (first,) = open_work_for([alert])
        assert verify_work() == []
        Action.objects.update(state="done", done_at=NOW)
        with clock.frozen(NOW + 2 * DAY - timedelta(seconds=1)):
            assert verify_work() == []
        with clock.frozen(NOW + 2 * DAY):
            (second,) = verify_work()
            assert verify_work() == []
        assert AlertWork.objects.get(pk=first).state == "failed"
        again = AlertWork.objects.get(pk=second)
        assert (again.round, again.follows_id, again.is_escalated) == (2, first, True)
        action = Action.objects.get(pk=again.action_id)
        assert action.owner == "account_manager"
        assert action.title.startswith("Again: ")


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "is_relapse"), [(13, True), (15, False)])
def test_a_subject_that_comes_back_soon_was_not_repaired(
    shop: int, acme: ClientRef, days: int, is_relapse: bool
) -> None:
    """Within a fortnight of its recovery the next episode's action goes one step up; later it is new."""
    with use_tenant(acme):
        alert = make_alert(shop)
        (first,) = open_work_for([alert])
        resolve(alert, "0.2")
        note_recoveries([alert])
        with clock.frozen(NOW + days * DAY):
            (second,) = open_work_for([make_alert(shop)])
        work = AlertWork.objects.get(pk=second)
        assert (work.follows_id, work.is_escalated) == ((first, True) if is_relapse else (None, False))


@pytest.mark.django_db
def test_a_person_opens_an_action_and_names_the_kpi_where_the_alert_does_not(
    shop: int, acme: ClientRef, as_role: Any
) -> None:
    """422 without a KPI, 201 with one, 200 for the same again, 409 when it is over; viewers may not."""
    with use_tenant(acme):
        alert = make_alert(shop, subject="stream:orders", detector="stale_data")
        over = make_alert(shop, subject="kpi:odr", state="resolved")
    operator = as_role(Role.OPERATOR)
    url = f"{BASE}/alerts/{alert}/action"
    assert as_role(Role.CLIENT_ADMIN).post(url, {}, format="json").status_code == 403
    assert operator.post(url, {}, format="json").status_code == 422
    with use_tenant(acme):
        assert not Action.objects.exists()
    made = operator.post(url, {"kpi": "net_sales", "title": "Call the platform"}, format="json")
    assert made.status_code == 201, made.content
    assert operator.post(url, {"kpi": "net_sales"}, format="json").status_code == 200
    assert operator.post(f"{BASE}/alerts/{over}/action", {}, format="json").status_code == 409
    assert operator.post(f"{BASE}/alerts/999999/action", {}, format="json").status_code == 404
    with use_tenant(acme):
        assert Action.objects.get().title == "Call the platform"
