"""Every day some automated results are drawn for people to check, and their agreement is noted."""

from __future__ import annotations

from alerts.services.sampling import draw_samples, record_agreement
from tenants.tasking import enqueue_for_active_tenants, system_task, tenant_task


@system_task(name="alerts.dispatch_sampling", queue="compute")
def dispatch_sampling() -> None:
    """Let every active client draw."""
    enqueue_for_active_tenants("alerts.draw_samples")


@tenant_task(name="alerts.draw_samples", queue="compute")
def draw() -> None:
    """Draw what is to be checked and note how often people agreed; safe to repeat."""
    draw_samples()
    record_agreement()
