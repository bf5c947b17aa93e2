"""Price tests and pilots are looked after by the clock; backtests are replayed in workers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pricing.services.backtests import JOB, work_off
from pricing.services.experiments import look_after_tests
from pricing.services.pilots import look_after_pilots
from tenants.tasking import JobHandle, enqueue_for_active_tenants, job_task, system_task, tenant_task


@job_task(name=JOB, queue="compute", lease=timedelta(minutes=5))
def run_backtest(job: JobHandle, *, backtest_id: int) -> dict[str, Any]:
    """Replay what is left of a backtest; each step renews the lease in its own transaction."""
    found = work_off(backtest_id, job.heartbeat)
    return {"backtest_id": backtest_id, "listings": len(found["items"])}


@system_task(name="pricing.dispatch_experiments", queue="compute")
def dispatch_experiments() -> None:
    """Let every active client look after its tests and pilots; several times a day, as shop days end."""
    enqueue_for_active_tenants("pricing.look_after_experiments")


@tenant_task(name="pricing.look_after_experiments", queue="compute")
def look_after_experiments() -> None:
    """Stop, widen and finish what is due; safe to repeat."""
    look_after_tests()
    look_after_pilots()
