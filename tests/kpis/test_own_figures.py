"""The product's own figures: how young the data is and what was attained, noted like any other fact."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from config.lib import clock
from config.lib.calendars import Period
from connectors import models as c
from kpis.selectors.scorecards import get_scorecard
from kpis.services.own_figures import record_own_figures
from kpis.services.rollup import roll_up
from kpis.services.targets import apply_template
from tenants.context import use_tenant
from tenants.ledger.models import AuditEntry
from tenants.types import ClientRef
from tests.kpis.shops import NOW, cover
from tests.kpis.world import World

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 1)


def _noted(store_id: int, metric: str) -> dict[str, tuple[Decimal, Decimal]]:
    rows = c.Evidence.objects.filter(store_id=store_id, metric=metric, observed_on=TODAY)
    return {row.subject: (row.numerator, row.denominator) for row in rows}


def test_age_and_completeness_are_noted_per_data_set(shops: World, acme: ClientRef) -> None:
    """A day after the last data: 24 hours for every synced stream; a stream that never came is missing."""
    store_id = shops.stores["US"]
    with use_tenant(acme):
        cover(store_id, streams=("orders", "inventory"))
        record_own_figures()
        ages, arrivals = _noted(store_id, "data_freshness_hours"), _noted(store_id, "data_completeness")
        assert set(ages) == {"orders", "inventory"}
        assert ages["orders"] == (Decimal(24), Decimal(1))
        assert arrivals["returns"] == (Decimal(0), Decimal(1))
        assert set(arrivals) > set(ages)
        roll_up()
        card = get_scorecard(Period.parse("2026-W40"), store_ids=[store_id])
        lines = {row["key"]: row for row in card["kpis"]}
        assert lines["data_freshness_hours"]["value"] == "24.0000"
        arrived = sum(numerator for numerator, _ in arrivals.values()) / len(arrivals)
        assert Decimal(lines["data_completeness"]["value"]) == round(arrived, 6)


def test_noting_twice_changes_nothing(shops: World, acme: ClientRef) -> None:
    """Facts that are equal are not written again; what is noted is audited."""
    with use_tenant(acme):
        assert record_own_figures() > 0
        before = AuditEntry.objects.filter(verb="facts.recorded").count()
        assert before >= 3
        assert record_own_figures() == 0


def test_the_attainment_is_the_score_of_the_last_complete_week(shops: World, acme: ClientRef) -> None:
    """Weight with data, and the share of it that was earned, come from the scorecard itself."""
    store_id = shops.stores["US"]
    with use_tenant(acme), clock.frozen(NOW - timedelta(days=58)):
        apply_template(store_id=store_id, template="us_fba_mature", effective_on=date(2026, 7, 1), owner="Li")
        card = get_scorecard(Period.parse("2026-W31"), store_ids=[store_id])
        record_own_figures()
        row = c.Evidence.objects.get(store_id=store_id, metric="kpi_attainment", subject="scorecard")
    assert card["provisional_score"] is not None
    assert row.observed_on == date(2026, 8, 4)
    assert row.denominator == 100 * Decimal(card["provisional_share_with_data"])
    assert round(100 * row.numerator / row.denominator, 2) == Decimal(card["provisional_score"])
