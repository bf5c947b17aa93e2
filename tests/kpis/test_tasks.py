"""The durable job that rolls up, the periodic refresh of rates, and the generated reference."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from config.lib import clock
from config.pipeline import PIPELINE
from connectors.models import DirtyDay
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.types import Family
from kpis import tasks
from kpis.management.commands import kpi_docs
from kpis.models import DailyMeasure
from kpis.services.rollup import RollupRunning
from tenants.services.jobs import start_job
from tenants.tasking import Defer, run_job_now
from tenants.types import ClientRef, JobState
from tests.kpis.world import World, days

JOB = "kpis.roll_up_dirty_days"


def test_the_job_rolls_up_everything_that_is_dirty(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started by the news of facts, in steps, until no day is dirty; run again it finds nothing to do."""
    assert JOB in PIPELINE["connectors.facts_changed"]
    monkeypatch.setattr("kpis.services.rollup.LIMIT", 20)
    mark_dirty_days(
        DirtyMark(store, day, family)
        for store in world.stores.values()
        for day in days()
        for family in Family
    )
    job = start_job(
        JOB, key="facts:1", payload={"events": [{"id": 1, "store_id": 1, "families": ["orders"]}]}
    )
    done = run_job_now(job.id)
    assert done.state is JobState.SUCCEEDED
    result = done.result or {}
    # What looks back is computed for the latest day known so far, and that day moves on from step to step.
    open_rows = DailyMeasure.objects.filter(known_to=None).count()
    assert result["opened"] - result["closed"] == open_rows > 0
    assert not DirtyDay.objects.exists()
    again = run_job_now(start_job(JOB, key="facts:2", payload={"events": []}).id)
    assert again.result == {"days": 0, "opened": 0, "closed": 0}


def test_a_job_that_meets_a_running_rollup_waits_without_a_worker(
    in_acme: ClientRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is put off for seconds, which costs no attempt, instead of holding a process."""

    def busy(**options: Any) -> None:
        raise RollupRunning

    monkeypatch.setattr(tasks, "roll_up", busy)
    with clock.frozen(clock.now()):
        with pytest.raises(Defer) as deferred:
            tasks.roll_up_dirty_days(None, events=[])
        assert deferred.value.until - clock.now() == timedelta(seconds=2)


def test_the_reference_is_up_to_date() -> None:
    """docs/kpis.md is what the definitions say; a stale one fails the check."""
    call_command("kpi_docs", "--check")


def test_a_stale_reference_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """The check can fail: for a missing file, and for one that says something else."""
    document = tmp_path / "kpis.md"
    monkeypatch.setattr(kpi_docs, "DOCUMENT", document)
    with pytest.raises(CommandError):
        call_command("kpi_docs", "--check")
    call_command("kpi_docs", stdout=io.StringIO())
    call_command("kpi_docs", "--check")
    document.write_text(document.read_text() + "x")
    with pytest.raises(CommandError):
        call_command("kpi_docs", "--check")
