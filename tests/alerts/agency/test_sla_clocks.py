"""Which clocks run at a client, by which promise, and which were kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.engine.sla import ClockState, SlaClass
from alerts.selectors.sla import ClockKind, list_clocks, list_decided
from config.lib import clock
from tenants.context import use_public, use_tenant
from tenants.models import Contract
from tenants.types import ClientRef, Role
from tests.alerts.agency.rows import answered, fired, suggested
from tests.api.conftest import as_role as as_role
from tests.api.validating import ValidatingClient

FRIDAY = datetime(2026, 11, 20, 9, tzinfo=UTC)
"""17:00 in Shanghai, the client's office."""
HOUR = timedelta(hours=1)

pytestmark = pytest.mark.django_db


def agree(client: ClientRef, sla_class: str, effective_on: date, version: int = 1) -> None:
    """Record a contract, as of the office of Shanghai, nine to six, Monday to Friday."""
    with use_public():
        Contract.objects.create(
            client_id=client.id,
            version=version,
            effective_on=effective_on,
            modules=["full"],
            reports=["week"],
            sla_class=sla_class,
            contact_time_zone="Asia/Shanghai",
            time_zone="Asia/Shanghai",
            opens=540,
            closes=1080,
            weekdays=[1, 2, 3, 4, 5],
            holiday_market="",
            start_on=effective_on,
            exit_window_days=30,
            recorded_at=FRIDAY,
            recorded_by="Ana",
        )


def test_clocks_run_by_the_contract_they_began_under(in_acme: ClientRef) -> None:
    """24 hours while nothing is agreed, working hours from the contract's day on, 4 hours if critical."""
    agree(in_acme, "business", date(2026, 11, 20))
    before = fired(FRIDAY - 24 * HOUR)
    after = fired(FRIDAY)
    critical = fired(FRIDAY, severity="critical")
    waits = suggested(FRIDAY)
    fired(FRIDAY, severity="info")
    fired(FRIDAY, state="acknowledged", acknowledged_at=FRIDAY + HOUR)
    fired(FRIDAY, state="resolved", resolved_at=FRIDAY + HOUR)
    fired(FRIDAY, state="pending", fired_at=None)
    answered(suggested(FRIDAY, state="escalated"), FRIDAY, verdict="escalated")
    found = [
        (each.kind, each.subject_id, each.sla_class, each.due_at, each.state)
        for each in list_clocks(FRIDAY + 3 * HOUR)
    ]
    monday = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert found == [
        (ClockKind.ALERT, before.pk, SlaClass.STANDARD, FRIDAY, ClockState.BREACHED),
        (ClockKind.ALERT, critical.pk, SlaClass.URGENT, FRIDAY + 4 * HOUR, ClockState.NEAR),
        (ClockKind.ALERT, after.pk, SlaClass.BUSINESS, monday, ClockState.OK),
        (ClockKind.APPROVAL, waits.pk, SlaClass.BUSINESS, monday, ClockState.OK),
    ]


def test_a_promise_is_decided_once(in_acme: ClientRef) -> None:
    """Answered in time is kept, at that moment; late or never is broken, at the deadline; gone by itself is
    neither; and each is counted in one period only, however periods are cut."""
    kept = fired(FRIDAY, state="resolved", acknowledged_at=FRIDAY + 2 * HOUR, resolved_at=FRIDAY + 90 * HOUR)
    late = fired(FRIDAY, state="acknowledged", acknowledged_at=FRIDAY + 30 * HOUR)
    never = fired(FRIDAY)
    fired(FRIDAY, state="resolved", resolved_at=FRIDAY + HOUR)
    price = suggested(FRIDAY, state="rejected", closed_at=FRIDAY + 5 * HOUR)
    answered(price, FRIDAY + 5 * HOUR, verdict="rejected", role="client_admin")
    suggested(FRIDAY, state="superseded", closed_at=FRIDAY + HOUR)
    expired = suggested(FRIDAY, state="expired", closed_at=FRIDAY + 48 * HOUR)
    due = FRIDAY + 24 * HOUR
    whole = list_decided(FRIDAY, FRIDAY + 100 * HOUR)
    assert {(each.span.kind, each.span.subject_id, each.is_kept, each.decided_at) for each in whole} == {
        (ClockKind.ALERT, kept.pk, True, FRIDAY + 2 * HOUR),
        (ClockKind.ALERT, late.pk, False, due),
        (ClockKind.ALERT, never.pk, False, due),
        (ClockKind.APPROVAL, price.pk, True, FRIDAY + 5 * HOUR),
        (ClockKind.APPROVAL, expired.pk, False, due),
    }
    for cut in range(1, 100, 7):
        parts = [
            *list_decided(FRIDAY, FRIDAY + cut * HOUR),
            *list_decided(FRIDAY + cut * HOUR, FRIDAY + 100 * HOUR),
        ]
        assert {each.span.subject_id for each in parts} == {each.span.subject_id for each in whole}
        assert len(parts) == len(whole)


def test_clocks_over_http(
    as_role: Callable[..., ValidatingClient], acme: ClientRef, globex: ClientRef, redis: object
) -> None:
    """Filtered and paged, the first deadline first; another client's clocks are not there."""
    with use_tenant(acme):
        ids = [fired(FRIDAY + n * HOUR).pk for n in range(5)]
    with use_tenant(globex):
        fired(FRIDAY)
    with clock.frozen(FRIDAY + 26 * HOUR):
        caller = as_role(Role.OPERATOR)
        path = "/api/v1/clients/acme/sla-clocks"
        breached = caller.get(f"{path}?state=breached").json()["data"]
        assert [row["subject_id"] for row in breached] == ids[:2]
        assert breached[0]["spent_hours"] == "26.00"
        page = caller.get(f"{path}?limit=2").json()
        pages = [page["data"]]
        while page["page"]["next"]:
            page = caller.get(f"{path}?limit=2&cursor={page['page']['next']}").json()
            pages.append(page["data"])
        assert [row["subject_id"] for rows in pages for row in rows] == ids
        assert as_role(Role.CLIENT_VIEWER).get(path).status_code == 403
