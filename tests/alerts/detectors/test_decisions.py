"""What each detector decides, case by case and without a database: breach, clear, and when it keeps still."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.detectors import (
    abnormal_clicks,
    anomaly,
    below_floor,
    kpi_change,
    kpi_threshold,
    price_deviation,
    price_drop,
    promotion_not_restored,
)
from alerts.detectors.stock import SkuStock, StoreStock
from alerts.types import Severity, Verdict
from kpis.selectors.figures import Figure
from kpis.types import Direction, Goal, Reason, Unit
from tests.alerts.detectors.deciding import (
    AT,
    BREACH,
    CLEAR,
    FRESH,
    LATE,
    NO_DATA,
    TODAY,
    D,
    decided,
    verdicts,
)


def figure(value: str | None, why: Reason | None = None, **others: Any) -> Figure:
    """A figure of a store."""
    made = Figure(
        store_id=1,
        kpi="acos",
        sku="",
        start=TODAY - timedelta(days=7),
        end=TODAY - timedelta(days=1),
        value=None if value is None else D(value),
        why_not=why,
        unit=Unit.FRACTION,
        currency="",
        direction=Direction.DOWN,
        is_flow=False,
        sample=None,
        data_as_of=AT,
    )
    return replace(made, **others)


@pytest.mark.parametrize(
    ("value", "why", "parameters", "verdict"),
    [
        ("0.31", None, {"against": "absolute", "limit": "0.3"}, BREACH),
        ("0.30", None, {"against": "absolute", "limit": "0.3"}, CLEAR),
        ("0.28", None, {"against": "absolute", "limit": "0.3", "clear_limit": "0.25"}, NO_DATA),
        ("0.99", Reason.NOT_FINAL, {"against": "absolute", "limit": "0.3"}, NO_DATA),
        ("0.99", Reason.STALE, {"against": "absolute", "limit": "0.3"}, NO_DATA),
        (None, Reason.NO_DATA, {"against": "absolute", "limit": "0.3"}, NO_DATA),
        ("0.21", None, {"against": "target"}, BREACH),
        ("0.21", None, {"against": "target", "limit": "0.1"}, CLEAR),
        ("0.24", None, {"against": "warning"}, CLEAR),
        ("0.26", None, {"against": "warning"}, BREACH),
        ("0.17", None, {"against": "baseline", "limit": "0.1"}, BREACH),
        ("0.16", None, {"against": "baseline", "limit": "0.1"}, CLEAR),
    ],
)
def test_a_kpi_is_held_against_a_limit_a_target_or_a_baseline(
    value: str | None, why: Reason | None, parameters: dict[str, Any], verdict: Verdict
) -> None:
    """ACOS with target 0.20, warning 0.25, baseline 0.15; whatever is not final is never a breach."""
    goal = Goal(Direction.DOWN, D("0.20"), D("0.25"))
    inputs = kpi_threshold.Inputs((kpi_threshold.Judged(figure(value, why), goal, D("0.15")),))
    (check,) = decided("kpi_threshold", inputs, kpi="acos", **parameters)
    assert check.verdict is verdict
    assert check.subject == "kpi:acos"


def test_without_a_target_nothing_is_claimed() -> None:
    """No target, no baseline, no bad side: a rule cannot guess what is good."""
    bare = kpi_threshold.Inputs((kpi_threshold.Judged(figure("0.9")),))
    watched = kpi_threshold.Inputs((kpi_threshold.Judged(figure("0.9", direction=Direction.WATCH)),))
    assert verdicts("kpi_threshold", bare, kpi="acos") == [NO_DATA]
    assert verdicts("kpi_threshold", bare, kpi="acos", against="baseline") == [NO_DATA]
    assert verdicts("kpi_threshold", watched, kpi="acos", against="absolute", limit="0.1") == [NO_DATA]


def test_skus_are_judged_one_by_one_or_counted() -> None:
    """Two of three SKUs beyond the limit: two breaches, or one for the store if one is allowed."""
    lots = [("A", "0.5", None), ("B", "0.4", None), ("C", "0.1", None), ("X", None, Reason.NO_AD_SALES)]
    judged = tuple(kpi_threshold.Judged(figure(value, why, sku=sku)) for sku, value, why in lots)
    asked = {"kpi": "acos", "against": "absolute", "limit": "0.3"}
    each = decided("kpi_threshold", kpi_threshold.Inputs(judged), entity="sku", **asked)
    assert [(check.subject, check.verdict) for check in each] == [
        ("sku:A", BREACH),
        ("sku:B", BREACH),
        ("sku:C", CLEAR),
        ("sku:X", NO_DATA),
    ]
    counts = {
        allowed: verdicts(
            "kpi_threshold", kpi_threshold.Inputs(judged), entity="sku_count", count=allowed, **asked
        )
        for allowed in (1, 2, 3)
    }
    # With two allowed the unknown one might be the one too many.
    assert counts == {1: [BREACH], 2: [NO_DATA], 3: [CLEAR]}


@pytest.mark.parametrize(
    ("value", "before", "parameters", "verdict"),
    [
        ("0.25", "0.20", {}, BREACH),
        ("0.24", "0.20", {}, CLEAR),
        ("0.15", "0.20", {}, CLEAR),
        ("0.15", "0.20", {"move": "fall"}, BREACH),
        ("0.15", "0.20", {"move": "either"}, BREACH),
        ("0.23", "0.20", {"clear_share": "0.1"}, NO_DATA),
        ("0.90", None, {}, NO_DATA),
        ("0.90", "0", {}, NO_DATA),
        ("0.90", "0.2", {"least": "0.3"}, NO_DATA),
    ],
)
def test_a_kpi_that_moved(
    value: str, before: str | None, parameters: dict[str, Any], verdict: Verdict
) -> None:
    """ACOS should fall: a rise by a quarter is wrong, a fall only if asked for; no reference, no verdict."""
    reference = None if before is None else D(before)
    inputs = kpi_change.Inputs((kpi_change.Compared(figure(value), reference, ""),))
    assert verdicts("kpi_change", inputs, kpi="acos", **parameters) == [verdict]


def test_an_unusual_day_needs_history_and_a_final_figure() -> None:
    """20 where weekdays bring 100 ± 1 is unusual; without history, or not final, nothing is said."""
    history = tuple((TODAY - timedelta(days=n), D(100 + n % 3)) for n in range(2, 58))
    low = figure("20", unit=Unit.COUNT, kpi="orders")
    made = [
        anomaly.Day(low, history),
        anomaly.Day(low, history[:5]),
        anomaly.Day(replace(low, why_not=Reason.NOT_FINAL), history),
        anomaly.Day(replace(low, value=D(101)), history),
    ]
    found = [verdicts("anomaly", anomaly.Inputs((day,)), kpi="orders")[0] for day in made]
    assert found == [BREACH, NO_DATA, NO_DATA, CLEAR]
    assert verdicts("anomaly", anomaly.Inputs((made[0],)), kpi="orders", way="rise") == [CLEAR]


def stock(units: int, sold: int = 2, problem: str = "", **others: Any) -> tuple[StoreStock, ...]:
    """A store with one SKU that sells so many a day."""
    days = {TODAY - timedelta(days=n): sold for n in range(1, 90)}
    sku = SkuStock(1, "MUG", TODAY, units, 0, 0, before=5, sold=days)
    return (StoreStock(1, TODAY, TODAY - timedelta(days=1), AT, problem, (replace(sku, **others),)),)


@pytest.mark.parametrize(
    ("inputs", "verdict"),
    [
        (stock(59), BREACH),
        (stock(62), NO_DATA),
        (stock(70), CLEAR),
        (stock(40, inbound=30), CLEAR),
        (stock(1, problem="stale"), NO_DATA),
        (stock(1, snapshot_on=TODAY - timedelta(days=5)), NO_DATA),
    ],
)
def test_stock_that_runs_out(inputs: tuple[StoreStock, ...], verdict: Verdict) -> None:
    """Two a day and thirty days of lead: 59 units are too few, 62 keep the state, 70 are enough."""
    (check,) = decided("stock_out_forecast", inputs)
    assert check.verdict is verdict
    assert verdict is not BREACH or check.evidence["order_quantity"] == "15"


def test_stock_forecasts_are_only_of_what_sells_and_worst_when_nothing_is_left() -> None:
    """No forecast without sales; an empty shelf is critical."""
    assert decided("stock_out_forecast", stock(5, sold=0)) == []
    assert decided("stock_out_forecast", stock(0))[0].severity is Severity.CRITICAL


@pytest.mark.parametrize(
    ("inputs", "verdict"),
    [
        (stock(241), BREACH),
        (stock(220), NO_DATA),
        (stock(200), CLEAR),
        (stock(30, sold=0), BREACH),
        (stock(10, sold=0), CLEAR),
        (stock(999, arrivals=(TODAY - timedelta(days=3),)), CLEAR),
        (stock(999, problem="never_synced"), NO_DATA),
    ],
)
def test_too_much_stock(inputs: tuple[StoreStock, ...], verdict: Verdict) -> None:
    """Two a day: 241 units last over 120 days; what never sells lasts for ever; what is new has time."""
    assert verdicts("over_stock", inputs) == [verdict]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (stock(0), [BREACH]),
        (stock(4), [CLEAR]),
        (stock(0, sold=0), []),
        (stock(0, problem="stale"), [NO_DATA]),
        (stock(0, snapshot_on=TODAY - timedelta(days=4)), [NO_DATA]),
    ],
)
def test_stock_at_zero(inputs: tuple[StoreStock, ...], expected: list[Verdict]) -> None:
    """Empty while it sells is a breach; empty and unwanted is nothing; an old snapshot proves nothing."""
    assert verdicts("stock_zero", inputs) == expected


@pytest.mark.parametrize(
    ("now", "before", "in_promotion", "verdict"),
    [
        ("84", "100", False, BREACH),
        ("85", "100", False, NO_DATA),
        ("96", "100", False, CLEAR),
        ("50", "100", True, CLEAR),
        ("50", None, False, NO_DATA),
        (None, "100", False, NO_DATA),
    ],
)
def test_a_price_that_fell(now: str | None, before: str | None, in_promotion: bool, verdict: Verdict) -> None:
    """More than 15 % within a day, unless a planned promotion runs; unknown prices prove nothing."""
    price = price_drop.Price(1, "MUG", "USD", now and D(now), before and D(before), AT, in_promotion, FRESH)  # type: ignore[arg-type]
    assert verdicts("price_drop", (price,)) == [verdict]
    assert verdicts("price_drop", (replace(price, known=LATE, in_promotion=False),)) == [NO_DATA]


@pytest.mark.parametrize(
    ("now", "days", "verdict"),
    [
        ("106", 30, BREACH),
        ("94", 30, BREACH),
        ("104.5", 30, NO_DATA),
        ("103", 30, CLEAR),
        ("150", 5, NO_DATA),
    ],
)
def test_a_price_off_its_level(now: str, days: int, verdict: Verdict) -> None:
    """Five per cent up or down from the median of the days; five days are too few to have a level."""
    shown = tuple((TODAY - timedelta(days=n + 1), D(100)) for n in range(days))
    price = price_deviation.Price(1, "MUG", "USD", D(now), shown, FRESH)
    assert verdicts("price_deviation", (price,)) == [verdict]
    assert verdicts("price_deviation", (replace(price, known=LATE),)) == [NO_DATA]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"price": D("9.99")}, BREACH),
        ({"price": D("10.00")}, NO_DATA),
        ({"price": D("10.50")}, CLEAR),
        ({"price": D(5), "missing": "Nobody knows duty."}, NO_DATA),
        ({"price": D(5), "floor": None}, NO_DATA),
        ({"price": D(5), "is_clearance": True}, CLEAR),
    ],
)
def test_a_price_below_its_floor(changes: dict[str, Any], verdict: Verdict) -> None:
    """A floor of 10; unknown costs make no floor; clearance sells below on purpose."""
    listing = below_floor.Listing(1, "MUG", "USD", D(10), D(10), D("0.1"), False, "")
    inputs = below_floor.Inputs(AT, (replace(listing, **changes),))
    assert verdicts("below_floor", inputs) == [verdict]


@pytest.mark.parametrize(
    ("is_restored", "hours", "verdict"),
    [(True, 30, CLEAR), (False, 30, BREACH), (False, 3, NO_DATA), (None, 30, NO_DATA)],
)
def test_a_promotion_that_is_over(is_restored: bool | None, hours: int, verdict: Verdict) -> None:
    """Seen not back after the deadline is a breach; not seen at all is nothing that could be claimed."""
    ends = AT - timedelta(hours=hours)
    ended = promotion_not_restored.Ended(
        7, "Sale", 1, "MUG", "USD", ends, ends + timedelta(hours=4), D(20), D(15), is_restored, AT, 3
    )
    (check,) = decided("promotion_not_restored", promotion_not_restored.Inputs(AT, (ended,)))
    assert (check.verdict, check.subject) == (verdict, "promotion:7:MUG")


@pytest.mark.parametrize(
    ("clicks", "orders", "problem", "verdict"),
    [
        (400, 0, "", BREACH),
        (400, 38, "", CLEAR),
        (150, 0, "", CLEAR),
        (250, 0, "", NO_DATA),
        (400, 0, "stale", NO_DATA),
    ],
)
def test_clicks_without_orders(clicks: int, orders: int, problem: str, verdict: Verdict) -> None:
    """100 clicks and 10 orders a day are usual: 400 without any order are no accident, with 38 they are."""
    usual = abnormal_clicks.Clicks(5000, 100, 10, D(50))
    days = {TODAY - timedelta(days=n): usual for n in range(4, 32)}
    days[TODAY - timedelta(days=3)] = abnormal_clicks.Clicks(5000, clicks, orders, D(200))
    campaign = abnormal_clicks.Campaign(1, "C1", "USD", TODAY - timedelta(days=3), AT, problem, days)
    assert verdicts("abnormal_clicks", (campaign,)) == [verdict]
