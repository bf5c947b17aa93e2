"""How one page becomes facts: one transaction for raw page, facts, dirty days, cursor and news.

A page is delivered at least once and takes effect exactly once, because everything it writes is keyed and
the cursor moves in the same transaction. Whoever lost the job's lease cannot commit: the heartbeat inside
the transaction fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import psycopg
from django.db import connection, transaction

from config.lib import clock
from connectors.engine.protocol import Page
from connectors.engine.thresholds import rejects_too_many
from connectors.models import RawPage, RejectedRecord
from connectors.services.cohorts import days_awaiting_fees, resolve_cohorts
from connectors.services.cursors import Hold, is_suspect_empty, move_cursor
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.services.events import Event
from connectors.services.runs import RunRef, RunTotals, count_page, note_run
from connectors.services.staging import Batch, PreparedPage, make_batch, prepare, split_unstorable
from connectors.services.statements import statements_for
from connectors.types import Family, FeeEstimateRecord, OfferRecord, OrderLineRecord, Record, RejectedRow
from tenants.context import require_client
from tenants.outbox import emit
from tenants.tasking import JobHandle

_MAX_REASON = 500
_PAGE_REPEATED = {
    "code": Hold.PAGE_REPEATED.value,
    "title": "The platform repeats the same page",
    "detail": "",
    "remedy": "What it sent is stored; no days are taken for known, and the next run asks for them again.",
}


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What storing a page did. `hold` says why the cursor did not move on, if it did not."""

    page_no: int
    rows_read: int
    rows_written: int
    rows_removed: int
    rows_rejected: int
    hold: Hold | None
    dirty_days: int
    totals: RunTotals

    @property
    def rows_unchanged(self) -> int:
        """Rows that were known already, or older than what was known."""
        return self.rows_read - self.rows_rejected - self.rows_written


@dataclass(frozen=True, slots=True)
class StoredRecords:
    """What storing records outside a sync did; `days` are the shop days that became dirty."""

    rows_written: int
    rows_removed: int
    rejected: tuple[RejectedRow, ...]
    days: frozenset[date]


@dataclass(slots=True)
class _Effect:
    """What the batches of a page changed, gathered while they are stored."""

    written: int = 0
    removed: int = 0
    rejected: list[RejectedRow] = field(default_factory=list)
    days: set[tuple[Family, date]] = field(default_factory=set)
    products: list[str] = field(default_factory=list)


def store_page(
    *, run: RunRef, page: Page | PreparedPage, job: JobHandle | None = None, today: date | None = None
) -> PageOutcome:
    """Store one page in one transaction and return what that changed.

    `job` fences the write: `LeaseLost` rolls everything back. `today` is the shop's business day, for facts
    that have no day of their own (default: now, in the store's time zone).
    """
    prepared = page if isinstance(page, PreparedPage) else prepare(page)
    now = clock.now()
    with transaction.atomic():
        _lock_store(run.store.id)
        effect = _store_facts(run, prepared, now, today or clock.today(run.store.time_zone))
        rejected = [*prepared.page.rejected, *effect.rejected]
        totals = count_page(
            run=run,
            rows_read=prepared.rows_read,
            rows_written=effect.written,
            rows_rejected=len(rejected),
        )
        if job is not None:
            job.heartbeat(totals.as_progress(note=prepared.page.note))
        hold = None
        if rejects_too_many(rows_read=totals.rows_read, rows_rejected=totals.rows_rejected):
            hold = Hold.TOO_MANY_REJECTED
        elif prepared.page.empty and is_suspect_empty(run=run, totals=totals, now=now):
            hold = Hold.SUSPECT_EMPTY
        elif prepared.page.doubt:
            hold = Hold.PAGE_REPEATED
            note_run(run=run, problem={**_PAGE_REPEATED, "detail": prepared.page.doubt})
        _keep_raw(run, totals.pages, prepared, rejected, now)
        move_cursor(run=run, page=prepared.page, hold=hold, now=now)
        dirty = mark_dirty_days(DirtyMark(run.store.id, day, family) for family, day in effect.days)
        _tell(run.store.id, effect)
    return PageOutcome(
        page_no=totals.pages,
        rows_read=prepared.rows_read,
        rows_written=effect.written,
        rows_removed=effect.removed,
        rows_rejected=len(rejected),
        hold=hold,
        dirty_days=dirty,
        totals=totals,
    )


def _lock_store(store_id: int) -> None:
    # Orders and their charges arrive in different streams at the same time, and two streams may describe
    # the same orders. One page at a time per store keeps either from missing the other.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"connectors.facts:{require_client().id}:{store_id}"],
        )


def _store_facts(run: RunRef, prepared: PreparedPage, now: datetime, today: date) -> _Effect:
    effect = _Effect()
    for batch in prepared.batches:
        _store_batch(run, batch, prepared.page.replaces, now, today, effect)
    return effect


def _store_batch(
    run: RunRef, batch: Batch, replaces: Sequence[str], now: datetime, today: date, effect: _Effect
) -> None:
    if not _append(run, batch, now, effect):
        _merge(run, batch, replaces, now, today, effect)


