"""Price tests, the days they are judged by, and what history says of a listing's contribution per session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from config.lib import clock
from config.lib.calendars import business_day, day_bounds
from config.lib.errors import NotFound
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from pricing.engine.contribution import evaluate
from pricing.engine.randomisation import TestResult
from pricing.engine.switchback import Arm, Block, Design, lay_out
from pricing.engine.trial import Seen, TrialDay, judge_days
from pricing.models import PricePilot, PriceTest
from pricing.models.experiments import OPEN_STATES
from pricing.selectors.price_evidence import load_history
from pricing.structure import CostStructure

Row = dict[str, Any]
COLUMNS = (
    *("id", "store_id", "sku", "name", "currency", "control_amount", "treatment_amount", "start_on"),
    *("last_on", "blocks", "block_days", "washout_days", "seed", "assignment", "power", "warnings"),
    *("guardrails", "state", "version", "planned_at", "planned_by", "started_at", "checked_at"),
    *("closed_at", "reasons", "verdict", "result", "recommendation_id"),
)
HISTORY_DAYS = 56

_DAYS = """
with sold as (
  select business_on, sum(quantity) as units from fact_order_line
  where store_id = %(store)s and sku = %(sku)s and business_on between %(first)s and %(last)s
    and status <> 'cancelled' and not is_replacement group by business_on),
seen as (
  select business_on, sum(sessions) as sessions,
         sum(buy_box_share * page_views) filter (where buy_box_share is not null)
           / nullif(sum(page_views) filter (where buy_box_share is not null), 0) as buy_box
  from fact_traffic_day
  where store_id = %(store)s and sku = %(sku)s and business_on between %(first)s and %(last)s
  group by business_on)
select business_on, coalesce(sold.units, 0), coalesce(seen.sessions, 0), seen.buy_box
from sold full join seen using (business_on)
"""


def price_tests_query(
    *, store_id: int | None = None, sku: str | None = None, state: str | None = None
) -> QuerySet[Any, Row]:
    """Return price tests as a query for a page."""
    asked = {"store_id": store_id, "sku": sku, "state": state}
    rows = PriceTest.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    found: QuerySet[Any, Row] = rows.values(*COLUMNS)
    return found


def get_test(test_id: int) -> Row:
    """Return one price test; `NotFound` if there is none of this id."""
    row = price_tests_query().filter(pk=test_id).first()
    if row is None:
        raise NotFound(f"there is no price test {test_id}")
    return dict(row)


def list_open_tests(store_id: int, sku: str) -> list[Row]:
    """Return the planned and running tests of a listing."""
    return list(price_tests_query(store_id=store_id, sku=sku).filter(state__in=OPEN_STATES))


def list_running() -> list[int]:
    """Return the ids of the tests that run, oldest first."""
    return list(PriceTest.objects.filter(state="running").order_by("id").values_list("id", flat=True))


def pilot_of(store_id: int, sku: str) -> int | None:
    """Return the running pilot a listing is part of, now or in a later stage; None."""
    for pilot_id, skus in PricePilot.objects.filter(store_id=store_id, state="running").values_list(
        "id", "skus"
    ):
        if any(known == sku for known, _ in skus):
            return int(pilot_id)
    return None


def design_of(row: Mapping[str, Any]) -> Design:
    """The design of a test."""
    return Design(row["start_on"], row["blocks"], row["block_days"], row["washout_days"])


def blocks_of(row: Mapping[str, Any]) -> tuple[Block, ...]:
    """The blocks of a test as they were drawn."""
    return lay_out(design_of(row), tuple(row["assignment"]))


def days_of(row: Mapping[str, Any]) -> list[TrialDay]:
    """Every day of a test with what was seen of it until now, and whether it counts."""
    store = get_store(row["store_id"])
    today = business_day(clock.now(), store.time_zone)
    seen = observed_days(store, row["sku"], row["start_on"], row["last_on"])
    prices = {Arm.CONTROL: row["control_amount"], Arm.TREATMENT: row["treatment_amount"]}
    return judge_days(blocks_of(row), prices, seen, today)


def observed_days(store: StoreRef, sku: str, first: date, last: date) -> dict[date, Seen]:
    """What was seen of a listing on each shop day: prices, units, visits and the share of the Buy Box."""
    prices: dict[date, set[Decimal]] = {}
    for each in load_history(store, sku, first, last).prices:
        prices.setdefault(each.day, set()).add(each.price)
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, {"store": store.id, "sku": sku, "first": first, "last": last})
        figures = {row[0]: row[1:] for row in cursor.fetchall()}
    return {
        day: Seen(frozenset(prices.get(day, ())), int(units), int(sessions), buy_box)
        for day in prices.keys() | figures.keys()
        for units, sessions, buy_box in (figures.get(day, (0, 0, None)),)
    }


def past_figures(store: StoreRef, sku: str, structure: CostStructure, before: date) -> list[Decimal]:
    """Contribution per session of the 56 days before a day, in their order, with today's cost structure.

    Days without visits or without one known price (a day of a change has two) are left out. Statistics.
    """
    first, last = before - timedelta(days=HISTORY_DAYS), before - timedelta(days=1)
    found = []
    for _, seen in sorted(observed_days(store, sku, first, last).items()):
        if seen.sessions > 0 and len(seen.prices) == 1:
            (price,) = seen.prices
            found.append(evaluate(structure, price).contribution * seen.units / seen.sessions)
    return found


def window_of_days(store: StoreRef, first: date, last: date) -> tuple[Any, Any]:
    """The instants at which the shop days from `first` to `last` begin and end."""
    return day_bounds(first, store.time_zone)[0], day_bounds(last, store.time_zone)[1]


def result_body(result: TestResult, text: str) -> Row:
    """A comparison in plain values, figures as text."""
    plain: Row = asdict(result)
    for name in ("control", "treatment", "difference", "low", "high", "p_value"):
        value = plain[name]
        plain[name] = None if value is None else format(Decimal(repr(round(value, 6))), "f")
    return {**plain, "text": text}
