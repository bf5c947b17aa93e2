"""Verdicts on figures that are complete but not final: told apart from real ones, and only where nothing else
is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from config.lib import clock
from connectors import models as c
from kpis.models import Target
from kpis.services.rollup import recompute_days
from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.api.validating import ValidatingClient
from tests.kpis.shops import WEEK, cover, get, line
from tests.kpis.world import FIRST, World, days

SOON = datetime(2026, 8, 5, 12, tzinfo=UTC)
YESTERDAY = date(2026, 8, 4)


@pytest.fixture
def young(shops: World, acme: ClientRef) -> int:
    """A store with a plan, three days after the week: every day is known, some KPIs may still be restated."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=FIRST, owner="Li")
        cover(store_id, YESTERDAY)
    return store_id


@pytest.fixture(autouse=True)
def soon(young: int) -> Iterator[None]:
    """The clock stands three days after the week."""
    with clock.frozen(SOON):
        yield


def card(owner: ValidatingClient, store_id: int) -> dict[str, Any]:
    """The week's scorecard."""
    return get(owner, "scorecards/weekly", period=WEEK, store=store_id)


def test_what_is_only_not_final_has_a_provisional_verdict(
    owner: ValidatingClient, young: int, acme: ClientRef
) -> None:
    """The strict verdict stays away; the provisional one is the one that time will confirm."""
    early = card(owner, young)
    waiting = [row for row in early["kpis"] if row["status_reason"] == "not_final" and row["target"]]
    assert "acos" in {row["key"] for row in waiting}
    for row in waiting:
        assert row["status"] == "insufficient_data"
        assert row["score"] is None
        assert row["provisional_status"] in {"ok", "warn", "bad"}
    with clock.frozen(datetime(2026, 10, 1, 12, tzinfo=UTC)):
        with use_tenant(acme):
            cover(young, date(2026, 9, 30))
        late = card(owner, young)
    for row in waiting:
        final = line(late, row["key"])
        assert (final["value"], final["status"]) == (row["value"], row["provisional_status"])
    assert early["provisional_score"] is not None
    assert late["provisional_score"] == late["score"]
    assert late["provisional_status"] == late["status"]


def test_final_verdicts_have_no_provisional_one(owner: ValidatingClient, young: int) -> None:
    """A line is judged for good or provisionally, never both; without a target it is neither."""
    body = card(owner, young)
    for row in body["kpis"]:
        if row["is_final"] or row["value"] is None or row["target"] is None:
            assert row["provisional_status"] is None, row["key"]
    assert Decimal(body["provisional_share_with_data"]) > Decimal(body["share_with_data"])


def test_missing_days_stale_feeds_and_running_weeks_have_none(
    owner: ValidatingClient, young: int, acme: ClientRef
) -> None:
    """Where more than finality is missing, even a provisional verdict would be a guess."""

    def verdict() -> tuple[str, Any]:
        row = line(card(owner, young), "acos")
        return row["status_reason"], row["provisional_status"]

    assert verdict()[1] is not None
    with use_tenant(acme):
        c.StreamCursor.objects.filter(store_id=young).update(covered_through=date(2026, 7, 30))
    assert verdict() == ("coverage_incomplete", None)
    with clock.frozen(datetime(2026, 9, 5, 12, tzinfo=UTC)):
        assert verdict() == ("stale", None)
    with clock.frozen(datetime(2026, 7, 31, 12, tzinfo=UTC)):
        assert verdict() == ("period_incomplete", None)


def test_small_samples_and_unknown_costs_have_none(
    owner: ValidatingClient, young: int, acme: ClientRef
) -> None:
    """Ten sessions a day or SKUs without a cost are no ground for a verdict of any kind."""
    with use_tenant(acme):
        c.TrafficDay.objects.filter(store_id=young, product_id="").update(sessions=10)
        recompute_days(days=[(young, day) for day in days()])
        c.StreamCursor.objects.filter(store_id=young, stream="traffic").update(
            data_as_of=datetime(2026, 8, 3, 12, tzinfo=UTC)
        )
    body = card(owner, young)
    sample = line(body, "conversion_rate")
    assert (sample["status_reason"], sample["provisional_status"]) == ("not_final", None)
    margin = line(body, "gross_margin_pct")
    assert (margin["value"], margin["why_missing"]) == (None, "cost_incomplete")
    assert Decimal(margin["cost_completeness"]) < Decimal("0.95")
    assert (margin["status_reason"], margin["provisional_status"]) == ("cost_incomplete", None)


def test_a_hard_limit_broken_so_far_shows(owner: ValidatingClient, young: int, acme: ClientRef) -> None:
    """A provisional order defect rate over the limit makes the provisional scorecard bad alone."""
    with use_tenant(acme):
        Target.objects.filter(store_id=young, kpi="odr").update(target=Decimal("0.00000001"), warn=None)
        c.StreamCursor.objects.filter(store_id=young, stream="account_health").update(
            data_as_of=datetime(2026, 8, 2, 12, tzinfo=UTC)
        )
    body = card(owner, young)
    assert line(body, "odr")["provisional_status"] == "bad"
    assert (body["provisional_status"], body["is_gated"]) == ("bad", False)
