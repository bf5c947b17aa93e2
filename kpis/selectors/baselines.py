"""Where KPIs stood when their first targets were set: the certificates shown to the client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from config.lib.errors import NotFound
from kpis.models import Baseline


@dataclass(frozen=True, slots=True)
class BaselineView:
    """A frozen baseline: the median of `n` weeks (method median_weeks), or a value entered (industry)."""

    store_id: int
    kpi: str
    value: Decimal
    currency: str
    method: str
    n: int
    window_start_on: date
    window_end_on: date
    source: str
    recorded_by: str
    frozen_at: datetime


def list_baselines(store_id: int) -> list[BaselineView]:
    """Return the baselines of a store, by KPI."""
    return [_view(row) for row in Baseline.objects.filter(store_id=store_id).order_by("kpi")]


def get_baseline(store_id: int, kpi: str) -> BaselineView:
    """Return one baseline; `NotFound` while none is frozen."""
    row = Baseline.objects.filter(store_id=store_id, kpi=kpi).first()
    if row is None:
        raise NotFound(f"store {store_id} has no baseline of {kpi}")
    return _view(row)


def _view(row: Baseline) -> BaselineView:
    value = row.value.normalize()
    return BaselineView(
        row.store_id,
        row.kpi,
        value.quantize(Decimal(1)) if value == value.to_integral_value() else value,
        row.currency,
        row.method,
        row.n,
        row.window_start_on,
        row.window_end_on,
        row.source,
        row.recorded_by,
        row.frozen_at,
    )
