"""Jobs over the API: seen by who may, cancelled once, never another client's."""

from __future__ import annotations

import pytest

from tenants.context import use_tenant
from tenants.registry import get_job_spec
from tenants.services.clients import PROVISION
from tenants.services.jobs import claim_job, complete, start_job
from tenants.types import ClientRef, JobView, Role
from tests.api.conftest import logged_in
from tests.api.validating import ValidatingClient
from tests.factories.people import make_member

pytestmark = pytest.mark.django_db


def jobs(client: ClientRef, job_id: int | None = None) -> str:
    base = f"/api/v1/clients/{client.slug}/jobs"
    return base if job_id is None else f"{base}/{job_id}"


def started(client: ClientRef, key: str = "1") -> JobView:
    """A job of any kind that there is; nobody runs it here."""
    with use_tenant(client):
        return start_job(PROVISION, key=key, payload={})


def test_a_job_is_shown_while_and_after_it_runs(acme: ClientRef, client_admin: ValidatingClient) -> None:
    """State, progress and result are those of the row."""
    job = started(acme)
    assert client_admin.get(jobs(acme, job.id)).json()["state"] == "queued"
    with use_tenant(acme):
        handle = claim_job(job.id, lease=get_job_spec(PROVISION).lease)
        assert handle is not None
        handle.heartbeat({"done": 3, "of": 7})
    running = client_admin.get(jobs(acme, job.id)).json()
    assert (running["state"], running["progress"]) == ("running", {"done": 3, "of": 7})
    with use_tenant(acme):
        complete(job.id, token=handle.token, result={"rows": 12})
    finished = client_admin.get(jobs(acme, job.id)).json()
    assert (finished["state"], finished["result"]) == ("succeeded", {"rows": 12})


def test_jobs_are_listed_newest_first_and_filtered(acme: ClientRef, client_admin: ValidatingClient) -> None:
    """By kind and state; a state that there is not is a 400."""
    first, second = started(acme, "1"), started(acme, "2")
    listed = client_admin.get(jobs(acme)).json()["data"]
    assert [each["id"] for each in listed] == [second.id, first.id]
    assert client_admin.get(jobs(acme), {"state": "failed"}).json()["data"] == []
    assert client_admin.get(jobs(acme), {"kind": "no.such"}).json()["data"] == []
    assert client_admin.get(jobs(acme), {"state": "lost"}).status_code == 400


def test_a_job_is_cancelled_once(acme: ClientRef, client_admin: ValidatingClient) -> None:
    """Cancelling ends it; a finished job cannot be cancelled; client logins cancel nothing."""
    operator = logged_in(make_member(acme, Role.OPERATOR)[0])
    path = f"{jobs(acme, started(acme).id)}/cancellation"
    assert client_admin.post(path).status_code == 403
    cancelled = operator.post(path)
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = operator.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "job_finished")


def test_another_client_s_job_is_not_found(
    acme: ClientRef, globex: ClientRef, client_admin: ValidatingClient
) -> None:
    """Job ids count per client: the same number here is another job or none."""
    started(globex, "1")
    foreign = started(globex, "2")
    assert client_admin.get(jobs(acme, foreign.id)).status_code == 404
