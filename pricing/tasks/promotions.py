"""Promotions begin and end and their prices are looked after; what clearance brought is counted daily."""

from __future__ import annotations

from pricing.services.clearance import record_clearance_cash
from pricing.services.restore_watch import watch_promotions
from tenants.tasking import enqueue_for_active_tenants, system_task, tenant_task


@system_task(name="pricing.dispatch_promotions", queue="compute")
def dispatch_promotions() -> None:
    """Let every active client look after its promotions."""
    enqueue_for_active_tenants("pricing.watch_promotions")


@tenant_task(name="pricing.watch_promotions", queue="compute")
def watch() -> None:
    """Begin and end what is due, and see whether prices came back; safe to repeat."""
    watch_promotions()


@system_task(name="pricing.dispatch_clearance", queue="compute")
def dispatch_clearance() -> None:
    """Let every active client count what its clearance brought."""
    enqueue_for_active_tenants("pricing.count_clearance")


@tenant_task(name="pricing.count_clearance", queue="compute")
def count_clearance() -> None:
    """Record the cash of cleared units against their landed cost; counting twice a day replaces."""
    record_clearance_cash()
