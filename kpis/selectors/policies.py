"""What a store's platform demands, and how far the store is from it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from config.lib import clock
from config.lib.calendars import business_day
from connectors.types import StoreRef
from kpis.catalog import CATALOG
from kpis.catalog.policies import Policy, list_policies
from kpis.engine.coverage import Span
from kpis.engine.evaluate import evaluate
from kpis.selectors.answer import make_window
from kpis.selectors.lines import text
from kpis.selectors.measures import list_window_sums

Row = dict[str, Any]


def list_store_policies(store: StoreRef, on: date) -> list[Row]:
    """Return every demand in force on a day with the value of each of its windows, ending the day before.

    `distance` is how far the value may still move: positive inside the limit, negative beyond it, in the
    KPI's own unit. The platform's own figure decides; a KPI that it reports itself (ODR) is its figure, any
    other is ours by the same words.
    """
    policies = list_policies(store.platform, on)
    values = _values(store, policies, on)
    return [_row(policy, values) for policy in policies]


_Values = dict[tuple[str, int], tuple[Decimal | None, str | None, Decimal | None]]


def _values(store: StoreRef, policies: list[Policy], on: date) -> _Values:
    kpis = {policy.kpi for policy in policies if policy.kpi}
    lengths = sorted({days for policy in policies for days in policy.window_days if policy.kpi})
    if not kpis or not lengths:
        return {}
    last = min(on, business_day(clock.now(), store.time_zone)) - timedelta(days=1)
    spans = [Span(last - timedelta(days=days - 1), last) for days in lengths]
    measures = frozenset[str]().union(*(CATALOG[key].inputs for key in kpis))
    sums = list_window_sums([store.id], [(span.start, span.end) for span in spans], measures)
    found: _Values = {}
    for days, span, totals in zip(lengths, spans, sums, strict=True):
        window = make_window(totals, span, last, in_reporting=False, is_domestic=True)
        for key in kpis:
            result = evaluate(CATALOG[key], window, store.currency)
            reason = result.why_missing.value if result.why_missing else None
            found[key, days] = (result.value, reason, result.sample)
    return found


def _row(policy: Policy, values: _Values) -> Row:
    windows = []
    for days in policy.window_days:
        value, reason, sample = values.get((policy.kpi, days), (None, "no_kpi", None))
        small = policy.least_sample is not None and sample is not None and sample < policy.least_sample
        windows.append(
            {
                "days": days,
                "value": text(value),
                "why_missing": reason,
                "sample": text(sample),
                "is_met": None if value is None else policy.limit.allows(value),
                "distance": None if value is None else text(_distance(policy, value)),
                "is_below_sample": small,
            }
        )
    return {
        "platform": policy.platform,
        "kpi": policy.kpi or None,
        "metric": policy.metric,
        "comparator": policy.comparator,
        "limit": text(policy.value),
        "least_sample": policy.least_sample,
        "consequence": policy.consequence,
        "confidence": policy.confidence,
        "source": policy.source,
        "valid_from": policy.valid_from,
        "read_on": policy.read_on,
        "windows": windows,
    }


def _distance(policy: Policy, value: Decimal) -> Decimal:
    return value - policy.value if policy.limit.is_floor else policy.value - value
