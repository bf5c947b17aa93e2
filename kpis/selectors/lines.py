"""One line of a scorecard: a number with its verdict, its past, and everything that says how far to trust it.

Lines are built as the JSON that is sent (numbers as text): a scorecard is the hottest answer there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

from connectors.types import StoreRef
from kpis.catalog import CATALOG
from kpis.engine.coverage import Evidence, Trust, final_on
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import KPIValue, evaluate
from kpis.engine.score import Scored, attainment
from kpis.engine.status import judge
from kpis.engine.totals import MissingInput, Window
from kpis.engine.trend import Change, Point, compare
from kpis.selectors.explaining import explain_inputs, explain_number, explain_streams
from kpis.types import BaselineView, Goal, LineRole, Reason, Status, Unit

Row = dict[str, Any]

# KPIs of the catalogue that may rest on fees that are estimates yet.
_ESTIMATED = frozenset(key for key, kpi in CATALOG.items() if "platform_fees_estimated" in kpi.measures)


@dataclass(frozen=True, slots=True)
class Asked:
    """A KPI as one scorecard asks for it. `weight` None: no plan, so nothing is scored. `stores` None: all of
    the scorecard's, else the line is about these of them."""

    role: LineRole | None
    weight: Decimal | None
    goal: Goal
    owner: str
    baseline: BaselineView | None
    targets_differ: bool = False
    stores: frozenset[int] | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ComparedPeriod:
    """The sums of a period and what is known about it."""

    window: Window
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Frame:
    """What all lines of a scorecard share: the period and those it is compared with, stores and money."""

    stores: Sequence[StoreRef]
    currency: str
    trend_kind: str
    now: ComparedPeriod
    previous: ComparedPeriod
    year_ago: ComparedPeriod
    language: str
    explain: bool
    trend: tuple[tuple[str, ComparedPeriod], ...] = ()


def build_line(kpi: KPI, asked: Asked, frame: Frame) -> tuple[Row, Scored]:
    """The JSON of one KPI and what it adds to the score."""
    window = frame.now.window
    behind = frame.now.evidence.trust(kpi)
    found = evaluate(kpi, window, frame.currency, frame.previous.window)
    found = _without_data(kpi, found, behind, window)
    status, reason, so_far = _verdict(kpi, found, behind, asked)
    provisional = so_far is not None
    reached = (
        attainment(found.value, asked.goal)
        if _is_judged(so_far or status) and found.value is not None
        else None
    )
    score = None if provisional else reached
    row: Row = {
        **(_unchanging(kpi.key, frame.language) if kpi.key in CATALOG else _describe(kpi, frame.language)),
        "role": asked.role.value if asked.role else None,
        "owner": asked.owner or None,
        "acknowledged_at": instant(asked.acknowledged_at),
        "value": show(kpi.unit, found.value, frame.currency),
        "why_missing": found.why_missing.value if found.why_missing else None,
        "currency": frame.currency if kpi.unit is Unit.MONEY else None,
        **goal_json(asked.goal),
        "status": status.value,
        "status_reason": reason.value if reason else None,
        "provisional_status": so_far.value if so_far else None,
        "change": _change(kpi, found, behind, frame, frame.previous, frame.trend_kind),
        "year_ago": _change(kpi, found, behind, frame, frame.year_ago, "yoy"),
        "baseline": _baseline(kpi, asked.baseline, frame.currency),
        "weight": text(asked.weight),
        "score": text(score, 4),
        "data_as_of": _as_of(behind, window),
        "coverage": text(behind.coverage),
        "is_final": behind.is_final,
        "final_on": final_on(kpi, frame.now.evidence.span).isoformat(),
        "sources": list(behind.sources),
        "sample": text(found.sample),
        "cost_completeness": text(found.cost_completeness, 4),
        "estimated_share": text(_share(window, "units_uncharged", "units"), 4)
        if _may_be_estimated(kpi)
        else None,
    }
    if frame.trend:
        row["trend"] = _trend(kpi, frame, found)
    if frame.explain:
        row["explain"] = {
            **explain_number(kpi, found, window),
            "inputs": explain_inputs(kpi),
            "streams": explain_streams(kpi, frame.stores, frame.now.evidence.freshness),
        }
    weight = asked.weight or Decimal(0)
    return row, Scored(weight, reached, so_far or status, kpi.hard_gate, provisional)


@lru_cache(maxsize=1024)
def _unchanging(key: str, language: str) -> Row:
    """What a line says of its KPI whatever the figures."""
    return _describe(CATALOG[key], language)


def _describe(kpi: KPI, language: str) -> Row:
    return {
        "key": kpi.key,
        "name": kpi.names.in_language(language),
        "family": kpi.family,
        "unit": kpi.unit.value,
        "direction": kpi.direction.value,
        "basis": kpi.basis.value,
        "position": kpi.position.value,
    }


def _may_be_estimated(kpi: KPI) -> bool:
    return kpi.key in _ESTIMATED or (kpi.key not in CATALOG and "platform_fees_estimated" in kpi.measures)


def show(unit: Unit, value: Decimal | None, currency: str) -> Any:
    """A number as JSON: money as an object, everything else as text."""
    if value is None:
        return None
    if unit is Unit.MONEY:
        return {"amount": format(value, "f"), "currency": currency}
    return format(value, "f")


