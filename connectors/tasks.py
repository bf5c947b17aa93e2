"""What runs by itself: looking for due streams, and syncing them. The work is in services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from config.lib import clock
from connectors.selectors.connections import list_due_streams
from connectors.selectors.vitals import get_overall_freshness
from connectors.services.costing import derive_costs
from connectors.services.sync import JOB_KIND, run_stream, start_sync
from connectors.services.upload_intake import JOB_KIND as UPLOAD_KIND
from connectors.services.upload_work import take_upload
from tenants.services.vitals import note_freshness, note_jobs
from tenants.tasking import (
    JobHandle,
    enqueue,
    enqueue_for_active_tenants,
    job_task,
    system_task,
    tenant_task,
)

PROVIDER = 0


@system_task(name="connectors.dispatch_due_syncs", queue="sync")
def dispatch_due_syncs() -> None:
    """Let every active client look for its due streams."""
    enqueue_for_active_tenants("connectors.enqueue_due_streams")


@tenant_task(name="connectors.enqueue_due_streams", queue="sync")
def enqueue_due_streams() -> None:
    """Start a job for every due stream of the current client; one that is under way already stays one."""
    for stream in list_due_streams(clock.now()):
        start_sync(store_id=stream.store_id, stream_key=stream.key)


@job_task(name=JOB_KIND, queue="sync", lease=timedelta(minutes=1))
def sync_stream(job: JobHandle, *, store_id: int, stream_key: str) -> dict[str, Any]:
    """Bring one stream of one store up to date."""
    return run_stream(job, store_id=store_id, stream_key=stream_key)


@job_task(name=UPLOAD_KIND, queue="sync", lease=timedelta(minutes=5))
def read_upload(job: JobHandle, *, upload_id: int) -> dict[str, Any]:
    """Read a file that was handed in."""
    return take_upload(job, upload_id=upload_id)


@system_task(name="connectors.follow_sales", queue="compute")
def follow_sales() -> None:
    """Let every active client cost what was sold since, where it costs by lots."""
    enqueue_for_active_tenants("connectors.derive_costs")


@tenant_task(name="connectors.derive_costs", queue="compute")
def derive_lot_costs() -> None:
    """Bring the current client's derived cost sheets up to date; writes nothing where no cost moved."""
    derive_costs()


@system_task(name="connectors.measure_clients", queue="compute")
def measure_clients() -> None:
    """Let the provider and every active client note how they are doing, for monitoring."""
    enqueue("tenants.note_jobs", tenant_id=PROVIDER)
    enqueue_for_active_tenants("connectors.measure_client")


@tenant_task(name="connectors.measure_client", queue="compute")
def measure_client() -> None:
    """Note how the current client's jobs and data are doing."""
    note_jobs()
    freshness = get_overall_freshness()
    note_freshness(
        streams=freshness.streams, oldest_as_of=freshness.oldest_as_of, stale_at=freshness.stale_at
    )
