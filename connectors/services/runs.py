"""The life of a sync run: opened, counted page by page, ended in one of four ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from config.lib import clock
from config.lib.errors import AppError
from connectors.engine.errors import problem_of
from connectors.models import SyncRun
from connectors.types import RunState, StoreRef

_TABLE = SyncRun._meta.db_table
_OPEN = (RunState.RUNNING, RunState.WAITING)


@dataclass(frozen=True, slots=True)
class RunRef:
    """A run that is under way: of which store, stream and connection."""

    id: int
    store: StoreRef
    stream: str
    connection_id: int


@dataclass(frozen=True, slots=True)
class RunTotals:
    """What a run has done so far; `rows_read` counts rejected rows too."""

    pages: int
    rows_read: int
    rows_written: int
    rows_unchanged: int
    rows_rejected: int

    def as_progress(self, *, note: str = "") -> dict[str, Any]:
        """Return the totals as a job shows them; `note` says in words what is going on."""
        return {
            "pages": self.pages,
            "rows_read": self.rows_read,
            "rows_written": self.rows_written,
            "rows_unchanged": self.rows_unchanged,
            "rows_rejected": self.rows_rejected,
            "note": note,
        }


def open_run(*, store: StoreRef, stream: str, connection_id: int, job_id: int | None) -> RunRef:
    """Go on with the job's unfinished run, or begin one.

    A job that waited, or whose worker died, finds its run again, so that page numbers and counts go on.
    Unfinished runs of earlier jobs of the stream were abandoned; they are closed as failed.
    """
    now = clock.now()
    unfinished = SyncRun.objects.filter(store_id=store.id, stream=stream, state__in=_OPEN)
    run = unfinished.filter(job_id=job_id).order_by("-id").first() if job_id is not None else None
    abandoned = unfinished.exclude(pk=run.pk) if run else unfinished
    abandoned.update(state=RunState.FAILED, finished_at=now, problem={"code": "abandoned"})
    if run is None:
        run = SyncRun.objects.create(
            store_id=store.id, stream=stream, job_id=job_id, state=RunState.RUNNING, started_at=now
        )
    elif run.state != RunState.RUNNING:
        SyncRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING)
    return RunRef(id=run.pk, store=store, stream=stream, connection_id=connection_id)


def count_page(*, run: RunRef, rows_read: int, rows_written: int, rows_rejected: int) -> RunTotals:
    """Add one page to the run's counts and return the new totals; `pages` is the page's number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_TABLE} SET pages = pages + 1, rows_read = rows_read + %s, "  # noqa: S608
            "rows_written = rows_written + %s, rows_unchanged = rows_unchanged + %s, "
            "rows_rejected = rows_rejected + %s WHERE id = %s "
            "RETURNING pages, rows_read, rows_written, rows_unchanged, rows_rejected",
            [rows_read, rows_written, rows_read - rows_written - rows_rejected, rows_rejected, run.id],
        )
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"there is no run {run.id}")
    return RunTotals(*row)


def get_totals(*, run: RunRef) -> RunTotals:
    """Return the run's counts as they stand."""
    values = SyncRun.objects.values_list(
        "pages", "rows_read", "rows_written", "rows_unchanged", "rows_rejected"
    ).get(pk=run.id)
    return RunTotals(*values)


def note_run(*, run: RunRef, problem: Mapping[str, str]) -> None:
    """Keep what is doubtful about a run that goes through all the same."""
    SyncRun.objects.filter(pk=run.id).update(problem=dict(problem))


def finish_run(*, run: RunRef, note: Mapping[str, str] | None = None) -> None:
    """The run went through. `note` keeps what is doubtful about it, as an earlier `note_run` does."""
    if note:
        note_run(run=run, problem=note)
    _end(run, RunState.SUCCEEDED)


def fail_run(*, run: RunRef, error: AppError) -> None:
    """The run broke off; what was stored until then stays."""
    _end(run, RunState.FAILED, problem=problem_of(error))


def pause_run(*, run: RunRef) -> None:
    """The platform needs time; the same job goes on with this run."""
    SyncRun.objects.filter(pk=run.id).update(state=RunState.WAITING)


def _end(run: RunRef, state: RunState, **more: Any) -> None:
    SyncRun.objects.filter(pk=run.id).update(state=state, finished_at=clock.now(), **more)
