"""Notes how the current client is doing where monitoring reads it: one public row per client."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from tenants.context import current_ledger

# Finished jobs are not counted here: there are many, and tenants.measures counts each as it finishes.
_NOTE_JOBS = """
insert into tenants_clientvitals (client_id, jobs, oldest_due_at, streams, measured_at)
select %s, coalesce(jsonb_object_agg(state, number), '{}'), min(first_due), '{}', clock_timestamp()
from (
    select state, count(*) as number, min(run_after) filter (where state <> 'running') as first_due
    from ledger_job where state in ('queued', 'running', 'waiting') group by state
) by_state
on conflict (client_id) do update
set jobs = excluded.jobs, oldest_due_at = excluded.oldest_due_at, measured_at = excluded.measured_at
"""
_NOTE_FRESHNESS = """
insert into tenants_clientvitals (client_id, jobs, streams, oldest_as_of, stale_at, measured_at)
values (%s, '{}', %s, %s, %s, clock_timestamp())
on conflict (client_id) do update
set streams = excluded.streams, oldest_as_of = excluded.oldest_as_of, stale_at = excluded.stale_at,
    measured_at = excluded.measured_at
"""


def note_jobs() -> None:
    """Note the unfinished jobs of the current ledger by state, and when the first nobody holds is due."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_JOBS, [current_ledger().id])


def note_freshness(
    *, streams: Mapping[str, int], oldest_as_of: datetime | None, stale_at: datetime | None
) -> None:
    """Note how young the current client's data is.

    `streams` counts them by state of freshness. Up to `oldest_as_of` all of them are known, at `stale_at` the
    first of them is older than it may be; None when no stream was ever read.
    """
    counts = json.dumps(dict(streams))
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_FRESHNESS, [current_ledger().id, counts, oldest_as_of, stale_at])
