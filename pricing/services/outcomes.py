"""Measuring what executed prices achieved: the window is frozen first, figures are looked at afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.calendars import business_day
from connectors.selectors.stores import get_store
from pricing.engine.delay_cost import delay_cost, hours_between
from pricing.engine.outcome import Doubt, Estimate, Span, estimate, judge
from pricing.models import PriceOutcome, Recommendation
from pricing.selectors.approvals import cost_of_delay
from pricing.selectors.outcomes import (
    DayFigures,
    choose_controls,
    days_between,
    has_other_change,
    has_promotion,
    has_stock_out,
    list_figures,
)
from tenants import audit

BEFORE_DAYS = 28
AFTER_DAYS = 14
# Orders of the last days are still being restated.
SETTLES_AFTER_DAYS = 3
FIRST_LOOK_AFTER_DAYS = 7
METRICS = ("units", "revenue", "contribution", "conversion")
DECIDING = "contribution"
MEASURING = "measuring"
_CENT = Decimal("0.0001")


def open_window(*, recommendation_id: int) -> int:
    """Freeze the window of a recommendation that was just executed, in the caller's transaction; its id.

    Four weeks before the day of the change, two weeks after it; the day itself belongs to neither. Metrics
    and controls are written now, before any result exists. Opening it twice changes nothing.
    """
    row = Recommendation.objects.get(pk=recommendation_id)
    known = PriceOutcome.objects.filter(recommendation_id=recommendation_id).first()
    if known is not None:
        return known.pk
    at = row.observed_at or clock.now()
    day = business_day(at, get_store(row.store_id).time_zone)
    first, last = day - timedelta(days=BEFORE_DAYS), day - timedelta(days=1)
    decided = row.approved_at or at
    outcome = PriceOutcome.objects.create(
        recommendation_id=row.pk,
        store_id=row.store_id,
        sku=row.sku,
        currency=row.currency,
        opened_at=clock.now(),
        before_first=first,
        before_last=last,
        after_first=day + timedelta(days=1),
        after_last=day + timedelta(days=AFTER_DAYS),
        metrics=list(METRICS),
        controls=choose_controls(row.store_id, row.sku, first, last),
        hours_waited=hours_between(row.opened_at, decided).quantize(Decimal("0.01")),
        promised_gain_amount=row.gain_per_day_amount,
        delay_cost_amount=cost_of_delay(row, decided).total,
        verdict=MEASURING,
    )
    audit.record(
        "price_outcome.opened",
        target=("recommendation", row.pk),
        after={
            "before": [first.isoformat(), last.isoformat()],
            "after": [outcome.after_first.isoformat(), outcome.after_last.isoformat()],
            "metrics": outcome.metrics,
            "controls": outcome.controls,
        },
    )
    return outcome.pk


def measure_outcomes() -> int:
    """Measure every open window that has a week of days after the change; returns how many."""
    measured = 0
    for outcome in PriceOutcome.objects.filter(is_final=False).order_by("id"):
        today = business_day(clock.now(), get_store(outcome.store_id).time_zone)
        if (today - outcome.after_first).days >= FIRST_LOOK_AFTER_DAYS:
            measure(outcome, today)
            measured += 1
    return measured


def measure(outcome: PriceOutcome, today: date) -> None:
    """Estimate each metric up to the last complete shop day; final once the window's orders have settled."""
    row = Recommendation.objects.get(pk=outcome.recommendation_id)
    last = min(outcome.after_last, today - timedelta(days=1))
    skus = [outcome.sku, *outcome.controls]
    figures = list_figures(outcome.store_id, skus, outcome.before_first, last)
    before, after = (
        days_between(outcome.before_first, outcome.before_last),
        days_between(outcome.after_first, last),
    )
    found = {metric: _estimate(metric, row, outcome, figures, before, after) for metric in outcome.metrics}
    window = (outcome.store_id, outcome.sku, outcome.after_first, last)
    doubts = [
        doubt
        for doubt, is_so in (
            (Doubt.STOCK_OUT, has_stock_out(*window)),
            (Doubt.PROMOTION, has_promotion(*window)),
            (Doubt.OTHER_PRICE, has_other_change(*window)),
        )
        if is_so
    ]
    with transaction.atomic():
        outcome.estimates = {metric: _plain(each) for metric, each in found.items()}
        outcome.verdict = judge(found, DECIDING, doubts).value
        outcome.doubts = [doubt.value for doubt in doubts]
        outcome.measured_at = clock.now()
        outcome.is_final = (today - outcome.after_last).days > SETTLES_AFTER_DAYS
        outcome.delay_actual_amount = None if doubts else _actual_delay(row, found, figures, before)
        outcome.save()
        audit.record(
            "price_outcome.measured",
            target=("recommendation", row.pk),
            after={"verdict": outcome.verdict, "doubts": outcome.doubts, "is_final": outcome.is_final},
        )


