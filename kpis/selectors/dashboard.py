"""Several looks at a client's figures in one reading: every widget of a dashboard is of the same moment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import orjson
from django.db import connection, transaction

from config.lib.calendars import Period
from config.lib.errors import AppError, Denied, FieldError, Invalid
from kpis.engine.evaluate import evaluate
from kpis.selectors.groups import GroupBy, compare_groups
from kpis.selectors.lines import Row, show
from kpis.selectors.scorecards import choose_currency, choose_stores, write_scorecard
from kpis.selectors.series import get_kpi, get_point, get_series, list_windows
from kpis.selectors.slices import Slice, resolve_stores
from kpis.types import Direction, Grain, Unit
from tenants.context import require_client

MOST_WIDGETS = 12
MOST_MOVERS = 20


class WidgetKind(StrEnum):
    """What a widget shows: a scorecard, one KPI now, over time or per store, or what moved most."""

    SCORECARD = "scorecard"
    VALUE = "value"
    SERIES = "series"
    BREAKDOWN = "breakdown"
    MOVERS = "movers"


@dataclass(frozen=True, slots=True)
class Widget:
    """One question; which members count depends on the kind (`series` goes by days, the others by period)."""

    id: str
    kind: WidgetKind
    within: Slice
    kpi: str = ""
    period: str = ""
    first: date | None = None
    last: date | None = None
    grain: Grain = Grain.DAY
    trend: int = 0
    most: int = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer to a widget, or why there is none."""

    widget: Widget
    data: Any
    error: AppError | None = None


def read_dashboard(
    widgets: Sequence[Widget],
    *,
    as_known_at: datetime | None = None,
    language: str = "en",
    allowed: Collection[WidgetKind] | None = None,
) -> list[Shown]:
    """Answer every widget from one snapshot of the database; a widget that fails leaves the others alone.

    `allowed` are the kinds that the reader may see (None: all); others are refused.
    """
    with one_snapshot():
        return [
            _answer(widget, as_known_at, language)
            if allowed is None or widget.kind in allowed
            else Shown(widget, None, Denied("This kind of widget needs another capability."))
            for widget in widgets
        ]


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Whatever is committed meanwhile is not seen; within a transaction of the caller's its rules hold."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        # Puts the connection on the client's role and path, for nothing may come before the next statement.
        cursor.execute("select 1")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        yield


def _answer(widget: Widget, as_known_at: datetime | None, language: str) -> Shown:
    try:
        return Shown(widget, _READ[widget.kind](widget, as_known_at, language))
    except AppError as error:
        return Shown(widget, None, error)


def _scorecard(widget: Widget, as_known_at: datetime | None, language: str) -> Any:
    return write_scorecard(
        _period(widget),
        within=widget.within,
        as_known_at=as_known_at,
        language=language,
        trend=widget.trend,
    )


def _value(widget: Widget, as_known_at: datetime | None, language: str) -> Row:
    """The KPI's line of the scorecard where a plan has it, else the bare figure."""
    period, kpi = _period(widget), get_kpi(_kpi(widget))
    card = write_scorecard(
        period, within=widget.within, as_known_at=as_known_at, language=language, trend=widget.trend
    )
    for line in orjson.loads(orjson.dumps(card["kpis"])):
        if line["key"] == kpi.key:
            return {"period": period.id, "line": line, "point": None}
    stores = choose_stores(resolve_stores(widget.within))
    point = get_point(kpi, stores, period, as_known_at=as_known_at)
    return {"period": period.id, "line": None, "point": point}


def _series(widget: Widget, as_known_at: datetime | None, language: str) -> Row:
    if widget.first is None or widget.last is None:
        raise _missing("from and to")
    return get_series(
        _kpi(widget),
        first=widget.first,
        last=widget.last,
        grain=widget.grain,
        store_ids=resolve_stores(widget.within),
        as_known_at=as_known_at,
    )


def _breakdown(widget: Widget, as_known_at: datetime | None, language: str) -> Row:
    kpi, period = get_kpi(_kpi(widget)), _period(widget)
    stores = choose_stores(resolve_stores(widget.within))
    currency, _ = choose_currency(stores)
    (whole,) = list_windows(kpi.inputs, stores, [period], as_known_at=as_known_at)
    parts = []
    for store in stores:
        found = evaluate(kpi, whole.only(store.id), currency)
        parts.append(
            {
                "store": store.id,
                "name": store.name,
                "value": show(kpi.unit, found.value, currency),
                "why_missing": found.why_missing.value if found.why_missing else None,
            }
        )
    return {
        "key": kpi.key,
        "period": period.id,
        "unit": kpi.unit.value,
        "currency": currency if kpi.unit is Unit.MONEY else None,
        "value": show(kpi.unit, evaluate(kpi, whole, currency).value, currency),
        "parts": parts,
    }


def _movers(widget: Widget, as_known_at: datetime | None, language: str) -> Row:
    """The lines of all stores whose relative change against the period before is largest either way."""
    period = _period(widget)
    kpis = (widget.kpi,) if widget.kpi else ()
    compared = compare_groups(
        period, GroupBy.STORE, within=widget.within, kpis=kpis, as_known_at=as_known_at, language=language
    )
    found = [
        {
            "store": int(group["key"]),
            "store_name": group["name"],
            "key": line["key"],
            "name": line["name"],
            "unit": line["unit"],
            "value": line["value"],
            "status": line["status"],
            "change": line["change"],
            "is_better": _is_better(line),
        }
        for group in compared["groups"]
        for line in group["kpis"]
        if line["change"] is not None and line["change"]["relative"] is not None
    ]
    found.sort(key=lambda row: (-abs(Decimal(row["change"]["relative"])), row["store"], row["key"]))
    return {"period": period.id, "movers": found[: widget.most]}


def _is_better(line: Row) -> bool | None:
    """Did the change go the good way? None where no way is good."""
    rises = Decimal(line["change"]["relative"]) > 0
    return {Direction.UP.value: rises, Direction.DOWN.value: not rises}.get(
        get_kpi(line["key"]).direction.value
    )


_READ = {
    WidgetKind.SCORECARD: _scorecard,
    WidgetKind.VALUE: _value,
    WidgetKind.SERIES: _series,
    WidgetKind.BREAKDOWN: _breakdown,
    WidgetKind.MOVERS: _movers,
}


def _period(widget: Widget) -> Period:
    if not widget.period:
        raise _missing("period")
    return Period.parse(widget.period, require_client().week_start)


def _kpi(widget: Widget) -> str:
    if not widget.kpi:
        raise _missing("kpi")
    return widget.kpi


def _missing(name: str) -> Invalid:
    told = f"This kind of widget needs {name}."
    return Invalid(told, errors=[FieldError("", told, "required")])
