"""How people's own words are recorded: counted checks with their evidence, and events on the timeline."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import FieldError, Invalid
from connectors.engine.evidence import METRICS, stream_of
from connectors.records import EventKind, EventRecord, EvidenceRecord
from connectors.selectors.stores import get_store
from connectors.services.record_facts import RecordResult, record_facts
from tenants.context import current_actor

_HEX = frozenset("0123456789abcdef")


def record_evidence(
    *,
    store_id: int,
    metric: str,
    subject: str,
    observed_on: date,
    numerator: Decimal,
    denominator: Decimal,
    attachment_sha256: str,
    expires_on: date | None,
) -> EvidenceRecord:
    """Record a counted check of the current actor, who is its rater.

    `Invalid` for a metric that nobody enters, a share above one, a day to come, an expiry before the check
    or a hash that is none.
    """
    store = get_store(store_id)
    record = EvidenceRecord(
        metric=metric,
        subject=subject,
        observed_on=observed_on,
        numerator=numerator,
        denominator=denominator,
        rater=_rater(),
        attachment_sha256=attachment_sha256.lower(),
        expires_on=expires_on,
        source_updated_at=clock.now(),
    )
    faults = _faults(record, clock.today(store.time_zone))
    if faults:
        raise Invalid(errors=faults)
    record_facts(store_id=store_id, records=[record], dataset=stream_of(metric), covered=None, source="form")
    return record


def record_event(
    *,
    store_id: int,
    kind: EventKind,
    sku: str,
    occurred_at: datetime,
    ended_at: datetime | None,
    title: str,
    event_key: str = "",
) -> tuple[EventRecord, RecordResult]:
    """Put an event on the timeline of a store or SKU; the same key again changes it."""
    store = get_store(store_id)
    if ended_at is not None and ended_at < occurred_at:
        raise Invalid(errors=[FieldError("/ended_at", "It ends before it begins.", "invalid")])
    record = EventRecord(
        event_key=event_key,
        kind=kind,
        sku=sku,
        business_on=business_day(occurred_at, store.time_zone),
        occurred_at=occurred_at,
        ended_at=ended_at,
        title=title,
        source_updated_at=clock.now(),
    )
    if not event_key:
        said = f"{kind}|{sku}|{occurred_at.isoformat()}|{title}"
        record = replace(record, event_key=f"form:{hashlib.sha256(said.encode()).hexdigest()[:32]}")
    result = record_facts(store_id=store_id, records=[record], dataset="events", covered=None, source="form")
    return record, result


def _faults(record: EvidenceRecord, today: date) -> list[FieldError]:
    faults = []
    metric = METRICS.get(record.metric)
    if metric is None or metric.is_own:
        known = ", ".join(key for key, each in METRICS.items() if not each.is_own)
        faults.append(FieldError("/metric", f"Known checks are: {known}.", "unknown"))
    elif metric.is_share and record.numerator > record.denominator:
        faults.append(FieldError("/numerator", "More passed than were checked.", "invalid"))
    if record.observed_on > today:
        faults.append(FieldError("/observed_on", "The day is still to come.", "invalid"))
    if record.expires_on is not None and record.expires_on < record.observed_on:
        faults.append(FieldError("/expires_on", "It expires before it was checked.", "invalid"))
    digest = record.attachment_sha256
    if digest and (len(digest) != 64 or not _HEX.issuperset(digest)):
        faults.append(FieldError("/attachment_sha256", "64 hexadecimal digits.", "invalid"))
    return faults


def _rater() -> str:
    actor = current_actor()
    return f"{actor.kind}:{actor.id}" if actor.id is not None else str(actor.kind)
