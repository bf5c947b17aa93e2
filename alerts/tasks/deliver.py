"""Delivery in workers: notices become deliveries, each is sent by a job, and none is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from alerts.services.breakdown import TELL_JOB
from alerts.services.deliver import SEND_JOB, deliver_all
from alerts.services.deliver_digest import deliver_digest
from alerts.services.replay import restart_forgotten
from alerts.services.send import send_delivery
from alerts.services.tell_owner import tell_channel_broke
from tenants.tasking import JobHandle, enqueue_for_active_tenants, job_task, system_task, tenant_task


@job_task(name="alerts.deliver", queue="notify", lease=timedelta(minutes=2))
def deliver(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Write down and start the deliveries of the notices that fell due."""
    return {"deliveries": deliver_all(events)}


@job_task(name="alerts.deliver_digests", queue="notify", lease=timedelta(minutes=2))
def deliver_digests(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Do so for the digests that are due."""
    made = 0
    for each in events:
        since, until = (datetime.fromisoformat(each[name]) for name in ("since", "until"))
        made += deliver_digest(user_id=each["user_id"], since=since, until=until)
        job.heartbeat({"deliveries": made})
    return {"deliveries": made}


# Longer than a claim: whoever takes the job over from a dead worker finds the claim run out.
@job_task(name=SEND_JOB, queue="notify", lease=timedelta(seconds=90))
def send(job: JobHandle, *, delivery_id: int) -> dict[str, Any]:
    """Send one delivery and what is due with it."""
    return {"state": send_delivery(delivery_id)}


@job_task(name=TELL_JOB, queue="notify", lease=timedelta(minutes=2))
def tell(job: JobHandle, *, channel_id: int) -> dict[str, Any]:
    """Tell the owner of a channel that it broke."""
    return {"told": tell_channel_broke(channel_id)}


@system_task(name="alerts.dispatch_sweeps", queue="notify")
def dispatch_sweeps() -> None:
    """Let every active client's deliveries be looked through."""
    enqueue_for_active_tenants("alerts.sweep_deliveries")


@tenant_task(name="alerts.sweep_deliveries", queue="notify")
def sweep() -> None:
    """Start what is due and has no job."""
    restart_forgotten()
