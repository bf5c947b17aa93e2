"""Which silences there are, and what they cover now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from alerts.engine.grouping import Matcher
from alerts.models import Alert, Silence
from alerts.selectors.mutes import holding, matcher_of
from alerts.types import LIVE_STATES, Severity
from config.lib.errors import NotFound

SILENCE = (
    *("id", "rules", "store_ids", "subjects", "severities", "reason", "starts_at", "ends_at"),
    *("created_at", "created_by", "version", "ended_at", "ended_by"),
)


def silences_query(*, at: datetime, is_holding: bool | None = None) -> QuerySet[Any, Any]:
    """Silences, for paging; `is_holding` asks for those that (do not) hold at an instant."""
    rows = Silence.objects.all()
    if is_holding is not None:
        rows = rows.filter(holding(at) if is_holding else ~Q(pk__in=_ids_holding(at)))
    shown: QuerySet[Any, Any] = rows.values(*SILENCE)
    return shown


def get_silence(silence_id: int) -> dict[str, Any]:
    """Return one silence with the ids of the live alerts it covers as things are; `NotFound`."""
    row = Silence.objects.filter(pk=silence_id).first()
    if row is None:
        raise NotFound(f"There is no silence {silence_id}.")
    return {**{name: getattr(row, name) for name in SILENCE}, "covers": covered(matcher_of(row))}


def covered(matcher: Matcher) -> list[int]:
    """Return the ids of the live alerts that a matcher covers."""
    rows = Alert.objects.filter(is_current=True, state__in=[state.value for state in LIVE_STATES])
    columns = ("id", "rule_key", "store_id", "subject", "severity")
    return [
        alert_id
        for alert_id, rule, store_id, subject, severity in rows.order_by("id").values_list(*columns)
        if matcher.covers(rule=rule, store_id=store_id, subject=subject, severity=Severity(severity))
    ]


def _ids_holding(at: datetime) -> QuerySet[Silence, Any]:
    return Silence.objects.filter(holding(at)).values("id")
