"""Alerts as people see them: listed, and one with its whole history and what can be done with it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When

from alerts.models import Alert, AlertStep
from alerts.types import LIVE_STATES, SEVERITIES, AlertState, Severity
from config.lib.calendars import Period, business_day
from config.lib.errors import NotFound
from connectors.selectors.stores import get_store

SHOWN = (
    *("id", "version", "rule_id", "rule_key", "rule_version", "rule_title", "detector", "owner"),
    *("is_required", "store_id", "subject", "state", "severity", "observed", "limit", "unit", "basis"),
    *("as_of", "evidence", "sequence", "level", "is_blind", "muted_by", "is_spent", "opened_at", "fired_at"),
    *("told_at", "acknowledged_at", "acknowledged_until", "acknowledged_by", "resolved_at", "resolved_why"),
    *("escalate_at", "action_id", "incident_id"),
)
STEP = (
    *("at", "before", "after", "severity", "notice", "sequence", "level", "reason", "note", "actor"),
    "observed",
)
RANKED = Case(
    *(When(severity=each.value, then=Value(rank)) for rank, each in enumerate(SEVERITIES)),
    default=Value(0),
    output_field=IntegerField(),
)
"""The severity as a number, for sorting: its names do not sort by weight."""

_KPI = re.compile(r"^kpi:([a-z0-9_]+)")
_DECOMPOSITIONS = {
    "acos": "acos",
    "net_sales": "sales",
    "gmv_ordered": "sales",
    "gross_margin_pct": "margin",
    "cm2": "margin",
    "cm3": "margin",
}


def alerts_query(
    *,
    states: Collection[AlertState] = (),
    is_live: bool | None = None,
    store_id: int | None = None,
    severity: Severity | None = None,
    rule: str | None = None,
    subject: str | None = None,
) -> QuerySet[Any, Any]:
    """Return alerts for a page; `rank` beside the severity is what it is sorted by."""
    asked = {"store_id": store_id, "severity": severity, "rule_key": rule, "subject": subject}
    rows = Alert.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    if states:
        rows = rows.filter(state__in=[state.value for state in states])
    if is_live is not None:
        live = [state.value for state in LIVE_STATES]
        rows = rows.filter(state__in=live) if is_live else rows.exclude(state__in=live)
    shown: QuerySet[Any, Any] = rows.annotate(rank=RANKED).values(*SHOWN, "rank")
    return shown


def get_alert(alert_id: int) -> dict[str, Any]:
    """Return an alert with its steps, the first one first, and what a person can do with it; `NotFound`."""
    row = Alert.objects.filter(pk=alert_id).values(*SHOWN, "is_current").first()
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.")
    steps = AlertStep.objects.filter(alert_id=alert_id).order_by("id").values(*STEP)
    told = [{**step, "notice": step["notice"] or None} for step in steps]
    return {**row, "steps": told, "available_transitions": available(row)}


def available(row: Mapping[str, Any]) -> list[str]:
    """What a person can do with an alert as it is: the last segment of the path to post to."""
    if not row["is_current"]:
        return []
    found = []
    if row["state"] in (AlertState.FIRING.value, AlertState.ACKNOWLEDGED.value):
        found.append("acknowledgement")
    if row["state"] in [state.value for state in LIVE_STATES]:
        found.append("resolution")
    if row["is_spent"]:
        found.append("reset")
    return found


def explanation_path(row: Mapping[str, Any]) -> str | None:
    """Return where the KPI of an alert is taken apart, below the client's path; None if it is about no KPI.

    The period is the ISO week of the alert's as-of, by the store's days.
    """
    named = _KPI.match(row["subject"])
    if named is None or row["as_of"] is None:
        return None
    kpi, store_id = named[1], row["store_id"]
    zone = get_store(store_id).time_zone if store_id is not None else "UTC"
    week = Period.containing(business_day(row["as_of"], zone), "week").id
    store = "" if store_id is None else f"&store={store_id}"
    place = f"decompositions/{_DECOMPOSITIONS[kpi]}" if kpi in _DECOMPOSITIONS else f"kpis/{kpi}/breakdown"
    return f"{place}?period={week}{store}"
