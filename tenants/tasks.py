"""The work of the tenancy core that runs by itself: events, jobs, new clients, rates, evidence, tidying."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tenants import due, outbox
from tenants.services import fx
from tenants.services.evidence import anchor_head
from tenants.services.jobs import wake_due_jobs
from tenants.services.provisioning import provision
from tenants.services.purge import purge_ledger, purge_sessions
from tenants.services.vitals import note_jobs
from tenants.tasking import (
    JobHandle,
    enqueue,
    enqueue_for_active_tenants,
    job_task,
    system_task,
    tenant_task,
)

PROVIDER = 0


@system_task(name="tenants.dispatch_outbox", queue="compute")
def dispatch_outbox() -> None:
    """Let every client with pending events dispatch them."""
    for client_id in due.list_due_clients(due.OUTBOX):
        enqueue(outbox.DISPATCH_TASK, tenant_id=client_id)


@tenant_task(name=outbox.DISPATCH_TASK, queue="compute")
def dispatch_outbox_of() -> None:
    """Start the jobs of the current client's pending events."""
    outbox.dispatch()


@system_task(name="tenants.reconcile_jobs", queue="compute")
def reconcile_jobs() -> None:
    """Let every client with due jobs or expired leases wake workers for them."""
    for client_id in due.list_due_clients(due.JOB):
        enqueue("tenants.reconcile_jobs_of", tenant_id=client_id)


@tenant_task(name="tenants.reconcile_jobs_of", queue="compute")
def reconcile_jobs_of() -> None:
    """Wake workers for the current client's due jobs and expired leases."""
    wake_due_jobs()


@job_task(name="tenants.provision_client", queue="compute", lease=timedelta(minutes=2))
def provision_client(job: JobHandle, *, client_id: int) -> dict[str, Any]:
    """Make a client's schema, role and key; runs in the provider's ledger."""
    provision(client_id)
    return {"client_id": client_id}


@system_task(name="tenants.refresh_fx", queue="sync")
def refresh_fx() -> None:
    """Start fetching the latest reference rates."""
    fx.request_reference_rates()


@job_task(name=fx.JOB_KIND, queue="sync", lease=timedelta(minutes=2))
def fetch_fx_rates(job: JobHandle) -> dict[str, Any]:
    """Fetch and store the latest reference rates."""
    return {"rates": fx.fetch_reference_rates()}


@system_task(name="tenants.anchor_audit", queue="compute")
def anchor_audit() -> None:
    """Let the provider and every active client sign the head of their audit chain."""
    enqueue("tenants.anchor_audit_of", tenant_id=PROVIDER)
    enqueue_for_active_tenants("tenants.anchor_audit_of")


@tenant_task(name="tenants.anchor_audit_of", queue="compute")
def anchor_audit_of() -> None:
    """Sign the head of the current client's audit chain."""
    anchor_head()


@system_task(name="tenants.purge", queue="compute")
def purge() -> None:
    """Remove sessions that have ended; let the provider and every active client tidy their ledgers."""
    purge_sessions()
    enqueue("tenants.purge_ledger", tenant_id=PROVIDER)
    enqueue_for_active_tenants("tenants.purge_ledger")


@tenant_task(name="tenants.purge_ledger", queue="compute")
def purge_ledger_of() -> None:
    """Remove what the current ledger need not keep."""
    purge_ledger()


@tenant_task(name="tenants.note_jobs", queue="compute")
def note_jobs_of() -> None:
    """Note the state of the current ledger's jobs for monitoring; the clients' is noted by the connectors."""
    note_jobs()
