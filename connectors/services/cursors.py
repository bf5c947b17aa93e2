"""Where a stream goes on from, which days it knows, and when it is due: the only writer of StreamCursor."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from config.lib import clock
from config.lib.errors import AppError
from connectors.engine.coverage import Interval, latest, merge
from connectors.engine.errors import problem_of
from connectors.engine.protocol import Page
from connectors.engine.thresholds import CONFIRM_EMPTY_AFTER, HISTORY_RUNS, expects_rows
from connectors.models import StreamCursor, SyncRun
from connectors.services.runs import RunRef, RunTotals
from connectors.types import RunState

# A stream in doubt or in trouble is looked at again sooner than its cadence says, but not at once.
RECHECK_AFTER = timedelta(minutes=30)


class Hold(StrEnum):
    """Why a cursor stays where it is although a page was stored."""

    SUSPECT_EMPTY = "suspect_empty"
    TOO_MANY_REJECTED = "too_many_rejected"
    PAGE_REPEATED = "page_repeated"


def ensure_cursor(*, run: RunRef) -> dict[str, Any]:
    """Return the cursor of the run's stream, beginning one that is due now if there is none."""
    row, _ = StreamCursor.objects.get_or_create(
        store_id=run.store.id,
        stream=run.stream,
        defaults={"connection_id": run.connection_id, "next_due_at": clock.now()},
    )
    if row.connection_id != run.connection_id:
        StreamCursor.objects.filter(pk=row.pk).update(connection_id=run.connection_id)
    return dict(row.cursor)


def is_suspect_empty(*, run: RunRef, totals: RunTotals, now: datetime) -> bool:
    """Tell whether an empty answer needs a second signal before it is believed.

    The second signal is another empty answer to a later question; it confirms the first one.
    """
    since = StreamCursor.objects.values_list("suspect_empty_since", flat=True).get(
        store_id=run.store.id, stream=run.stream
    )
    if since is not None and now - since >= CONFIRM_EMPTY_AFTER:
        return False
    former = SyncRun.objects.filter(
        store_id=run.store.id, stream=run.stream, state=RunState.SUCCEEDED, id__lt=run.id
    ).order_by("-id")
    return since is not None or expects_rows(
        rows_in_this_run=totals.rows_read,
        pages_in_this_run=totals.pages - 1,
        rows_of_former_runs=list(former.values_list("rows_read", flat=True)[:HISTORY_RUNS]),
    )


def move_cursor(*, run: RunRef, page: Page, hold: Hold | None, now: datetime) -> None:
    """Move the stream's cursor behind a stored page and add the days it covers.

    A held page moves nothing: with too many rejected rows it is asked for again; after a suspicious empty
    answer the report is ordered anew, from before it was asked for. A run that ends in doubt goes back by
    its page's own cursor.
    """
    if hold is Hold.TOO_MANY_REJECTED:
        return
    row = StreamCursor.objects.select_for_update().get(store_id=run.store.id, stream=run.stream)
    if hold is Hold.SUSPECT_EMPTY:
        row.cursor = row.safe_cursor
        row.suspect_empty_since = row.suspect_empty_since or now
    else:
        row.cursor = dict(page.cursor)
        if not _is_checkpoint(page):
            row.safe_cursor = row.cursor
            row.suspect_empty_since = None
        _cover(row, page)
    row.save(
        update_fields=[
            "cursor",
            "safe_cursor",
            "covered",
            "covered_from",
            "covered_through",
            "data_as_of",
            "suspect_empty_since",
        ]
    )


def _is_checkpoint(page: Page) -> bool:
    return not (page.records or page.rejected or page.empty or page.covered_through)


def _cover(row: StreamCursor, page: Page) -> None:
    if page.data_as_of is not None and (row.data_as_of is None or page.data_as_of > row.data_as_of):
        row.data_as_of = page.data_as_of
    if page.covered_from is None or page.covered_through is None:
        return
    known = merge(_read(row.covered), (page.covered_from, page.covered_through))
    row.covered = [[first.isoformat(), last.isoformat()] for first, last in known]
    furthest = latest(known)
    if furthest is not None:
        row.covered_from, row.covered_through = furthest


def _read(covered: list[list[str]]) -> list[Interval]:
    return [(date.fromisoformat(first), date.fromisoformat(last)) for first, last in covered]


def mark_succeeded(*, run: RunRef, cadence: timedelta) -> None:
    """The stream is through; it is due again after its cadence, sooner while an empty answer is in doubt."""
    now = clock.now()
    row = StreamCursor.objects.get(store_id=run.store.id, stream=run.stream)
    pause = min(cadence, RECHECK_AFTER) if row.suspect_empty_since is not None else cadence
    StreamCursor.objects.filter(pk=row.pk).update(
        last_success_at=now, last_problem=None, next_due_at=now + pause
    )


def mark_failed(*, run: RunRef, error: AppError, cadence: timedelta) -> None:
    """The stream broke off; the reason is kept until it goes through again."""
    now = clock.now()
    StreamCursor.objects.filter(store_id=run.store.id, stream=run.stream).update(
        last_problem={**problem_of(error), "at": now.isoformat()},
        next_due_at=now + max(min(cadence, RECHECK_AFTER * 2), RECHECK_AFTER),
    )
