"""The live feed in workers: news is noted as it happens, and goes after a week."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alerts.services.feed import note_feed, purge_feed
from tenants.tasking import JobHandle, enqueue_for_active_tenants, job_task, system_task, tenant_task


@job_task(name="alerts.note_feed", queue="notify", lease=timedelta(minutes=2))
def note(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Note news for those who follow it live."""
    return {"noted": note_feed(events)}


@system_task(name="alerts.spread_feed_purge", queue="compute")
def spread_purge() -> None:
    """Let every active client's feed be purged."""
    enqueue_for_active_tenants("alerts.purge_feed")


@tenant_task(name="alerts.purge_feed", queue="compute")
def purge() -> None:
    """Remove the current client's old news."""
    purge_feed()
