"""Does a file that is due and missing make its KPI stale, and never zero?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from config.lib import clock
from config.lib.calendars import Period
from connectors.models import UploadedFile
from connectors.selectors.freshness import list_freshness
from connectors.selectors.upload_plans import list_due
from connectors.services.upload_intake import receive_upload
from connectors.services.upload_plans import set_plan
from connectors.services.upload_reading import Options
from connectors.services.upload_work import take_upload
from connectors.types import FreshnessState, StoreRef
from kpis.selectors.scorecards import get_scorecard
from kpis.services.baselines import enter_baseline
from kpis.services.rollup import roll_up
from kpis.services.targets import TargetDraft, set_target
from kpis.types import LineRole
from tenants.tasking import JobHandle
from tenants.types import ClientRef
from tests.connectors.uploads.conftest import make_shop
from tests.connectors.uploads.files import csv_of

pytestmark = pytest.mark.django_db
KPI = "seller_feedback_score"


@pytest.fixture
def shop(in_acme: ClientRef) -> StoreRef:
    """A shop that nothing but files feeds."""
    return make_shop()


def hand_in(shop: StoreRef, content: bytes, first: date, last: date) -> UploadedFile:
    """Hand the ratings of some days in."""
    upload_id, _ = receive_upload(
        content=content,
        filename="ratings.csv",
        dataset="feedback",
        profile="",
        store_id=shop.id,
        mode="whole",
        options=Options(covered_from=first, covered_through=last),
    )
    # Jobs live by the database's clock, which stands elsewhere than the test's.
    take_upload(cast(JobHandle, SimpleNamespace(heartbeat=lambda progress: None)), upload_id=upload_id)
    return UploadedFile.objects.get(pk=upload_id)


def line(shop: StoreRef, week: str) -> dict[str, Any]:
    """The KPI's line of a weekly scorecard."""
    body = get_scorecard(Period.parse(week), store_ids=[shop.id], language="en")
    found: list[dict[str, Any]] = [each for each in body["kpis"] if each["key"] == KPI]
    return found[0]


def test_a_missing_file_makes_its_kpi_stale(shop: StoreRef) -> None:
    """A week that was handed in has its number; the next has none, tells why, and is listed as due."""
    with clock.frozen(datetime(2026, 11, 10, 3, tzinfo=UTC)):
        draft = TargetDraft(
            role=LineRole.CORE,
            weight=Decimal(100),
            bounds={"target": Decimal("4.5"), "warn": Decimal("4.0")},
            effective_on=date(2026, 10, 1),
            owner="lin",
            source="contract",
            deadline_on=date(2026, 12, 31),
        )
        enter_baseline(store_id=shop.id, kpi=KPI, value=Decimal("4.6"), source="contract")
        set_target(store_id=shop.id, kpi=KPI, draft=draft, version=0)
        set_plan(
            store_id=shop.id,
            dataset="feedback",
            cadence_days=7,
            grace_days=2,
            first_due_on=date(2026, 11, 9),
            owner="lin",
            is_active=True,
            version=0,
        )
        (due,) = list_due()
        assert (due.due_on, due.is_due, due.overdue_days) == (date(2026, 11, 9), True, 0)
        rows = [[f"O-{n}", f"2026-11-0{2 + n % 7}", "5" if n % 4 else "3"] for n in range(40)]
        content = csv_of(["order_id", "business_on", "rating"], *rows)
        assert hand_in(shop, content, date(2026, 11, 2), date(2026, 11, 8)).state == "taken"
        roll_up()
        assert list_due() == []
        known = line(shop, "2026-W45")
        assert Decimal(known["value"]) == Decimal("4.5")
        assert _state(shop) is FreshnessState.FRESH
    with clock.frozen(datetime(2026, 11, 21, 3, tzinfo=UTC)):
        (due,) = list_due()
        assert (due.covered_through, due.due_on, due.overdue_days) == (
            date(2026, 11, 8),
            date(2026, 11, 16),
            3,
        )
        assert _state(shop) is FreshnessState.STALE
        missing = line(shop, "2026-W46")
        assert missing["value"] is None
        assert missing["status"] == "insufficient_data"
        assert missing["status_reason"] == "stale"


def _state(shop: StoreRef) -> FreshnessState:
    return list_freshness([shop.id], ["seller_feedback"])[0].state
