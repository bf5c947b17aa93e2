"""The agency's view: what is counted, who sees which client, and that nothing of a client's own gets in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from alerts.engine.pacing import band_of, shortfall
from alerts.models import HealthWarning
from alerts.selectors import pacing
from alerts.services.portfolio import count_portfolio
from alerts.tasks.portfolio import follow_portfolio
from config.lib import clock
from config.lib.calendars import Period
from kpis.models import Action
from tenants.context import use_public, use_tenant
from tenants.models import FXRate, PortfolioRow
from tenants.types import ClientRef, HealthBand, PacingBand, Role
from tests.alerts.agency.rows import fired, suggested
from tests.api.conftest import as_role as as_role
from tests.api.conftest import outsider as outsider
from tests.api.conftest import provider_owner as provider_owner
from tests.api.validating import ValidatingClient
from tests.kpis.world import make_store

CANARY = "canary-9f31"
PORTFOLIO = "/api/v1/portfolio"
WEEK = Period.parse("2026-W32")

pytestmark = pytest.mark.django_db


def sales(value: str, target: str | None, currency: str = "USD", key: str = "net_sales") -> dict[str, Any]:
    """A store's scorecard line of sales."""
    amount = {"amount": value, "currency": currency}
    return {"key": key, "family": "sales", "value": amount, "target": target, "currency": currency}


@pytest.mark.parametrize(
    ("actual", "target", "band"),
    [
        ("96", "100", PacingBand.GOOD),
        ("95", "100", PacingBand.WATCH),
        ("80", "100", PacingBand.WATCH),
        ("79.99", "100", PacingBand.BAD),
        ("300", "100", PacingBand.GOOD),
        ("10", "0", PacingBand.UNKNOWN),
    ],
)
def test_bands(actual: str, target: str, band: PacingBand) -> None:
    """Under 5 % behind is good, 5 to 20 % is to be watched, more is bad; no target, no band."""
    assert band_of(shortfall(Decimal(actual), Decimal(target))) is band


def test_stores_are_summed_in_the_reporting_currency(in_acme: ClientRef) -> None:
    """Two currencies are converted by the period's rates; a store without target is left out, and a missing
    rate makes it unknown instead of half right."""
    with use_public():
        for currency, rate in (("USD", "1.2"), ("JPY", "180")):
            FXRate.objects.create(currency=currency, rate_on=WEEK.end, per_eur=Decimal(rate))
    usd, jpy = [sales("90", "100")], [sales("7500", "15000", "JPY")]
    untold = [sales("5", None), {**sales("1", "2"), "key": "orders"}]
    assert pacing.sales_shortfall([usd, jpy, untold], WEEK) == Decimal("0.3")
    assert pacing.sales_shortfall([[sales("90", "100", key="gmv_ordered")]], WEEK) == Decimal("0.1")
    assert pacing.sales_shortfall([usd, [sales("1", "1", "MXN")]], WEEK) is None
    assert pacing.sales_shortfall([untold], WEEK) is None


def fill(now: datetime) -> None:
    """A client whose every text is a canary, with something to count in every column."""
    store_id = make_store("US")
    texts: dict[str, Any] = {
        "rule_title": CANARY,
        "subject": CANARY,
        "basis": CANARY,
        "evidence": {CANARY: CANARY},
    }
    for severity in ("info", "warning", "warning", "critical"):
        fired(now - timedelta(days=3), severity=severity, **texts)
    suggested(now - timedelta(days=3), sku=CANARY, headline=CANARY)
    suggested(now, sku=f"{CANARY}-2", due_at=now - timedelta(hours=1))
    Action.objects.create(
        title=CANARY,
        kpi="acos",
        department="ads",
        owner=CANARY,
        due_on=now.date() - timedelta(days=2),
        direction="down",
        state="open",
        created_at=now,
        created_by=CANARY,
    )
    HealthWarning.objects.create(
        store_id=store_id,
        platform=CANARY,
        origin=CANARY,
        source="api",
        kind="suspension",
        severity="critical",
        title=CANARY,
        received_at=now,
        state="received",
        opened_at=now,
        opened_by=f"{CANARY}@example.com",
    )


