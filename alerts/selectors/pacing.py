"""Where the current client's sales and account health stand, from its scorecards of the last whole week."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from alerts.engine.health import UNSETTLED
from alerts.engine.pacing import shortfall, worst_of
from alerts.models import HealthWarning
from alerts.types import Severity
from config.lib.calendars import Period, PeriodKind, business_day
from config.lib.fx import FXRateMissing, FXRateStale
from config.lib.money import Money
from connectors.selectors.stores import list_stores
from kpis.selectors.scorecards import get_scorecard
from kpis.types import Status
from tenants.context import require_client
from tenants.selectors.fx import fx_table
from tenants.types import HealthBand

#: What counts as sales, the first that has a target.
SALES = ("net_sales", "gmv_ordered")
_FAMILY = "account_health"
_BANDS = {
    Status.OK.value: HealthBand.GOOD,
    Status.WARN.value: HealthBand.WATCH,
    Status.BAD.value: HealthBand.BAD,
}

Line = Mapping[str, Any]


def last_week(at: datetime) -> Period:
    """Return the last week that is over on the client's clock."""
    client = require_client()
    today = business_day(at, client.time_zone)
    return Period.containing(today, PeriodKind.WEEK, client.week_start).previous()


def list_store_lines(period: Period) -> list[Sequence[Line]]:
    """Return the scorecard lines of every active store for a period."""
    return [get_scorecard(period, store_ids=[store.id])["kpis"] for store in list_stores()]


def sales_shortfall(stores: Sequence[Sequence[Line]], period: Period) -> Decimal | None:
    """Return how far the sales of stores with a sales target were behind it, in the reporting currency.

    None when no store has a target with a figure, or a rate is missing: half an answer would be another one.
    """
    pairs = [pair for lines in stores if (pair := _sales(lines)) is not None]
    if not pairs:
        return None
    to = require_client().reporting_currency
    rates = fx_table({to, *(currency for _, _, currency in pairs)}, period.end, period.end)
    actual = target = Decimal(0)
    try:
        for value, goal, currency in pairs:
            actual += rates.convert(Money(value, currency), to, period.end).money.amount
            target += rates.convert(Money(goal, currency), to, period.end).money.amount
    except (FXRateMissing, FXRateStale):
        return None
    return shortfall(actual, target)


def worst_health(stores: Sequence[Sequence[Line]]) -> HealthBand:
    """Return the worst that platforms' figures and their open warnings show of any store."""
    return worst_of([*_figures(stores), *_warnings()])


def _sales(lines: Sequence[Line]) -> tuple[Decimal, Decimal, str] | None:
    """Figure, target and currency of a store's sales."""
    by_key = {line["key"]: line for line in lines}
    for key in SALES:
        line = by_key.get(key)
        if line and isinstance(line["target"], str) and line["value"] is not None:
            return Decimal(line["value"]["amount"]), Decimal(line["target"]), line["currency"]
    return None


def _figures(stores: Sequence[Sequence[Line]]) -> Iterator[HealthBand]:
    for lines in stores:
        for line in lines:
            if line["family"] == _FAMILY:
                yield _BANDS.get(line["provisional_status"] or line["status"], HealthBand.UNKNOWN)


def _warnings() -> Iterator[HealthBand]:
    rows = HealthWarning.objects.filter(state__in=[state.value for state in UNSETTLED])
    for severity in rows.values_list("severity", flat=True).distinct():
        yield HealthBand.BAD if severity == Severity.CRITICAL.value else HealthBand.WATCH
