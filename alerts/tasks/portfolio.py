"""The agency's view in workers: counted after news, and every few minutes, since clocks run out alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alerts.services.portfolio import count_portfolio
from tenants.tasking import JobHandle, enqueue_for_active_tenants, job_task, system_task, tenant_task


@job_task(name="alerts.follow_portfolio", queue="compute", lease=timedelta(minutes=5))
def follow_portfolio(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Count the current client anew, because something that is counted has changed."""
    figures = count_portfolio()
    return {"band": figures.band.value, "events": len(events)}


@system_task(name="alerts.spread_portfolio", queue="compute")
def spread_portfolio() -> None:
    """Let every active client be counted."""
    enqueue_for_active_tenants("alerts.count_portfolio")


@tenant_task(name="alerts.count_portfolio", queue="compute")
def count() -> None:
    """Count the current client."""
    count_portfolio()
