"""The jobs of approval, started by news as the outbox starts them."""

from __future__ import annotations

from config.pipeline import PIPELINE
from config.schedule import BEAT
from pricing.models import PriceObservation
from tenants.services.jobs import start_job
from tenants.tasking import run_job_now
from tenants.types import ClientRef, JobState
from tests.pricing.promotions.shops import make_shop

JOB = "pricing.observe_prices"


def test_the_news_of_a_sync_sets_the_look_off(in_acme: ClientRef, redis: object) -> None:
    """The job looks at stores whose listings or offers changed and at no others."""
    store = make_shop("US")
    assert JOB in PIPELINE["connectors.facts_changed"]
    for families, looked_at in ((["orders"], 0), (["listings", "orders"], 1)):
        events = [{"id": 1, "store_id": store, "families": families}]
        job = run_job_now(start_job(JOB, key=f"facts:{looked_at}", payload={"events": events}).id)
        assert (job.state, job.result) == (JobState.SUCCEEDED, {"stores": looked_at, "changes": 0})
        assert PriceObservation.objects.exists() is bool(looked_at)


def test_the_clock_sets_the_rest_off() -> None:
    """Windows every five minutes, the day's checks several times a day."""
    tasks = {entry["task"] for entry in BEAT.values()}
    assert {"pricing.dispatch_windows", "pricing.dispatch_price_days"} <= tasks