def text(value: Decimal | None, places: int | None = None) -> str | None:
    """A plain decimal as text, rounded half even to `places` where given."""
    if value is None:
        return None
    return format(value if places is None else round(value, places), "f")


def _verdict(
    kpi: KPI, found: KPIValue, behind: Trust, asked: Asked
) -> tuple[Status, Reason | None, Status | None]:
    """Red and green only on complete, final, sufficient data with known costs; otherwise the reason (K20).

    Third, where nothing but finality is missing: what the verdict would be if the figure stood.
    """
    if found.value is None:
        return Status.INSUFFICIENT_DATA, found.why_missing, None
    if behind.reason is not None and behind.reason is not Reason.NOT_FINAL:
        return Status.INSUFFICIENT_DATA, behind.reason, None
    is_small = kpi.min_sample is not None and found.sample is not None and found.sample < kpi.min_sample.least
    if behind.reason is not None:
        judged = None if is_small or asked.targets_differ else judge(found.value, asked.goal)
        return Status.INSUFFICIENT_DATA, behind.reason, judged if _is_judged(judged) else None
    if is_small:
        return Status.INSUFFICIENT_DATA, Reason.BELOW_MINIMUM_SAMPLE, None
    if asked.targets_differ:
        return Status.NO_TARGET, Reason.TARGETS_DIFFER, None
    return judge(found.value, asked.goal), None, None


def _is_judged(status: Status | None) -> bool:
    return status in (Status.OK, Status.WARN, Status.BAD)


def _without_data(kpi: KPI, found: KPIValue, behind: Trust, window: Window) -> KPIValue:
    """No stream has a day of the window and no fact is there: that is "nothing known", not zero."""
    if behind.has_data or any(kpi.measures & totals.totals.keys() for totals in window.stores.values()):
        return found
    told = behind.reason in (Reason.NEVER_SYNCED, Reason.STALE)
    reason = behind.reason if told else Reason.NO_DATA
    return KPIValue(None, reason, sample=found.sample)


def _change(kpi: KPI, found: KPIValue, behind: Trust, frame: Frame, other: ComparedPeriod, kind: str) -> Row:
    covered = other.evidence.covers(kpi)
    before = evaluate(kpi, other.window, frame.currency) if covered else KPIValue(None, Reason.NO_REFERENCE)
    change = compare(
        Point(found.value, frame.now.evidence.span.days, behind.is_complete, found.why_missing),
        Point(before.value, other.evidence.span.days, covered, before.why_missing),
        is_flow=kpi.is_flow,
    )
    return _change_row(kpi.unit, change, kind, frame.currency)


def _trend(kpi: KPI, frame: Frame, now: KPIValue) -> list[Row]:
    """The value of every period of the trend, oldest first; none where a day of it is unknown."""
    points: list[Row] = []
    for (_, before), (period, compared) in pairwise(frame.trend):
        covered = compared.evidence.covers(kpi)
        if compared is frame.now:
            value = now.value
        else:
            value = evaluate(kpi, compared.window, frame.currency, before.window).value if covered else None
        points.append(
            {
                "period": period,
                "value": show(kpi.unit, value, frame.currency),
                "is_complete": covered and compared.evidence.is_over,
            }
        )
    return points


def _change_row(unit: Unit, change: Change, kind: str, currency: str) -> Row:
    return {
        "kind": kind,
        "previous": show(unit, change.previous, currency),
        "absolute": show(unit, change.absolute, currency),
        "relative": text(change.relative),
        "is_per_day": change.per_day,
        "why_missing": change.why_missing.value if change.why_missing else None,
    }


def goal_json(goal: Goal) -> Row:
    """`target` and `warn` as text, or as a band where the KPI has a range."""
    if goal.target_low is not None or goal.target_high is not None:
        warn = None
        if goal.warn_low is not None or goal.warn_high is not None:
            warn = {"low": text(goal.warn_low), "high": text(goal.warn_high)}
        return {"target": {"low": text(goal.target_low), "high": text(goal.target_high)}, "warn": warn}
    return {"target": text(goal.target), "warn": text(goal.warn)}


def _baseline(kpi: KPI, baseline: BaselineView | None, currency: str) -> Row | None:
    if baseline is None or (kpi.unit is Unit.MONEY and baseline.currency != currency):
        return None
    return {
        "value": show(kpi.unit, baseline.value, baseline.currency),
        "method": baseline.method,
        "n": baseline.n,
        "window_start": baseline.window_start_on.isoformat(),
        "window_end": baseline.window_end_on.isoformat(),
        "frozen_at": instant(baseline.frozen_at),
    }


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC with a Z."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _as_of(behind: Trust, window: Window) -> str | None:
    """The oldest stream's instant; for a number that needs no stream, the day of the last rate it used."""
    if behind.data_as_of is not None or behind.sources:
        return instant(behind.data_as_of)
    days = [totals.last_rate_on for totals in window.stores.values() if totals.last_rate_on is not None]
    return instant(datetime.combine(min(days), time.min, UTC)) if days else None


def _share(window: Window, part: str, whole: str) -> Decimal | None:
    try:
        total = window.total(whole)
        return window.total(part) / total if total > 0 else None
    except MissingInput:
        return None
