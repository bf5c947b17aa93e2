"""What time alone does to alerts, every minute by the database's clock: repeats, escalations, digests."""

from __future__ import annotations

from alerts.selectors.timers import database_now
from alerts.services.digest import make_digests
from alerts.services.transitions import pass_time
from tenants.tasking import enqueue_for_active_tenants, system_task, tenant_task


@system_task(name="alerts.dispatch_timers", queue="notify")
def dispatch_timers() -> None:
    """Let every active client's alerts be looked at."""
    enqueue_for_active_tenants("alerts.pass_time")


@tenant_task(name="alerts.pass_time", queue="notify")
def run_timers() -> None:
    """Do what is due, and send the digests that are; safe to repeat and to run twice at once."""
    at = database_now()
    pass_time(at)
    make_digests(at)
