"""How a received file becomes facts, costs or products: the job behind an upload, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import Invalid, PayloadTooLarge
from config.lib.money import Money
from connectors.engine.thresholds import rejects_too_many
from connectors.models import UploadedFile, UploadFault
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import Dataset, Sink
from connectors.platforms.csv_upload.mapping import Fault, Mapped, MappedRow, map_sheet
from connectors.platforms.csv_upload.table import find_header, open_table
from connectors.selectors.stores import get_store
from connectors.selectors.uploads import get_profile
from connectors.services.costs import record_cost_sheets
from connectors.services.products import save_products
from connectors.services.record_facts import preview_facts, record_facts
from connectors.services.staging import split_unstorable
from connectors.services.tables import TABLES
from connectors.services.upload_intake import BODY, TABLE
from connectors.services.upload_reading import Options, context_of, covered_days, laid_out
from connectors.types import CostLine, Record
from connectors.values import CostOutcome, CostSheetInput
from tenants import audit, crypto
from tenants.tasking import JobHandle

_MAX_DAYS = 400


@dataclass(frozen=True, slots=True)
class _Done:
    """What taking a file did."""

    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    run_id: int | None = None
    days: Sequence[date] = ()
    covered: tuple[date, date] | None = None


def take_upload(job: JobHandle, *, upload_id: int) -> dict[str, Any]:
    """Read a received file and do with it what its mode says; returns the upload's id and state.

    A file that cannot be read, or that has a fault where the whole file was wanted, is rejected: nothing of
    it is stored and the faults are kept. The bytes are dropped with the outcome.
    """
    row = UploadedFile.objects.get(pk=upload_id)
    if row.state != "received" or row.body is None:
        return {"upload_id": upload_id, "state": row.state}
    content = crypto.unseal_bytes(row.body, table=TABLE, row=row.pk, field=BODY)
    dataset = DATASETS[row.dataset]
    options = Options.from_json(row.options)
    mapped = Mapped()
    problem = None
    try:
        mapped = _mapped(row, dataset, options, content)
        _leave_unstorable_out(dataset, mapped)
    except (Invalid, PayloadTooLarge) as error:
        problem = {"code": error.code, "title": error.title, "detail": error.detail}
        for fault in error.errors:
            mapped.add(Fault(0, "", "", fault.code, fault.detail))
    job.heartbeat({"rows_read": mapped.rows_read})
    with transaction.atomic():
        job.heartbeat({"rows_read": mapped.rows_read, "rows_rejected": len(mapped.rejected)})
        is_refused = problem is not None or (row.mode == "whole" and mapped.fault_count > 0)
        is_dry = row.mode == "dry_run" or is_refused
        done = _Done() if problem is not None else _apply(row, dataset, options, mapped, is_dry_run=is_dry)
        is_refused = is_refused or (row.mode == "whole" and mapped.fault_count > 0)
        _close(row, mapped, done, problem, is_refused=is_refused)
    return {"upload_id": upload_id, "state": row.state}


def _mapped(row: UploadedFile, dataset: Dataset, options: Options, content: bytes) -> Mapped:
    profile = laid_out(get_profile(row.profile), options)
    table = open_table(content, encoding=profile.encoding, delimiter=profile.delimiter, sheet=profile.sheet)
    row.encoding, row.encoding_confidence = table.encoding, table.confidence
    store = get_store(row.store_id) if row.store_id else None
    mapped = map_sheet(dataset, profile, find_header(table, profile), context_of(store))
    if not mapped.rows_read and not mapped.faults:
        mapped.add(Fault(0, "", "", "empty", "The file has no rows below its header."))
    return mapped


def _leave_unstorable_out(dataset: Dataset, mapped: Mapped) -> None:
    """Rows whose values no column can hold, and the rest of a set of which a row was rejected."""
    if dataset.record is None:
        return
    spec = TABLES[dataset.record]
    kept: list[MappedRow] = []
    for row in mapped.rows:
        assert row.record is not None
        _, bad = split_unstorable(spec, [row.record])
        for each in bad:
            mapped.add(Fault(row.row, "", "", "unstorable", each.reason))
            if dataset.scope:
                mapped.broken_keys.add(str(row.values.get(dataset.scope, "")))
        if not bad:
            kept.append(row)
    mapped.rows = []
    for row in kept:
        if dataset.scope and str(row.values.get(dataset.scope, "")) in mapped.broken_keys:
            detail = f"Another row of the same {dataset.scope} was rejected; the set is left out whole."
            mapped.add(Fault(row.row, "", dataset.scope, "incomplete_set", detail))
        else:
            mapped.rows.append(row)


def _apply(
    row: UploadedFile, dataset: Dataset, options: Options, mapped: Mapped, *, is_dry_run: bool
) -> _Done:
    match dataset.sink:
        case Sink.FACTS:
            return _take_facts(row, dataset, options, mapped, is_dry_run=is_dry_run)
        case Sink.COSTS:
            return _take_costs(row, mapped, is_dry_run=is_dry_run)
        case Sink.PRODUCTS:
            saved = save_products(
                products=[each.values for each in mapped.rows], is_dry_run=is_dry_run, upload_id=row.pk
            )
            return _Done(saved.inserted, saved.changed, saved.unchanged)


def _take_facts(
    row: UploadedFile, dataset: Dataset, options: Options, mapped: Mapped, *, is_dry_run: bool
) -> _Done:
    records: Sequence[Record] = mapped.records()
    if dataset.finish is not None:
        records = dataset.finish(records)
    covered = _covered(row, dataset, options, records)
    if rejects_too_many(rows_read=mapped.rows_read, rows_rejected=len(mapped.rejected)):
        # With so many rows missing nobody knows which days are whole.
        covered = None
    if is_dry_run:
        told = preview_facts(store_id=row.store_id, records=records)
    else:
        told = record_facts(
            store_id=row.store_id,
            records=records,
            dataset=dataset.key,
            covered=covered,
            source="upload",
            upload_id=row.pk,
        )
    return _Done(told.inserted, told.changed, told.unchanged, told.removed, told.run_id, told.days, covered)


def _covered(
    row: UploadedFile, dataset: Dataset, options: Options, records: Sequence[Record]
) -> tuple[date, date] | None:
    if dataset.key in ("events", "evidence"):
        # One event says nothing of other days, and a check covers its own validity.
        return None
    if not dataset.day:
        today = clock.today(get_store(row.store_id).time_zone)
        return covered_days(options, [today])
    return covered_days(options, [getattr(record, dataset.day) for record in records])


def _take_costs(row: UploadedFile, mapped: Mapped, *, is_dry_run: bool) -> _Done:
    sheets: list[CostSheetInput] = []
    rows: list[MappedRow] = []
    for each in mapped.rows:
        sheet = _sheet(each, mapped)
        if sheet is not None:
            sheets.append(sheet)
            rows.append(each)
    is_whole = row.mode == "whole"
    is_dry_run = is_dry_run or (is_whole and mapped.fault_count > 0)
    results = record_cost_sheets(
        sheets=sheets, is_atomic=is_whole, is_dry_run=is_dry_run, source="upload", upload_id=row.pk
    )
    for each, result in zip(rows, results, strict=True):
        for error in result.errors:
            name = error.pointer.rpartition("/")[2]
            mapped.add(Fault(each.row, "", name, error.code, error.detail))
    outcomes = [result.outcome for result in results]
    return _Done(
        inserted=outcomes.count(CostOutcome.CREATED), unchanged=outcomes.count(CostOutcome.UNCHANGED)
    )


def _sheet(each: MappedRow, mapped: Mapped) -> CostSheetInput | None:
    lines: dict[CostLine, Money] = {}
    for line in CostLine:
        value = each.values.get(line.value)
        currency = each.values.get(f"{line.value}_currency") or each.values.get("currency")
        if value is not None and currency is None:
            told = f"{line.value} has no currency, and the row has none either."
            mapped.add(Fault(each.row, "", "currency", "required", told))
            return None
        if value is not None:
            lines[line] = Money(value, str(currency))
    return CostSheetInput(
        sku=each.values["sku"],
        market=str(each.values.get("market") or "").upper(),
        channel=str(each.values.get("channel") or ""),
        effective_on=each.values["effective_on"],
        lines=lines,
    )


def _close(
    row: UploadedFile, mapped: Mapped, done: _Done, problem: dict[str, str] | None, *, is_refused: bool
) -> None:
    """Note what became of the file, keep its faults and drop its bytes."""
    if row.mode == "dry_run" and problem is None:
        row.state = "checked"
    elif is_refused:
        row.state = "rejected"
    else:
        row.state = "taken_in_part" if mapped.rejected else "taken"
    row.body = None
    row.rows_read, row.rows_duplicate = mapped.rows_read, mapped.duplicates
    row.rows_rejected, row.faults = len(mapped.rejected), mapped.fault_count
    row.rows_inserted, row.rows_changed = done.inserted, done.changed
    row.rows_unchanged, row.rows_removed, row.run_id = done.unchanged, done.removed, done.run_id
    row.days = [day.isoformat() for day in done.days[:_MAX_DAYS]]
    row.covered_from, row.covered_through = done.covered or (None, None)
    row.ignored = [name[:200] for name in mapped.ignored[:200]]
    row.problem = problem
    row.finished_at = clock.now()
    row.save()
    UploadFault.objects.bulk_create(
        UploadFault(
            upload_id=row.pk,
            row=fault.row,
            column=fault.column[:200],
            field=fault.field[:48],
            code=fault.code[:32],
            detail=fault.detail[:300],
        )
        for fault in mapped.faults
    )
    audit.record(
        f"upload.{row.state}",
        target=("upload", row.pk),
        after={
            "dataset": row.dataset,
            "rows_read": row.rows_read,
            "inserted": row.rows_inserted,
            "changed": row.rows_changed,
            "unchanged": row.rows_unchanged,
            "rejected": row.rows_rejected,
            "run_id": row.run_id,
        },
    )
