"""Counts the current client for the agency's view: aggregates only, into its one public row."""

from __future__ import annotations

from django.db.models import Count

from alerts.engine.pacing import band_of
from alerts.engine.sla import ClockState
from alerts.models import Alert
from alerts.selectors.pacing import last_week, list_store_lines, sales_shortfall, worst_health
from alerts.selectors.sla import ClockKind, list_clocks
from alerts.types import AlertState, Severity
from config.lib import clock
from connectors.selectors.vitals import get_overall_freshness
from connectors.types import FreshnessState
from kpis.selectors.actions import actions_query
from pricing.selectors.approvals import pending_query
from tenants.services.portfolio import note_portfolio
from tenants.types import PortfolioFigures

_OPEN = [AlertState.FIRING.value, AlertState.ACKNOWLEDGED.value]
_STALE = (FreshnessState.STALE.value, FreshnessState.SUSPECT_EMPTY.value)


def count_portfolio() -> PortfolioFigures:
    """Count the current client anew and note it; returns what was noted.

    An approval is overdue past the client's window or past the promise, whichever comes first.
    """
    now = clock.now()
    week = last_week(now)
    stores = list_store_lines(week)
    behind = sales_shortfall(stores, week)
    alerts = dict(
        Alert.objects.filter(state__in=_OPEN)
        .order_by("severity")
        .values_list("severity")
        .annotate(number=Count("id"))
    )
    streams = get_overall_freshness().streams
    breached = [each for each in list_clocks(now) if each.state is ClockState.BREACHED]
    late = set(pending_query(due_before=now).values_list("id", flat=True))
    late |= {each.subject_id for each in breached if each.kind is ClockKind.APPROVAL}
    figures = PortfolioFigures(
        band=band_of(behind),
        shortfall=behind,
        health=worst_health(stores),
        alerts_info=alerts.get(Severity.INFO.value, 0),
        alerts_warning=alerts.get(Severity.WARNING.value, 0),
        alerts_critical=alerts.get(Severity.CRITICAL.value, 0),
        stale_streams=sum(streams.get(state, 0) for state in _STALE),
        overdue_actions=actions_query(overdue=True).count(),
        overdue_approvals=len(late),
        breached_clocks=len(breached),
        as_of=now,
    )
    note_portfolio(figures)
    return figures
