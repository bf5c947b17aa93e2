"""A person's digest: one delivery for the last notice of each alert of a span, which go out together."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from alerts.models import Alert, AlertStep, Delivery
from alerts.selectors.recipients import list_ways_of
from alerts.services.deliver import facts_of, places_of_stores, row_of, start_sending
from alerts.types import DeliveryState, Notice
from config.lib import clock
from tenants import audit


def deliver_digest(*, user_id: int, since: datetime, until: datetime) -> int:
    """Write down and start what a person is told of the notices after `since` and up to `until`.

    Returns how many deliveries that are; what the person was told at once is not repeated.
    """
    with transaction.atomic():
        rows = _rows(user_id, since, until)
        keys = {(row.alert_id, row.sequence) for row in rows}
        Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        made = [
            (pk, next_at)
            for pk, alert_id, sequence, next_at in Delivery.objects.filter(
                recipient_id=user_id, state=DeliveryState.QUEUED.value, alert_id__in=[key[0] for key in keys]
            )
            .order_by("id")
            .values_list("id", "alert_id", "sequence", "next_at")
            if (alert_id, sequence) in keys
        ]
        start_sending(made)
        if made:
            audit.record("digest.addressed", target=("user", user_id), after={"deliveries": len(made)})
    return len(made)


def _rows(user_id: int, since: datetime, until: datetime) -> list[Delivery]:
    steps = AlertStep.objects.filter(at__gt=since, at__lte=until, sequence__isnull=False).order_by("sequence")
    last = {step.alert_id: step for step in steps}
    alerts = Alert.objects.in_bulk(list(last))
    told = set(
        Delivery.objects.filter(recipient_id=user_id, alert_id__in=list(last)).values_list(
            "alert_id", "sequence"
        )
    )
    places, now = places_of_stores(), clock.now()
    rows = []
    for alert_id, step in sorted(last.items()):
        if (alert_id, step.sequence) in told:
            continue
        facts = facts_of(alerts[alert_id], step, Notice(step.notice), places)
        rows += [
            row_of(facts, facts.to_json(), alerts[alert_id].store_id, way, now, now)
            for way in list_ways_of(user_id, facts.severity)
        ]
    return rows
