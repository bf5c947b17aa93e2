"""Alerts become work by the news of them, and finished work is looked at again every hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alerts.services.work import note_recoveries, open_work_for, verify_work
from tenants.tasking import JobHandle, enqueue_for_active_tenants, job_task, system_task, tenant_task


@job_task(name="alerts.follow_work", queue="notify", lease=timedelta(minutes=5))
def follow(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Open actions for alerts that fire now, close those of alerts that are over; safe to repeat."""
    ids = sorted({each["alert_id"] for each in events})
    return {"opened": len(open_work_for(ids)), "recovered": len(note_recoveries(ids))}


@system_task(name="alerts.dispatch_work", queue="notify")
def dispatch_work() -> None:
    """Let every active client look at its finished actions."""
    enqueue_for_active_tenants("alerts.verify_work")


@tenant_task(name="alerts.verify_work", queue="notify")
def verify() -> None:
    """Ask again where an action did not help; safe to repeat."""
    verify_work()
