"""Looking at prices in workers: runs that were asked for, and those that follow changes and nights."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pricing.services.recommend import work_off
from pricing.services.runs import JOB, follow_changes, start_nightly_runs
from tenants.tasking import JobHandle, enqueue_for_active_tenants, job_task, system_task, tenant_task


@job_task(name=JOB, queue="compute", lease=timedelta(minutes=2))
def refresh_recommendations(job: JobHandle, *, run_id: int) -> dict[str, Any]:
    """Do what is left of a run. Each step renews the lease in its own transaction: whoever lost it writes
    nothing more, and whoever takes over goes on behind the last step."""
    result = work_off(run_id, job.heartbeat)
    return {"run_id": run_id, "total": result.total, "opened": result.opened, "failed": result.failed}


@job_task(name="pricing.follow_changes", queue="compute", lease=timedelta(minutes=2))
def note_changes(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask for runs over the listings whose offers or costs have changed."""
    return {"runs": follow_changes(events)}


@system_task(name="pricing.spread_nightly_runs", queue="compute")
def spread_nightly_runs() -> None:
    """Let every client look at all of its listings: stock ages and promotions end without any news."""
    enqueue_for_active_tenants("pricing.start_nightly_runs")


@tenant_task(name="pricing.start_nightly_runs", queue="compute")
def start_runs_of_client() -> None:
    """Ask for a run over every store with an active rule set."""
    start_nightly_runs()
