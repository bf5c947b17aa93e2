"""Figures that change because time passes: business hours, promises, replies and papers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.lib import clock
from config.lib.calendars import Period
from connectors import models as c
from connectors.models import DirtyDay
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.types import Family
from kpis.catalog import CATALOG, MEASURES
from kpis.engine.evaluate import evaluate
from kpis.engine.totals import Window
from kpis.selectors.measures import list_window_sums
from kpis.services.due_days import mark_due_days
from kpis.services.rollup import recompute_days, roll_up
from tenants.types import ClientRef
from tests.kpis.world import make_store
from tests.kpis.world_reach import provenance

pytestmark = pytest.mark.django_db
JST = timedelta(hours=9)


def _jst(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) - JST


def _shipment(store_id: int, key: str, day: date, **changes: Any) -> c.Shipment:
    values = {
        "platform_order_id": key,
        "sku": "MUG",
        "channel": "merchant",
        "carrier": "C",
        "warehouse": "W",
        "quantity": 1,
        "business_on": day,
        "paid_at": None,
        "ship_due_at": None,
        "shipped_at": None,
        "accepted_at": None,
        "promised_at": None,
        "delivered_at": None,
        "is_tracked": True,
        "is_complete": True,
        "cancelled_by": "",
        "lost_units": 0,
        "damaged_units": 0,
    }
    return c.Shipment(store_id=store_id, shipment_key=key, **provenance(), **{**values, **changes})


def _value(store_id: int, key: str, first: date, last: date) -> Decimal | None:
    kpi = CATALOG[key]
    (sums,) = list_window_sums([store_id], [(first, last)], kpi.inputs)
    return evaluate(kpi, Window(MEASURES, sums, (last - first).days + 1, False), "JPY").value


@pytest.mark.parametrize(
    ("paid", "shipped", "is_swift"),
    [
        ("2026-04-28T10:00", "2026-05-06T10:00", True),
        ("2026-04-28T10:00", "2026-05-06T10:01", False),
        ("2026-05-03T12:00", "2026-05-06T23:59", True),
        ("2026-05-03T12:00", "2026-05-07T00:01", False),
        ("2026-05-08T18:00", "2026-05-11T18:00", True),
        ("2026-05-08T18:00", "2026-05-11T18:01", False),
        ("2026-05-12T18:00", "2026-05-13T17:59", True),
    ],
)
def test_business_hours_rest_over_golden_week(
    in_acme: ClientRef, paid: str, shipped: str, is_swift: bool
) -> None:
    """Paid on Tuesday before Golden Week, 24 business hours end on Wednesday after it, at the same time; paid
    within it, they are the whole of that Wednesday; a Friday's end on Monday."""
    store_id = make_store("JP")
    day = date.fromisoformat(paid[:10])
    _shipment(store_id, "o1", day, paid_at=_jst(paid), shipped_at=_jst(shipped)).save()
    recompute_days(days=[(store_id, day)])
    assert _value(store_id, "ship_24h_rate", day, day) == int(is_swift)


def test_a_promise_is_judged_a_week_after_it_fell_due(in_acme: ClientRef) -> None:
    """Nothing is due today; in ten days the promise is, no fact has changed, and the day is made anew."""
    store_id = make_store("JP")
    now = clock.now()
    day = (now + JST).date() - timedelta(days=20)
    paid, passed = now - timedelta(days=20), now - timedelta(days=8)
    _shipment(store_id, "late", day, paid_at=paid, shipped_at=paid, promised_at=passed).save()
    _shipment(store_id, "open", day, paid_at=paid, shipped_at=paid, promised_at=now).save()
    recompute_days(days=[(store_id, day)])
    assert _value(store_id, "otdr", day, day) == 0
    c.Shipment.objects.filter(shipment_key="late").update(delivered_at=passed)
    DirtyDay.objects.all().delete()
    assert mark_due_days() == 1
    assert set(DirtyDay.objects.values_list("business_on", "family")) == {(day, "shipments")}
    roll_up()
    assert _value(store_id, "otdr", day, day) == 1
    with clock.frozen(now + timedelta(days=40)):
        assert mark_due_days() == 0


def test_a_certificate_expires_without_any_news(in_acme: ClientRef) -> None:
    """Valid through Wednesday: covered that week's Wednesday, not on Thursday, though no register came."""
    store_id = make_store("JP")
    wednesday = date(2026, 8, 5)
    c.Certificate.objects.create(
        store_id=store_id,
        certificate_key="pse-1",
        sku="LAMP",
        kind="pse",
        reported_on=date(2026, 7, 1),
        is_required=True,
        issued_on=date(2025, 8, 1),
        expires_on=wednesday,
        registration_no="",
        **provenance(),
    )
    for n, expected in ((0, 1), (1, 0)):
        day = wednesday + timedelta(days=n)
        c.Evidence.objects.create(
            store_id=store_id,
            metric="data_completeness",
            subject="orders",
            observed_on=day,
            numerator=1,
            denominator=1,
            rater="product",
            attachment_sha256="",
            expires_on=None,
            **provenance(),
        )
        with clock.frozen(datetime(day.year, day.month, day.day, 3, tzinfo=UTC)):
            mark_dirty_days([DirtyMark(store_id, day, Family.EVIDENCE)])
            mark_due_days()
            roll_up()
        week = Period.parse("2026-W32")
        assert _value(store_id, "cert_coverage", week.start, week.end) == expected, day
