"""News for the apps above: written with the change, turned into jobs afterwards, at least once.

`emit` adds an event in the caller's transaction. `dispatch` takes pending events in batches and starts one
job for each name that config.pipeline lists for their types, with all its events of the batch; both in one
transaction, so an event is dispatched exactly when its jobs exist. Handlers have to be safe to repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from config import pipeline
from config.lib import clock
from config.lib.errors import InternalError, gettext_noop
from tenants import due, messages
from tenants.context import current_ledger
from tenants.ledger.models import OutboxEvent
from tenants.services.jobs import start_job

DISPATCH_TASK = "tenants.dispatch_outbox_of"
_BATCH = 100


class UnknownEvent(InternalError):
    """An event type that config.pipeline does not list: nobody would ever hear of it."""

    code = "unknown_event"
    title = gettext_noop("There is no event of this type")
    permanent = True


def emit(event_type: str, payload: Mapping[str, Any]) -> int:
    """Tell of a change, in its transaction; returns the event's id. Ids and plain values only, no secrets."""
    if event_type not in pipeline.PIPELINE:
        raise UnknownEvent(f"config.pipeline does not list {event_type!r}")
    row: list[Any] = [event_type, Jsonb(dict(payload)), clock.now()]
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(
            "insert into ledger_outboxevent (type, payload, created_at) values (%s, %s, %s) returning id",
            row,
        )
        event_id: int = cursor.fetchone()[0]
        # While a dispatch is due already, it will find this event too: one message for a burst of news.
        if due.bring_forward(due.OUTBOX):
            messages.send_after_commit(DISPATCH_TASK, {"tenant_id": current_ledger().id})
    return event_id


def dispatch() -> int:
    """Start the jobs of all pending events of the current ledger; returns how many events that were."""
    count = 0
    while True:
        while done := _dispatch_batch():
            count += done
        with transaction.atomic():
            due.lock_ledger()
            # Under the lock: an event is either seen here, or its `emit` finds that nothing is due any more.
            pending = OutboxEvent.objects.filter(dispatched_at=None).exists()
            if not pending:
                due.put_off(due.OUTBOX, None)
        if not pending or not _is_ours_to_take():
            return count


def _is_ours_to_take() -> bool:
    """Whether a pending event is free; those another dispatcher holds are its own affair."""
    with transaction.atomic():
        free = OutboxEvent.objects.select_for_update(skip_locked=True).filter(dispatched_at=None)
        return free.first() is not None


def _dispatch_batch() -> int:
    with transaction.atomic():
        events = list(
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(dispatched_at=None)
            .order_by("id")[:_BATCH]
        )
        heard: dict[str, list[dict[str, Any]]] = {}
        for event in events:
            # A type may have left the pipeline since the event was written; then nobody listens any more.
            for kind in pipeline.PIPELINE.get(event.type, ()):
                heard.setdefault(kind, []).append({"id": event.pk, "type": event.type, **event.payload})
        for kind, told in heard.items():
            start_job(kind, key=f"events:{told[-1]['id']}", payload={"events": told})
        OutboxEvent.objects.filter(pk__in=[event.pk for event in events]).update(dispatched_at=clock.now())
    return len(events)
