"""Digests that are due: told once per person and time, however often the clock looks."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from alerts.engine.quiet import Digest, next_digest
from alerts.models import AlertStep, Attention
from alerts.selectors.attention import wishes_of
from tenants import outbox

DIGEST_DUE = "alerts.digest_due"
GRACE = timedelta(minutes=10)
"""What an evaluation began before a digest's time it may write after it; the digest waits for that."""


def make_digests(at: datetime) -> int:
    """Emit `alerts.digest_due` {user_id, since, until} for everybody whose digest is due; returns how many.

    After an outage one digest tells of the whole time. A span in which nothing was told makes no message.
    """
    made = 0
    for pk in Attention.objects.exclude(digest=Digest.OFF.value).order_by("id").values_list("id", flat=True):
        with transaction.atomic():
            row = Attention.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if row is not None and _make(row, at):
                made += 1
    return made


def _make(row: Attention, at: datetime) -> bool:
    wishes = wishes_of(row)
    since = row.digest_until
    if wishes.digest is Digest.OFF or since is None:
        return False
    due = next_digest(wishes, since)
    if due + GRACE > at:
        return False
    while (later := next_digest(wishes, due)) + GRACE <= at:
        due = later
    row.digest_until = due
    row.save(update_fields=["digest_until"])
    if not AlertStep.objects.filter(at__gt=since, at__lte=due, sequence__isnull=False).exists():
        return False
    outbox.emit(DIGEST_DUE, {"user_id": row.user_id, "since": since.isoformat(), "until": due.isoformat()})
    return True
