"""An unknown cost never counts as none: margins stay empty until sheets and exchange rates are there."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from config.lib.calendars import Period
from connectors import models as c
from connectors.selectors.stores import get_store
from kpis.catalog import CATALOG
from kpis.engine.coverage import Span
from kpis.engine.evaluate import KPIValue, evaluate
from kpis.engine.totals import Window
from kpis.models import DailyMeasure
from kpis.selectors.answer import make_window
from kpis.selectors.measures import list_period_sums
from kpis.services.rollup import recompute_days, refresh_rates
from kpis.types import Reason
from tenants.context import use_public
from tenants.models import FXRate
from tenants.types import ClientRef
from tests.kpis.engine.windows import window
from tests.kpis.world import Facts, at, make_store
from tests.kpis.world_costs import make_sheet
from tests.kpis.world_reach import provenance

WEEK = Period.parse("2026-W30")
NEEDY = [key for key, kpi in CATALOG.items() if kpi.needs_costs]
COSTED = {
    "live_sales": 100,
    "units": 100,
    "held_units": 100,
    "aged_stock_units": 100,
    "result_units": 100,
    "skus_with_result": 4,
    "skus_at_a_loss": 1,
    "year_cm2": 50,
    "year_cm3": 40,
    "year_net_sales": 200,
    "year_stock_cost": 60,
    "new_buyers": 10,
    "sales_of_new_buyers": 500,
    "first_orders": 5,
    "month_acquisition": 50,
}
PAID = {"payouts_waited": 90, "payouts_received": 6, "payable_days_good": 60, "payable_days_of": 3}
KINDS_OF_UNITS = ("units", "held_units", "aged_units", "result_units")
KNOWN = tuple(f"{units}_with_cost" for units in KINDS_OF_UNITS)
UNRATED = tuple(f"{units}_without_rate" for units in KINDS_OF_UNITS)


def _units(known: int, unrated: int) -> Window:
    amounts = {"cogs_sold": 40, "inventory_cost": 60, "aged_stock_cost": 50, "aged_90_cost": 5}
    return window(
        {**COSTED, **PAID, **amounts, **dict.fromkeys(KNOWN, known), **dict.fromkeys(UNRATED, unrated)}
    )


def test_everything_made_of_unit_costs_says_so() -> None:
    """A formula that reads a cost without declaring it could be shown with costs of zero."""
    costs = {
        *("cogs_sold", "cogs_returned", "unit_costs_other", "inventory_cost", "aged_stock_cost"),
        *("unsellable_write_off", "skus_at_a_loss", "year_cm2", "year_cm3", "year_stock_cost"),
    }
    assert {key for key, kpi in CATALOG.items() if kpi.measures & costs} == set(NEEDY)
    assert set(NEEDY) >= {"gross_margin_pct", "roi", "cm3_pct", "landed_cost_ratio", "aged_90_share"}


@pytest.mark.parametrize("key", NEEDY)
@pytest.mark.parametrize(
    ("known", "unrated", "reason"),
    [
        (94, 0, Reason.COST_INCOMPLETE),
        (0, 0, Reason.COST_INCOMPLETE),
        (0, 94, Reason.COST_INCOMPLETE),
        (94, 1, Reason.FX_MISSING),
        (0, 100, Reason.FX_MISSING),
        (95, 0, None),
        (100, 0, None),
    ],
)
def test_under_95_percent_there_is_no_value(
    key: str, known: int, unrated: int, reason: Reason | None
) -> None:
    """The share is told either way; a rate is named when rates alone would be enough."""
    found = evaluate(CATALOG[key], _units(known, unrated), "USD")
    assert found.why_missing is reason
    assert (found.value is None) == (reason is not None)
    assert found.cost_completeness == Decimal(known) / 100


def _make_shop(sku: str) -> int:
    """A dollar shop with an order a day, stock and an age report of one SKU."""
    store_id = make_store("US")
    facts = Facts(random.Random(3), store_id, "US")
    live = {"status": "shipped", "quantity": 2, "is_replacement": False, "sku": sku}
    c.OrderLine.objects.bulk_create(
        facts.order_line(str(n), "1", day, **live) for n, day in enumerate(_days())
    )
    own = {"store_id": store_id, "sku": sku, "product_id": "P", **provenance()}
    c.InventoryDay.objects.bulk_create(
        c.InventoryDay(**own, snapshot_on=day, **_counts(c.InventoryDay, fulfillable=5, reserved=1))
        for day in _days()
    )
    counts = _counts(c.InventoryAge, age_0_90=6, age_91_180=2)
    c.InventoryAge.objects.create(**own, snapshot_on=WEEK.end, **counts)
    recompute_days(days=[(store_id, day) for day in _days()])
    return store_id


def _counts(model: type[c.InventoryDay] | type[c.InventoryAge], **given: int) -> dict[str, int]:
    numbers = {f.name for f in model._meta.fields if "Integer" in type(f).__name__ and not f.primary_key}
    return {name: given.get(name, 0) for name in numbers - {"store_id", "run_id"}}


def _days() -> list[date]:
    return list(WEEK.days())


def _rates(first: date, last: date, **per_eur: str) -> None:
    """Rates of every day, fetched after everything that was rolled up before."""
    with use_public():
        FXRate.objects.bulk_create(
            FXRate(currency=currency, rate_on=first + timedelta(days=n), per_eur=Decimal(rate))
            for n in range((last - first).days + 1)
            for currency, rate in per_eur.items()
        )
        FXRate.objects.update(fetched_at=at(date(2099, 1, 1)))


def _shown(store_id: int) -> dict[str, KPIValue]:
    store = get_store(store_id)
    (sums,) = list_period_sums([store_id], [WEEK])
    made = make_window(sums, Span(WEEK.start, WEEK.end), WEEK.end, in_reporting=False)
    return {key: evaluate(CATALOG[key], made, store.currency) for key in NEEDY}


def test_without_sheets_there_is_no_margin(in_acme: ClientRef) -> None:
    """The order lines alone would make a margin near 100 %."""
    _rates(WEEK.start, WEEK.end, USD="1", CNY="8")
    shown = _shown(_make_shop("UNKNOWN"))
    assert {found.why_missing for found in shown.values()} == {Reason.COST_INCOMPLETE}
    assert {found.cost_completeness for found in shown.values()} == {0}


def test_a_rate_that_arrives_later_brings_the_margin(in_acme: ClientRef) -> None:
    """Sheets in yuan without a rate count as no cost and say why; once rates are published, the margin is
    there, and nothing is left to compute anew."""
    make_sheet("TENT", "", date(2026, 1, 1), 1, purchase=Decimal(16), currency="CNY")
    store_id = _make_shop("TENT")
    shown = _shown(store_id)
    assert {found.why_missing for found in shown.values()} == {Reason.FX_MISSING}
    assert {found.value for found in shown.values()} == {None}
    _rates(WEEK.start, WEEK.end, USD="1", CNY="8")
    assert refresh_rates().days == 7
    shown = _shown(store_id)
    # The cash conversion cycle also needs payouts and LTV/CAC the cost of buyers, and there are none.
    assert {found.why_missing for found in shown.values()} == {
        None,
        Reason.NO_PAYOUTS,
        Reason.NO_ACQUISITION_SPEND,
    }
    assert {found.cost_completeness for found in shown.values()} == {1}
    day = DailyMeasure.objects.get(measure="cogs_sold", known_to=None, business_on=WEEK.start)
    assert day.value == 2 * (Decimal(16) / 8 + Decimal("1.25"))
    assert not DailyMeasure.objects.filter(why_missing="fx_missing", known_to=None).exists()
    assert refresh_rates().opened == 0


def test_costs_follow_the_rate_of_the_day_itself(in_acme: ClientRef) -> None:
    """A dollar shop's yuan costs are converted by yesterday's rate only until today's is published."""
    make_sheet("TENT", "", date(2026, 1, 1), 1, purchase=Decimal(16), currency="CNY")
    _rates(WEEK.start, WEEK.start, USD="1", CNY="8")
    store_id = _make_shop("TENT")
    costs = DailyMeasure.objects.filter(store_id=store_id, measure="cogs_sold", known_to=None)
    assert {row.value for row in costs} == {Decimal("6.5")}
    _rates(WEEK.start + timedelta(days=1), WEEK.end, USD="1", CNY="4")
    assert refresh_rates().opened > 0
    assert {row.value for row in costs.all()} == {Decimal("6.5"), Decimal("10.5")}