def _estimate(
    metric: str,
    row: Recommendation,
    outcome: PriceOutcome,
    figures: Mapping[str, DayFigures],
    before: list[date],
    after: list[date],
) -> Estimate:
    """A contribution is units × contribution per unit at the price of the time; controls kept theirs."""
    none = DayFigures()
    read = _READERS[metric]
    treated = Span(read(figures.get(row.sku, none), before), read(figures.get(row.sku, none), after))
    if metric == DECIDING:
        then, now = row.current_contribution_amount or Decimal(0), row.expected_contribution_amount
        treated = Span(
            [units * _ratio(then) for units in treated.before],
            [units * _ratio(now) for units in treated.after],
        )
    controls = [
        Span(read(figures.get(sku, none), before), read(figures.get(sku, none), after))
        for sku in outcome.controls
    ]
    return estimate(treated, controls, is_share=metric == "conversion")


def _units(figures: DayFigures, days: list[date]) -> list[float]:
    return [float(figures.units.get(day, 0)) for day in days]


def _revenue(figures: DayFigures, days: list[date]) -> list[float]:
    return [_ratio(figures.revenue.get(day, Decimal(0))) for day in days]


def _conversion(figures: DayFigures, days: list[date]) -> list[float]:
    return [_ratio(figures.conversion[day]) for day in days if day in figures.conversion]


_READERS: Mapping[str, Callable[[DayFigures, list[date]], list[float]]] = {
    "units": _units,
    "revenue": _revenue,
    "contribution": _units,
    "conversion": _conversion,
}


def _actual_delay(
    row: Recommendation,
    found: Mapping[str, Estimate],
    figures: Mapping[str, DayFigures],
    before: list[date],
) -> Decimal | None:
    """The cost of the time until the approval with the measured gain in place of the promised one."""
    delta = found[DECIDING].delta
    if delta is None or row.current_contribution_amount is None or row.approved_at is None:
        return None
    sold = sum(figures[row.sku].units.get(day, 0) for day in before) if row.sku in figures else 0
    per_day = row.current_contribution_amount * sold / len(before)
    gain = per_day * Decimal(repr(round(delta, 6)))
    cover = row.inputs.get("context", {}).get("cover_days")
    cost = delay_cost(
        gain,
        since=row.opened_at,
        until=row.approved_at,
        cover_days=None if cover is None else Decimal(str(cover)),
    )
    return None if cost.total is None else cost.total.quantize(_CENT)


def _ratio(value: Decimal) -> float:
    """A number for statistics; no amount is decided by it."""
    return float(value)


def _plain(found: Estimate) -> dict[str, Any]:
    plain = asdict(found)
    for name in ("delta", "low", "high"):
        value = plain[name]
        plain[name] = None if value is None else format(Decimal(repr(round(value, 6))), "f")
    plain["doubts"] = [doubt.value for doubt in found.doubts]
    return plain
