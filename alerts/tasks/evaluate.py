"""Looking in workers: rules that follow news, and rules whose turn has come by the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alerts.services.evaluate import evaluate, follow_news
from tenants.tasking import JobHandle, enqueue_for_active_tenants, job_task, system_task, tenant_task


@job_task(name="alerts.evaluate_rules", queue="compute", lease=timedelta(minutes=5))
def evaluate_rules(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Let the rules look that listen to news; the lease is renewed before each of them."""
    return {"rules": follow_news(events, heartbeat=job.heartbeat)}


@system_task(name="alerts.dispatch_rules", queue="compute")
def dispatch_rules() -> None:
    """Let every client's rules look whose turn has come: what changes by not changing makes no news."""
    enqueue_for_active_tenants("alerts.evaluate_due_rules")


@tenant_task(name="alerts.evaluate_due_rules", queue="compute")
def evaluate_due_rules() -> None:
    """Let the client's rules look whose turn has come."""
    evaluate()