def test_what_is_counted_and_that_nothing_else_gets_in(
    acme: ClientRef, globex: ClientRef, frozen_clock: object
) -> None:
    """Every column counts what it should; no text of the client is in the row, nor in what is sent of it."""
    with use_tenant(acme):
        fill(clock.now())
        figures = count_portfolio()
    counted = (figures.alerts_info, figures.alerts_warning, figures.alerts_critical)
    assert counted == (1, 2, 1)
    assert (figures.overdue_actions, figures.overdue_approvals) == (1, 2)
    # Two warnings, one critical alert, one suggestion.
    assert figures.breached_clocks == 4
    assert (figures.health, figures.band) == (HealthBand.BAD, PacingBand.UNKNOWN)
    with use_public(), connection.cursor() as cursor:
        cursor.execute("select p::text from tenants_portfoliorow p")
        (row,) = cursor.fetchone()
    assert CANARY not in row
    with use_tenant(globex):
        assert not PortfolioRow.objects.exists()


def test_no_column_can_hold_a_text(acme: ClientRef) -> None:
    """Every column is a number, an instant or a word that the database checks; other words are refused, and
    a client's role cannot write another's row."""
    with use_public(), connection.cursor() as cursor:
        cursor.execute(
            "select column_name, data_type from information_schema.columns"
            " where table_name = 'tenants_portfoliorow'"
        )
        kinds = dict(cursor.fetchall())
    texts = {name for name, kind in kinds.items() if kind == "character varying"}
    assert texts == {"band", "health"}
    assert set(kinds.values()) <= {
        "character varying",
        "bigint",
        "integer",
        "numeric",
        "timestamp with time zone",
    }
    with use_tenant(acme):
        for words in ({"band": "SKU-1", "health": "good"}, {"band": "good", "health": "Ana"}):
            with pytest.raises(DatabaseError), transaction.atomic():
                PortfolioRow.objects.create(client_id=acme.id, as_of=clock.now(), **words)
        with pytest.raises(DatabaseError), transaction.atomic():
            PortfolioRow.objects.create(client_id=acme.id + 1, band="good", health="good", as_of=clock.now())


def test_everybody_sees_their_own_clients_only(
    acme: ClientRef,
    globex: ClientRef,
    as_role: Callable[..., ValidatingClient],
    outsider: ValidatingClient,
    provider_owner: ValidatingClient,
    frozen_clock: Any,
    redis: object,
) -> None:
    """Staff see the clients they work for, the owner all, an outsider none, a client login nothing; totals
    are of the same clients; the worst comes first."""
    for client, band, behind in ((acme, "watch", "0.1"), (globex, "bad", "0.5")):
        with use_tenant(client):
            PortfolioRow.objects.create(
                client_id=client.id,
                band=band,
                shortfall=Decimal(behind),
                health="good",
                alerts_critical=int(band == "bad"),
                as_of=clock.now(),
            )

    def seen(caller: ValidatingClient, query: str = "") -> list[str]:
        return [row["client"] for row in caller.get(f"{PORTFOLIO}{query}").json()["data"]]

    assert seen(provider_owner) == ["globex", "acme"]
    assert seen(provider_owner, "?sort=name") == ["acme", "globex"]
    assert seen(provider_owner, "?sort=-shortfall&limit=1") == ["globex"]
    assert seen(provider_owner, "?band=watch") == ["acme"]
    assert seen(provider_owner, "?alerts=critical") == ["globex"]
    assert seen(provider_owner, "?has=stale_streams") == []
    assert seen(as_role(Role.OPERATOR)) == ["acme"]
    assert seen(outsider) == []
    assert as_role(Role.CLIENT_ADMIN).get(PORTFOLIO).status_code == 403
    totals = {row["band"]: row for row in as_role(Role.ANALYST).get(f"{PORTFOLIO}/totals").json()["bands"]}
    assert (totals["watch"]["clients"], totals["bad"]["clients"]) == (1, 0)
    frozen_clock.tick(timedelta(minutes=31))
    stale = provider_owner.get(f"{PORTFOLIO}/totals").json()
    assert (stale["clients"], stale["outdated"]) == (2, 2)


def test_news_count_a_client_anew(in_acme: ClientRef, frozen_clock: object) -> None:
    """The job behind news writes the row again, over the one before."""
    follow_portfolio(None, events=[])
    fired(clock.now(), severity="critical")
    follow_portfolio(None, events=[{"id": 1, "type": "alerts.transitioned"}])
    row = PortfolioRow.objects.get()
    assert (row.alerts_critical, row.as_of) == (1, clock.now())
