"""The trend pack for a decision: a KPI's complete weeks or months, where they lead, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from config.lib import clock
from config.lib.calendars import Period, PeriodKind
from kpis.engine.coverage import Evidence, Span
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import round_for
from kpis.engine.outlook import Outcome, TrendConfidence, scenarios, trend_of
from kpis.selectors.lines import Row, show, text
from kpis.selectors.scorecards import choose_currency, choose_stores, load_freshness
from kpis.selectors.series import get_kpi, list_values
from tenants.context import require_client


def get_trend_pack(
    key: str,
    *,
    grain: str,
    periods: int,
    horizon: int,
    shifts: Sequence[Decimal] = (),
    store_ids: Sequence[int] = (),
) -> Row:
    """Return the history up to the last period that is over, its trend and the scenarios.

    Periods that are not fully covered are shown and left out of the trend. `shifts` are changes of the level
    that a decision is expected to bring (0.1: +10 %). `NotFound` for an unknown KPI or store.
    """
    kpi = get_kpi(key)
    stores = choose_stores(store_ids)
    currency, _ = choose_currency(stores)
    spans = _spans(grain, periods)
    freshness, now = load_freshness(stores), clock.now()
    trusts = [Evidence(stores, Span(p.start, p.end), freshness, now).trust(kpi) for p in spans]
    values = [found.value for found in list_values(kpi, stores, spans)]
    used = [v if trust.is_complete else None for v, trust in zip(values, trusts, strict=True)]
    trend = trend_of(used)
    shown = [] if trend is None else scenarios(trend, horizon, shifts)
    return {
        "key": key,
        "unit": kpi.unit.value,
        "grain": grain,
        "currency": currency if kpi.unit.value == "money" else None,
        "stores": [store.id for store in stores],
        "history": [
            {
                "period": period.id,
                "start": period.start.isoformat(),
                "end": period.end.isoformat(),
                "value": show(kpi.unit, value, currency),
                "is_used": kept is not None,
                "is_final": trust.is_final,
                "coverage": text(trust.coverage),
            }
            for period, value, kept, trust in zip(spans, values, used, trusts, strict=True)
        ],
        "trend": None
        if trend is None
        else {
            "level": text(round(trend.level, 6)),
            "slope": text(round(trend.slope, 6)),
            "slope_low": text(round(trend.slope_low, 6)),
            "slope_high": text(round(trend.slope_high, 6)),
            "scatter": text(round(trend.scatter, 6)),
            "is_clear": trend.is_clear,
            "points": trend.points,
        },
        "confidence": (TrendConfidence.NONE if trend is None else trend.confidence).value,
        "horizon": horizon,
        "scenarios": [_scenario(each, kpi, currency) for each in shown],
    }


def _spans(grain: str, periods: int) -> list[Period]:
    """So many periods, the last one over everywhere in the world."""
    last = Period.containing(clock.today("Etc/GMT+12"), PeriodKind(grain), require_client().week_start)
    spans = [last.previous()]
    while len(spans) < periods:
        spans.insert(0, spans[0].previous())
    return spans


def _scenario(outcome: Outcome, kpi: KPI, currency: str) -> dict[str, Any]:
    sides = {
        side: show(kpi.unit, round_for(kpi.unit, getattr(outcome, side), currency), currency)
        for side in ("last", "low", "high", "mean")
    }
    return {"name": outcome.name, **sides}
