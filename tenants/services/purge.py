"""Removes what need not be kept: old events, finished jobs, answered keys, ended sessions. Never evidence."""

from __future__ import annotations

from datetime import timedelta

from config.lib import clock
from tenants.context import use_public
from tenants.ledger.models import IdempotencyRecord, Job, OutboxEvent
from tenants.sessions import SessionStore
from tenants.types import FINISHED_STATES

EVENTS_KEPT = timedelta(days=7)
JOBS_KEPT = timedelta(days=90)
IDEMPOTENCY_KEPT = timedelta(days=2)


def purge_ledger() -> dict[str, int]:
    """Purge the current ledger; returns how many rows of each kind went."""
    now = clock.now()
    events = OutboxEvent.objects.filter(dispatched_at__lt=now - EVENTS_KEPT)
    jobs = Job.objects.filter(state__in=FINISHED_STATES, finished_at__lt=now - JOBS_KEPT)
    keys = IdempotencyRecord.objects.filter(created_at__lt=now - IDEMPOTENCY_KEPT)
    return {
        "events": events.delete()[0],
        "jobs": jobs.delete()[0],
        "idempotency_keys": keys.delete()[0],
    }


def purge_sessions() -> None:
    """Remove the sessions of people that have run out."""
    with use_public():
        SessionStore.clear_expired()
