"""How facts that no stream delivers are written: by uploads, forms and the apps above, in one way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from config.lib import clock
from config.lib.calendars import day_bounds
from config.lib.errors import FieldError, Invalid
from connectors.engine.coverage import merge
from connectors.engine.evidence import metric_of, stream_of, validity_of
from connectors.models import StreamCursor, SyncRun
from connectors.platforms.csv_upload.datasets import streams_of
from connectors.records import EvidenceRecord
from connectors.selectors.runs import HANDED_IN
from connectors.selectors.stores import get_store, list_streams_of
from connectors.selectors.upload_plans import next_overdue_at
from connectors.services.differences import Differences, find_differences
from connectors.services.ingest import store_records
from connectors.services.runs import RunRef
from connectors.services.staging import split_unstorable
from connectors.services.tables import TABLES
from connectors.types import Family, Record, RunState, StoreRef
from tenants import audit

MAX_STREAM = 48
# A run that no stream made does not count among the stream's own, whose sizes say what an empty answer means.
RUN_PREFIX = HANDED_IN

_EXPIRES_ON = "expires_on"
_COVER_FIELDS = [
    *("covered", "covered_from", "covered_through", "data_as_of", "cursor", "last_success_at", "stale_at")
]

Covered = tuple[date, date]


@dataclass(frozen=True, slots=True)
class RecordResult:
    """What recording facts did. `run_id` is the facts' provenance, `removed` counts lines of replaced sets,
    `days` are the shop days whose figures are out of date by it."""

    inserted: int
    changed: int
    unchanged: int
    removed: int = 0
    run_id: int | None = None
    days: tuple[date, ...] = ()


def record_facts(
    *,
    store_id: int,
    records: Sequence[Record],
    dataset: str,
    covered: Covered | None,
    source: str,
    upload_id: int | None = None,
) -> RecordResult:
    """Record facts of one store and say what that changed.

    `dataset` is the key of a dataset that can be handed in, which fills in for its streams, or the key of a
    stream itself: a `Family` value, `evidence.<metric>`, a platform's stream. `covered` are the shop days
    (both included) that are now known completely; None moves no coverage, but evidence then covers its own
    validity. `source` says who speaks ("upload", "form", "kpis.own_figures", …). Facts equal to the stored
    ones are not written again. Facts that no column can hold are refused all together (`Invalid`);
    `NotFound` for an unknown store.
    """
    store = get_store(store_id)
    _check(dataset, records)
    batches = _by_class(records)
    now = clock.now()
    with transaction.atomic():
        run = SyncRun.objects.create(
            store_id=store_id,
            stream=f"{RUN_PREFIX}{dataset}"[:MAX_STREAM],
            state=RunState.SUCCEEDED,
            pages=1,
            rows_read=len(records),
            started_at=now,
            finished_at=now,
        )
        reference = RunRef(id=run.pk, store=store, stream=run.stream, connection_id=store.connection_id)
        found = [find_differences(store_id=store_id, records=batch) for batch in batches]
        days: set[date] = set()
        for each in found:
            if each.to_store:
                stored = store_records(run=reference, records=each.to_store, replaces=each.replaces)
                days.update(stored.days)
        result = _summed(found, run_id=run.pk, days=days)
        SyncRun.objects.filter(pk=run.pk).update(
            rows_written=result.inserted + result.changed, rows_unchanged=result.unchanged
        )
        synced = {stream.key for stream in list_streams_of(store)}
        for key, intervals, until in _coverage(dataset, records, covered):
            _cover(store, key, intervals, until, is_synced=key in synced)
        audit.record(
            "facts.recorded",
            target=("store", store_id),
            after={
                "dataset": dataset,
                "source": source,
                "upload_id": upload_id,
                "run_id": run.pk,
                "inserted": result.inserted,
                "changed": result.changed,
                "unchanged": result.unchanged,
                "removed": result.removed,
                "covered": [day.isoformat() for day in covered] if covered else None,
            },
        )
    return result


def preview_facts(*, store_id: int, records: Sequence[Record]) -> RecordResult:
    """Say what recording these facts would change, and write nothing."""
    get_store(store_id)
    found = [find_differences(store_id=store_id, records=batch) for batch in _by_class(records)]
    days = {day for each in found for day in each.days}
    return _summed(found, run_id=None, days=days)


def _by_class(records: Sequence[Record]) -> list[list[Record]]:
    batches: dict[type[Record], list[Record]] = {}
    for record in records:
        batches.setdefault(type(record), []).append(record)
    return [batches[record] for record in TABLES if record in batches]


def _summed(found: Sequence[Differences], *, run_id: int | None, days: set[date]) -> RecordResult:
    return RecordResult(
        inserted=sum(each.inserted for each in found),
        changed=sum(each.changed for each in found),
        unchanged=sum(each.unchanged for each in found),
        removed=sum(each.removed for each in found),
        run_id=run_id,
        days=tuple(sorted(days)),
    )


def _check(dataset: str, records: Sequence[Record]) -> None:
    faults: list[FieldError] = []
    if not dataset or len(dataset) > MAX_STREAM:
        faults.append(FieldError("/dataset", f"A dataset's key has 1 to {MAX_STREAM} characters.", "invalid"))
    for batch in _by_class(records):
        _, bad = split_unstorable(TABLES[type(batch[0])], batch)
        faults.extend(FieldError("/records", f"{row.pointer}: {row.reason}", "unstorable") for row in bad)
    if faults:
        raise Invalid(errors=faults[:50])


def _coverage(
    dataset: str, records: Sequence[Record], covered: Covered | None
) -> Iterator[tuple[str, list[Covered], date | None]]:
    """Which streams now know which days, and until when that knowledge holds (None: the plan decides)."""
    if dataset != Family.EVIDENCE and metric_of(dataset) is None:
        if covered is not None:
            for stream in streams_of(dataset):
                yield stream, [covered], None
        return
    checks: dict[str, list[Covered]] = {}
    if covered is not None and metric_of(dataset) is not None:
        checks[dataset] = [covered]
    for record in records:
        if isinstance(record, EvidenceRecord):
            valid = validity_of(record.observed_on, record.expires_on)
            checks.setdefault(stream_of(record.metric), []).append(valid)
    for stream, intervals in checks.items():
        yield stream, intervals, max(last for _, last in intervals)


def _cover(
    store: StoreRef, stream: str, intervals: Sequence[Covered], expires_on: date | None, *, is_synced: bool
) -> None:
    """Add the days to what the stream is known for. A platform's own stream keeps its cursor and its turn."""
    now = clock.now()
    row, _ = StreamCursor.objects.select_for_update().get_or_create(
        store_id=store.id, stream=stream, defaults={"connection_id": store.connection_id}
    )
    known = merge([(date.fromisoformat(a), date.fromisoformat(b)) for a, b in row.covered] + [*intervals])
    row.covered = [[first.isoformat(), last.isoformat()] for first, last in known]
    row.covered_from, row.covered_through = known[-1]
    latest = max(last for _, last in intervals)
    _, end = day_bounds(min(latest, clock.today(store.time_zone)), store.time_zone)
    as_of = min(now, end)
    row.data_as_of = as_of if row.data_as_of is None else max(row.data_as_of, as_of)
    if not is_synced:
        # Nothing but hand-ins feeds it, so a hand-in is its success.
        row.last_success_at = now
        row.stale_at = next_overdue_at(
            store=store, stream=stream, covered_through=row.covered_through, expires_on=expires_on
        )
        if expires_on is not None and row.cursor.get(_EXPIRES_ON, "") > expires_on.isoformat():
            row.stale_at = day_bounds(date.fromisoformat(row.cursor[_EXPIRES_ON]), store.time_zone)[1]
        elif expires_on is not None:
            row.cursor = {_EXPIRES_ON: expires_on.isoformat()}
    row.save(update_fields=_COVER_FIELDS)
