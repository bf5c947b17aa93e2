"""Notes news in the feed that people follow live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from alerts.models import FeedEntry
from config.lib import clock
from tenants.context import require_client

KEPT = timedelta(days=7)
_LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"


def note_feed(events: Sequence[dict[str, Any]]) -> int:
    """Note events of the outbox, each once however often it is told; returns how many were new.

    Writers of a client queue behind each other until they have committed: otherwise an entry could become
    visible behind one that a reader has gone past already.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_LOCK, [f"alerts.feed {require_client().id}"])
        known = set(
            FeedEntry.objects.filter(event_id__in=[event["id"] for event in events]).values_list(
                "event_id", flat=True
            )
        )
        fresh = {event["id"]: event for event in events if event["id"] not in known}
        now = clock.now()
        FeedEntry.objects.bulk_create(
            [
                FeedEntry(
                    event_id=event_id,
                    kind=event["type"],
                    at=now,
                    data={name: value for name, value in event.items() if name not in ("id", "type")},
                )
                for event_id, event in sorted(fresh.items())
            ]
        )
    return len(fresh)


def purge_feed() -> int:
    """Remove what is older than a week, the newest entry excepted: ids must go on where they were."""
    newest = FeedEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return FeedEntry.objects.filter(at__lt=clock.now() - KEPT, id__lt=newest).delete()[0]
