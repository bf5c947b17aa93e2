"""The work of kpis that runs in workers: computing what became out of date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from config.lib import clock
from kpis.services.due_days import mark_due_days
from kpis.services.effects import measure_due_effects
from kpis.services.own_figures import record_own_figures
from kpis.services.playbooks import check_plans
from kpis.services.reviews import build_due_reviews
from kpis.services.rollup import RollupRunning, refresh_rates, roll_up
from tenants.tasking import (
    Defer,
    JobHandle,
    enqueue_for_active_tenants,
    job_task,
    system_task,
    tenant_task,
)

_BUSY = timedelta(seconds=2)


@job_task(name="kpis.roll_up_dirty_days", queue="compute", lease=timedelta(minutes=10))
def roll_up_dirty_days(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Roll up until no day is dirty, in steps that commit one by one.

    Days that became dirty while another roll-up of the client was at work wait for their turn without
    holding a worker.
    """
    days = opened = closed = 0
    while True:
        try:
            result = roll_up(wait=False)
        except RollupRunning:
            raise Defer(until=clock.now() + _BUSY) from None
        if not result.claimed:
            return {"days": days, "opened": opened, "closed": closed}
        days, opened, closed = days + result.days, opened + result.opened, closed + result.closed
        job.heartbeat({"days": days})


@job_task(name="kpis.spread_rates", queue="compute", lease=timedelta(minutes=2))
def spread_rates(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Let every client convert anew, because exchange rates were published; runs in the provider's ledger."""
    enqueue_for_active_tenants("kpis.refresh_rates")
    return {}


@tenant_task(name="kpis.refresh_rates", queue="compute")
def refresh_measure_rates() -> None:
    """Convert anew the days whose exchange rate was published after they were rolled up."""
    refresh_rates()


@system_task(name="kpis.dispatch_daily_figures", queue="compute")
def dispatch_daily_figures() -> None:
    """Let every active client note its own figures of the day."""
    enqueue_for_active_tenants("kpis.note_daily_figures")


@tenant_task(name="kpis.note_daily_figures", queue="compute")
def note_daily_figures() -> None:
    """Have computed anew what fell due since yesterday, and note how young the data is and what was attained.

    It runs several times a day, because a shop's day ends with its time zone; noting twice replaces.
    """
    mark_due_days()
    record_own_figures()


@system_task(name="kpis.spread_reviews", queue="compute")
def spread_reviews() -> None:
    """Let every client build the packs that are due and look for the effects of what was done."""
    enqueue_for_active_tenants("kpis.build_reviews")
    enqueue_for_active_tenants("kpis.measure_effects")


@tenant_task(name="kpis.build_reviews", queue="compute")
def build_reviews() -> None:
    """Build the packs of the last week and month once they are due, then ask for fallback plans."""
    for period in build_due_reviews():
        check_plans(period)


@tenant_task(name="kpis.measure_effects", queue="compute")
def measure_effects() -> None:
    """Verify finished actions whose weeks are over."""
    measure_due_effects()
