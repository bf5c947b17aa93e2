"""The clocks of account-health warnings, and the figures that open them."""

from __future__ import annotations

from alerts.services.health_watch import watch_deadlines, watch_performance
from tenants.tasking import enqueue_for_active_tenants, system_task, tenant_task


@system_task(name="alerts.dispatch_deadlines", queue="notify")
def dispatch_deadlines() -> None:
    """Let every active client look at the deadlines of its warnings."""
    enqueue_for_active_tenants("alerts.watch_deadlines")


@tenant_task(name="alerts.watch_deadlines", queue="notify")
def deadlines() -> None:
    """Remind of what is near and close what is past; safe to repeat."""
    watch_deadlines()


@system_task(name="alerts.dispatch_performance", queue="compute")
def dispatch_performance() -> None:
    """Let every active client hold its platforms' figures against their limits."""
    enqueue_for_active_tenants("alerts.watch_performance")


@tenant_task(name="alerts.watch_performance", queue="compute")
def performance() -> None:
    """Open a warning for what is close to its limit or beyond; safe to repeat."""
    watch_performance()
