"""What mutes alerts at an instant: silences that hold, and open alerts that inhibit others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from alerts.engine.grouping import INHIBITING, Matcher, OpenAlert, inhibited_by
from alerts.models import Alert, Silence
from alerts.types import AlertState, Severity


@dataclass(frozen=True, slots=True)
class Mutes:
    """Everything that may mute an alert at one instant, read once for a whole evaluation."""

    silences: tuple[tuple[int, Matcher], ...]
    inhibitors: tuple[OpenAlert, ...]

    def of(self, *, rule: str, detector: str, store_id: int | None, subject: str, severity: Severity) -> str:
        """Return what mutes an alert ("silence:4", "alert:17"), empty if nothing does."""
        for silence_id, matcher in self.silences:
            if matcher.covers(rule=rule, store_id=store_id, subject=subject, severity=severity):
                return f"silence:{silence_id}"
        inhibitor = inhibited_by(detector, store_id, self.inhibitors)
        return f"alert:{inhibitor.id}" if inhibitor is not None else ""


def read_mutes(at: datetime) -> Mutes:
    """Read the silences that hold at an instant and the alerts that inhibit others now: two statements."""
    silences = tuple((row.pk, matcher_of(row)) for row in Silence.objects.filter(holding(at)).order_by("id"))
    rows = Alert.objects.filter(
        is_current=True,
        detector__in=list(INHIBITING),
        state__in=[AlertState.FIRING.value, AlertState.ACKNOWLEDGED.value],
    ).order_by("id")
    columns = rows.values_list("id", "detector", "subject", "store_id", "state")
    found = tuple(
        OpenAlert(alert_id, detector, subject, store_id, AlertState(state))
        for alert_id, detector, subject, store_id, state in columns
    )
    return Mutes(silences, found)


def holding(at: datetime) -> Q:
    """Silences that hold: from their start to just before their end, planned or early."""
    return Q(starts_at__lte=at, ends_at__gt=at) & (Q(ended_at__isnull=True) | Q(ended_at__gt=at))


def matcher_of(row: Silence) -> Matcher:
    """What a silence covers."""
    return Matcher(
        rules=tuple(row.rules),
        store_ids=tuple(row.store_ids),
        subjects=tuple(row.subjects),
        severities=tuple(Severity(each) for each in row.severities),
    )
