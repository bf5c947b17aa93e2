"""What a digest tells: every alert that was told of in a span of time, as it stands now, the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count

from alerts.models import Alert, AlertStep
from alerts.types import SEVERITIES, AlertState, Severity

MOST = 200


@dataclass(frozen=True, slots=True)
class DigestLine:
    """An alert in a digest; `notices` is how often it was told in the span."""

    alert_id: int
    title: str
    store_id: int | None
    subject: str
    severity: Severity
    state: AlertState
    observed: Decimal | None
    limit: Decimal | None
    unit: str
    basis: str
    as_of: datetime | None
    notices: int


def read_digest(since: datetime, until: datetime) -> list[DigestLine]:
    """Return the alerts of the current client that were told after `since` and up to `until`, at most 200.

    What fires comes before what is over, the more severe before the less.
    """
    counts = dict(
        AlertStep.objects.filter(at__gt=since, at__lte=until, sequence__isnull=False)
        .values_list("alert_id")
        .annotate(number=Count("id"))
        .order_by("alert_id")
        .values_list("alert_id", "number")
    )
    rows = Alert.objects.in_bulk(list(counts))
    lines = [_line(row, counts[pk]) for pk, row in rows.items()]
    lines.sort(key=_rank)
    return lines[:MOST]


def _rank(line: DigestLine) -> tuple[bool, int, int]:
    return line.state is AlertState.RESOLVED, -SEVERITIES.index(line.severity), line.alert_id


def _line(row: Alert, notices: int) -> DigestLine:
    return DigestLine(
        alert_id=row.pk,
        title=row.rule_title,
        store_id=row.store_id,
        subject=row.subject,
        severity=Severity(row.severity),
        state=AlertState(row.state),
        observed=row.observed,
        limit=row.limit,
        unit=row.unit,
        basis=row.basis,
        as_of=row.as_of,
        notices=notices,
    )
