"""From a notice that is due to one written delivery per recipient and way, and a job that sends each.

The rows are made in one transaction with their jobs and before anything is sent; a notice that is heard
twice, late or out of order finds its rows there already. A notice that nobody can be found for stands in the
log as given up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from alerts.engine.notices import NoticeFacts
from alerts.engine.quiet import When
from alerts.models import Alert, AlertStep, Delivery
from alerts.selectors.attention import when_to_tell
from alerts.selectors.recipients import list_ways, usable_channel_ids
from alerts.selectors.rosters import on_duty_for
from alerts.types import DeliveryFault, DeliveryState, Notice, Severity, Way
from config.lib import clock
from config.lib.errors import NotFound
from connectors.selectors.stores import list_stores
from tenants import audit
from tenants.context import require_client
from tenants.services.jobs import start_job

SEND_JOB = "alerts.send_delivery"
#: More than a delivery is tried: the row, not the job, decides when it is given up.
_JOB_ATTEMPTS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """What a store is called and which clock its people read."""

    name: str
    time_zone: str


def deliver(alert_id: int, notice: str, sequence: int) -> list[int]:
    """Write down and start the deliveries of one notice; returns the ids of new ones. `NotFound`."""
    with transaction.atomic():
        return _deliver(alert_id, Notice(notice), sequence, places_of_stores())


def deliver_all(notices: Sequence[Mapping[str, Any]]) -> int:
    """Do so for several notices at once, so that what one person is told of can go out as one message.

    Each is {"alert_id", "notice", "sequence"}; returns how many deliveries are new.
    """
    with transaction.atomic():
        places = places_of_stores()
        return sum(
            len(_deliver(each["alert_id"], Notice(each["notice"]), each["sequence"], places))
            for each in notices
        )


def start_sending(rows: Iterable[tuple[int, datetime]]) -> None:
    """Start the job of each queued delivery, in the caller's transaction, for when it is due."""
    now = clock.now()
    for delivery_id, next_at in rows:
        start_job(
            SEND_JOB,
            key=f"delivery:{delivery_id}",
            payload={"delivery_id": delivery_id},
            run_after=next_at if next_at > now else None,
            max_attempts=_JOB_ATTEMPTS,
        )


def _deliver(alert_id: int, notice: Notice, sequence: int, places: Mapping[int | None, Place]) -> list[int]:
    alert = Alert.objects.filter(pk=alert_id).first()
    step = AlertStep.objects.filter(alert_id=alert_id, sequence=sequence).first()
    if alert is None or step is None:
        raise NotFound(f"there is no notice {sequence} of alert {alert_id}")
    known = Delivery.objects.filter(alert_id=alert_id, sequence=sequence)
    if known.exists():
        # Heard before: its rows and jobs were written together.
        return []
    now = clock.now()
    facts = facts_of(alert, step, notice, places)
    rows = _rows(facts, alert.store_id, _ways(alert, facts, now), now)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    made = list(known.order_by("id").values_list("id", "next_at", "state"))
    start_sending((row_id, at) for row_id, at, state in made if state == DeliveryState.QUEUED.value)
    ids = [row_id for row_id, _, _ in made]
    audit.record(
        "notice.addressed",
        target=("alert", alert_id),
        after={"notice": notice.value, "sequence": sequence, "deliveries": ids},
    )
    return ids


def _ways(alert: Alert, facts: NoticeFacts, now: datetime) -> list[Way]:
    found = list_ways(
        store_id=alert.store_id,
        severity=facts.severity,
        people=on_duty_for(alert.pk, now),
        owner=alert.owner,
    )
    if facts.notice is Notice.RESOLVED:
        # Whoever heard of it hears that it is over, whatever the roster says by now.
        found += _told_before(alert.pk)
    unique = {(way.channel_id, way.recipient_id): way for way in reversed(found)}
    return [unique[key] for key in sorted(unique)]


def _told_before(alert_id: int) -> list[Way]:
    rows = Delivery.objects.filter(alert_id=alert_id, state=DeliveryState.SENT.value)
    usable = usable_channel_ids()
    told = rows.order_by("id").values_list("channel_id", "recipient_id", "language").distinct()
    return [Way(*row) for row in told if row[0] == 0 or row[0] in usable]


def _rows(facts: NoticeFacts, store_id: int | None, ways: Sequence[Way], now: datetime) -> list[Delivery]:
    people = {way.recipient_id for way in ways if way.recipient_id}
    whens = when_to_tell(people, facts.severity, facts.notice, now)
    stored = facts.to_json()
    rows = []
    for way in ways:
        when, at = whens.get(way.recipient_id, (When.NOW, now))
        if when is When.DIGEST:
            continue
        rows.append(row_of(facts, stored, store_id, way, at if when is When.LATER else now, now))
    if not ways:
        row = row_of(facts, stored, store_id, Way(0, 0, "en"), now, now)
        row.state = DeliveryState.DEAD.value  # lint-skip: state-mutation a delivery is born given up
        row.error = DeliveryFault.NOBODY.value
        rows.append(row)
    return rows


def row_of(
    facts: NoticeFacts, stored: dict[str, Any], store_id: int | None, way: Way, at: datetime, now: datetime
) -> Delivery:
    """A delivery of a notice by one way, due at an instant; not saved."""
    return Delivery(
        alert_id=facts.alert_id,
        sequence=facts.sequence,
        notice=facts.notice.value,
        severity=facts.severity.value,
        store_id=store_id,
        channel_id=way.channel_id,
        recipient_id=way.recipient_id,
        language=way.language,
        facts=stored,
        next_at=at,
        created_at=now,
    )


def facts_of(
    alert: Alert, step: AlertStep, notice: Notice, places: Mapping[int | None, Place]
) -> NoticeFacts:
    """What a notice says: the alert as it is, severity and number as they were at its step."""
    client = require_client()
    place = places.get(alert.store_id) or Place("", client.time_zone)
    return NoticeFacts(
        alert_id=alert.pk,
        notice=notice,
        sequence=step.sequence or 0,
        severity=Severity(step.severity),
        title=alert.rule_title,
        subject=alert.subject,
        client=client.name or client.slug,
        store=place.name,
        observed=step.observed,
        limit=alert.limit,
        unit=alert.unit,
        basis=alert.basis,
        as_of=alert.as_of,
        occurred_at=step.at,
        time_zone=place.time_zone,
        link=alert_link(alert.pk),
        evidence={str(name): str(value) for name, value in alert.evidence.items()},
    )


def alert_link(alert_id: int) -> str:
    """Where an alert is read."""
    return f"{settings.PUBLIC_ORIGIN}/api/v1/clients/{require_client().slug}/alerts/{alert_id}"


def places_of_stores() -> dict[int | None, Place]:
    """Every store of the client by id."""
    return {store.id: Place(store.name, store.time_zone) for store in list_stores()}