def _append(run: RunRef, batch: Batch, now: datetime, effect: _Effect) -> bool:
    """Copy a batch of which nothing is known straight into the fact table; False if it has to be merged."""
    statements = statements_for(batch.spec)
    if not statements.append or not batch.is_plain or batch.has_duplicates:
        return False
    (known,) = _ask(statements.known, {"store_id": run.store.id, "sets": batch.sets})
    if known:
        return False
    try:
        with transaction.atomic():
            _copy(statements.append, batch.led_by(run.store.id, run.id, now))
    except psycopg.DataError:
        # Some row fits no column; merging finds out which.
        return False
    effect.written += len(batch.records)
    effect.days.update((batch.spec.family, day) for day in batch.days)
    _find_cohorts(run, batch, effect)
    return True


def _find_cohorts(run: RunRef, batch: Batch, effect: _Effect) -> None:
    if batch.spec.record is OrderLineRecord:
        effect.days.update(resolve_cohorts(store_id=run.store.id, orders=batch.sets))


def _merge(
    run: RunRef, batch: Batch, replaces: Sequence[str], now: datetime, today: date, effect: _Effect
) -> None:
    """Stage a batch and bring into the fact table what is news in it."""
    spec = batch.spec
    statements = statements_for(spec)
    rejected = _stage(batch)
    effect.rejected.extend(rejected)
    values = {
        "store_id": run.store.id,
        "run_id": run.id,
        "stream": run.stream,
        "now": now,
        "replaces": list(replaces),
    }
    known, idle, strays = _ask(statements.probe, values)
    removed = 0
    if strays:
        removed, days = _ask(statements.sweep, values)
        effect.removed += removed
        effect.days.update((spec.family, day) for day in days or ())
    written, matters, days = 0, False, None
    if not known and not batch.has_duplicates:
        written, matters, days = _ask(statements.insert, values)
    elif strays or idle < len(batch.records) - len(rejected):
        written, matters, days = _ask(statements.upsert, values)
    effect.written += written
    if matters:
        effect.days.update((spec.family, day) for day in (days or ([] if spec.days else [today])))
    if written or removed:
        _find_cohorts(run, batch, effect)
    if matters and spec.record is FeeEstimateRecord:
        effect.days.update(days_awaiting_fees(store_id=run.store.id))
    if matters and spec.record is OfferRecord:
        effect.products = _staged_products(spec.stage)
    with connection.cursor() as cursor:
        cursor.execute(statements.drop)


def _ask(statement: str, values: Mapping[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _staged_products(stage: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT product_id FROM {stage} ORDER BY 1")  # noqa: S608
        return [product for (product,) in cursor.fetchall()]


def _stage(batch: Batch) -> tuple[RejectedRow, ...]:
    """Copy the batch into its staging table; rows that no column can hold are returned instead."""
    statements = statements_for(batch.spec)
    with connection.cursor() as cursor:
        cursor.execute(statements.create)
    try:
        with transaction.atomic():
            _copy(statements.copy, batch.body)
    except psycopg.DataError:
        good, bad = split_unstorable(batch.spec, batch.records)
        if not bad:
            raise
        _copy(statements.copy, make_batch(batch.spec, good).body)
        return bad
    return ()


def _copy(statement: str, body: bytes) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(body)


def _keep_raw(
    run: RunRef, page_no: int, prepared: PreparedPage, rejected: Sequence[RejectedRow], now: datetime
) -> None:
    if prepared.raw:
        RawPage.objects.create(
            run_id=run.id,
            page_no=page_no,
            media_type=prepared.page.raw_type[:60],
            sha256=prepared.raw_sha256,
            body=prepared.raw,
            received_at=now,
        )
    RejectedRecord.objects.bulk_create(
        RejectedRecord(
            run_id=run.id,
            page_no=page_no,
            pointer=row.pointer[:200],
            reason=row.reason[:_MAX_REASON],
            raw=row.raw,
        )
        for row in rejected
    )


def _tell(store_id: int, effect: _Effect) -> None:
    families = sorted({family.value for family, _ in effect.days})
    if families:
        emit(Event.FACTS_CHANGED, {"store_id": store_id, "families": families})
    if effect.products:
        emit(Event.OFFERS_CHANGED, {"store_id": store_id, "product_ids": effect.products})


def store_records(
    *, run: RunRef, records: Sequence[Record], replaces: Sequence[str] = (), today: date | None = None
) -> StoredRecords:
    """Store records that no stream delivered, in the caller's transaction: facts, dirty days and the news.

    Neither cursor nor coverage moves. `replaces` as in `Page`.
    """
    prepared = prepare(Page(cursor={}, records=tuple(records), replaces=tuple(replaces)))
    _lock_store(run.store.id)
    effect = _store_facts(run, prepared, clock.now(), today or clock.today(run.store.time_zone))
    mark_dirty_days(DirtyMark(run.store.id, day, family) for family, day in effect.days)
    _tell(run.store.id, effect)
    return StoredRecords(
        rows_written=effect.written,
        rows_removed=effect.removed,
        rejected=tuple(effect.rejected),
        days=frozenset(day for _, day in effect.days),
    )
