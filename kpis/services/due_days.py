"""Having days computed anew because something fell due, though no fact changed."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from config.lib import clock
from connectors.services.dirty import mark_dirty_days
from kpis.selectors.due import list_due_days
from tenants import audit
from tenants.context import require_client
from tenants.services.jobs import start_job

ROLL_UP = "kpis.roll_up_dirty_days"


def mark_due_days() -> int:
    """Mark the current client's days on which something fell due lately and start their roll-up; returns how
    many. Marking a day twice does no harm: the roll-up writes differences only."""
    now = clock.now()
    marks = list_due_days(now)
    if not marks:
        return 0
    with transaction.atomic():
        marked = mark_dirty_days(marks)
        start_job(ROLL_UP, key=f"due:{now.date()}", payload={"events": []})
        families = Counter(mark.family.value for mark in marks)
        audit.record("measures.fell_due", target=("client", require_client().id), after=dict(families))
    return marked
