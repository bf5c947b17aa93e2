"""The agency measured: every figure from rows whose answer is known by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.selectors import provider_scorecard
from config.lib import clock
from config.lib.calendars import Period
from kpis.models import Action, Review
from tenants.context import use_tenant
from tenants.types import ClientRef, Role
from tests.alerts.agency.rows import answered, fired, suggested
from tests.alerts.agency.test_sla_clocks import agree
from tests.api.conftest import as_role as as_role
from tests.api.validating import ValidatingClient

NOVEMBER = datetime(2026, 11, 5, 4, tzinfo=UTC)
LATER = datetime(2026, 12, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
CARD = "/api/v1/clients/acme/provider-scorecard"

pytestmark = pytest.mark.django_db


def review(period: str, held_at: datetime | None) -> None:
    """A review, held or a draft."""
    Review.objects.create(
        kind="week",
        period=period,
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 1, 7),
        state="held" if held_at else "draft",
        pack="{}",
        sha256="0" * 64,
        batch=0,
        known_at=NOVEMBER,
        built_at=NOVEMBER,
        built_by="Ana",
        held_at=held_at,
    )


def action(due_on: date, done_on: date | None, state: str) -> None:
    """Something that was to be done by a day."""
    Action.objects.create(
        title="Do it",
        kpi="acos",
        department="ads",
        owner="Ana",
        due_on=due_on,
        done_on=done_on,
        direction="down",
        state=state,
        created_at=NOVEMBER,
        created_by="Ana",
    )


def fill(client: ClientRef) -> None:
    """A November: of five weekly reviews due two in time, of three actions one, of four promises two."""
    agree(client, "standard", date(2026, 10, 19))
    review("2026-W43", datetime(2026, 11, 1, 15, 59, tzinfo=UTC))
    review("2026-W44", datetime(2026, 11, 8, 16, 1, tzinfo=UTC))
    review("2026-W45", datetime(2026, 11, 10, 1, tzinfo=UTC))
    review("2026-W46", None)
    action(date(2026, 11, 10), date(2026, 11, 10), "verified")
    action(date(2026, 11, 10), date(2026, 11, 11), "done")
    action(date(2026, 11, 12), None, "open")
    action(date(2026, 11, 12), None, "cancelled")
    fired(NOVEMBER, state="acknowledged", acknowledged_at=NOVEMBER + HOUR)
    fired(NOVEMBER)
    answered(suggested(NOVEMBER, state="approved"), NOVEMBER + 2 * HOUR)
    answered(suggested(NOVEMBER, state="approved"), NOVEMBER + 30 * HOUR)
    # The client's own answer, and what waits for it, is not the agency's to answer for.
    answered(
        suggested(NOVEMBER, state="rejected"), NOVEMBER + 90 * HOUR, verdict="rejected", role="client_admin"
    )
    suggested(NOVEMBER, level_needed="client")


def test_a_november_by_hand(
    acme: ClientRef,
    as_role: Callable[..., ValidatingClient],
    redis: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Shares, hours and numbers of cases; the client's viewer sees them, as JSON and as a file; a month
    without anything has no figures rather than good ones."""
    with use_tenant(acme):
        fill(acme)
    worth = {"store_id": 3, "kpi": "acos", "value": Decimal("-0.25"), "n": 4}
    monkeypatch.setattr(provider_scorecard, "list_stores", lambda: [type("Store", (), {"id": 3})])
    monkeypatch.setattr(provider_scorecard, "_uplift_of", lambda store_id, weeks: [worth])
    with clock.frozen(LATER):
        viewer = as_role(Role.CLIENT_VIEWER)
        card = viewer.get(f"{CARD}?period=2026-11").json()
        found = {row["key"]: (row["value"], row["n"]) for row in card["measures"]}
        assert found == {
            "reviews_on_time": ("0.4000", 5),
            "actions_on_time": ("0.3333", 3),
            "alerts_answered": ("0.5000", 2),
            "approvals_answered": ("0.5000", 2),
            "approval_hours": ("16.0000", 2),
            "uplift": ("-0.2500", 1),
        }
        assert (card["period"], card["contract_version"], card["until"]) == (
            "2026-11",
            1,
            "2026-11-30T16:00:00Z",
        )
        # The last whole month unless told.
        assert viewer.get(CARD).json()["measures"] == card["measures"]
        lines = viewer.get(f"{CARD}/export").content.decode("utf-8-sig").splitlines()
        assert lines[0] == "period,measure,store_id,kpi,value,unit,n,formula"
        assert "2026-11,uplift,3,acos,-0.2500,fraction,4," in lines
        monkeypatch.setattr(provider_scorecard, "_uplift_of", lambda store_id, weeks: [])
        early = viewer.get(f"{CARD}?period=2026-08").json()["measures"]
        assert {(row["value"], row["n"]) for row in early} == {(None, 0)}
        for period in ("2026-12-31", "2026-13", "2026-11-21~200d"):
            refused = viewer.get(f"{CARD}?period={period}")
            assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "period")


def test_what_may_still_be_done_is_not_late(in_acme: ClientRef) -> None:
    """In the middle of a day, what is due that day does not count yet."""
    agree(in_acme, "standard", date(2026, 10, 19))
    action(date(2026, 11, 12), None, "open")
    for now, expected in (
        (datetime(2026, 11, 12, 15, 59, tzinfo=UTC), 0),
        (datetime(2026, 11, 12, 16, tzinfo=UTC), 1),
    ):
        card = provider_scorecard.get_provider_scorecard(Period.parse("2026-11"), now)
        counts: dict[str, Any] = {measure.key: measure.n for measure in card.measures}
        assert counts["actions_on_time"] == expected


def test_uplift_is_of_weeks_against_a_week(in_acme: ClientRef, monkeypatch: pytest.MonkeyPatch) -> None:
    """The median of the weeks against the frozen baseline, better in the KPI's own direction; KPIs without
    baseline, without direction or without figure are left out."""
    base = {"value": "0.40"}
    lines: dict[str, Any] = {
        "2026-W45": [("acos", "0.30", base, "down"), ("net_sales", 1200, 1000, "up"), ("x", "1", None, "up")],
        "2026-W46": [("acos", None, base, "down"), ("net_sales", 900, 1000, "up"), ("y", "1", base, "range")],
    }

    def card(week: Any, *, store_ids: Any) -> Any:
        def money(value: Any) -> Any:
            return {"amount": str(value), "currency": "USD"} if isinstance(value, int) else value

        return {
            "kpis": [
                {
                    "key": key,
                    "value": money(value),
                    "baseline": {"value": money(known)} if isinstance(known, int) else known,
                    "direction": direction,
                }
                for key, value, known, direction in lines[week.id]
            ]
        }

    monkeypatch.setattr(provider_scorecard, "get_scorecard", card)
    weeks = [Period.parse(each) for each in lines]
    assert list(provider_scorecard._uplift_of(3, weeks)) == [
        {"store_id": 3, "kpi": "acos", "value": Decimal("0.25"), "n": 1},
        {"store_id": 3, "kpi": "net_sales", "value": Decimal("0.05"), "n": 2},
    ]
