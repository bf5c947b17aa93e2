"""How a cost file becomes cost sheets: read strictly, all or nothing, each fault named by row and column."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, PayloadTooLarge, gettext_noop
from config.lib.money import EXPONENTS, Money
from connectors.models import Upload
from connectors.services.costs import record_cost_sheets
from connectors.types import CostLine
from connectors.values import CostOutcome, CostSheetInput, UploadResult
from tenants import audit

PURPOSE = "cost_sheets"
MAX_BYTES = 5 * 2**20
MAX_ROWS = 20_000
# More faults than this are not told at once: a file in the wrong shape has one in every cell.
MAX_FAULTS = 200
_KEY_COLUMNS = ("sku", "market", "effective_on")
_CHANNEL = "channel"
_CURRENCY = "currency"
_LINES = {line.value: line for line in CostLine}
_OWN_CURRENCY = {f"{line}_{_CURRENCY}": line for line in CostLine}


class AlreadyUploaded(Conflict):
    """The same bytes were taken before; taking them again would change nothing."""

    code = "already_uploaded"
    title = gettext_noop("This file was already taken")
    permanent = True


class UnreadableFile(Invalid):
    """The file is no table of the expected columns; `errors` name row and column (row 1 is the header)."""

    code = "unreadable_file"
    title = gettext_noop("The file cannot be read")


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    sheet: CostSheetInput


def import_cost_file(*, filename: str, content: bytes, is_dry_run: bool = False) -> UploadResult:
    """Record the cost sheets of a CSV file (UTF-8, with or without a byte order mark).

    Columns: sku, market (empty: all), channel (may be missing),
    effective_on (YYYY-MM-DD), currency, then one per cost line
    (`CostLine`); a line in another currency has its own column `<line>_currency`. An empty cell is a line
    that costs nothing. One fault keeps the whole file from being taken: `UnreadableFile` names them by row
    and column. `AlreadyUploaded` for the same bytes a second time.
    """
    if len(content) > MAX_BYTES:
        raise PayloadTooLarge(f"A cost file has at most {MAX_BYTES // 2**20} MB.")
    sha256 = hashlib.sha256(content).hexdigest()
    former = Upload.objects.filter(purpose=PURPOSE, sha256=sha256).first()
    if former is not None:
        raise AlreadyUploaded(f"The same file was taken as upload {former.pk}.")
    rows = _read(content)
    with transaction.atomic():
        upload = None if is_dry_run else _note_upload(filename, sha256, len(rows))
        results = record_cost_sheets(
            sheets=[row.sheet for row in rows],
            is_atomic=True,
            is_dry_run=is_dry_run,
            source="upload",
            upload_id=upload.pk if upload else None,
        )
        faults = [
            _fault(row.number, error.pointer.rpartition("/")[2], error.detail)
            for row, result in zip(rows, results, strict=True)
            for error in result.errors
        ]
        if faults:
            raise UnreadableFile(errors=faults[:MAX_FAULTS])
        written = sum(1 for result in results if result.outcome is CostOutcome.CREATED)
        if upload is not None:
            Upload.objects.filter(pk=upload.pk).update(rows_written=written)
            audit.record(
                "upload.taken",
                target=("upload", upload.pk),
                after={"filename": upload.filename, "sha256": sha256, "rows": len(rows), "written": written},
            )
    return UploadResult(
        id=upload.pk if upload else None,
        sha256=sha256,
        rows_read=len(rows),
        rows_written=written,
        rows_unchanged=len(rows) - written,
    )


def _note_upload(filename: str, sha256: str, rows: int) -> Upload:
    name = "".join(char for char in filename if char.isprintable())[-200:]
    upload, created = Upload.objects.get_or_create(
        purpose=PURPOSE,
        sha256=sha256,
        defaults={"filename": name, "rows_read": rows, "received_at": clock.now()},
    )
    if not created:
        raise AlreadyUploaded(f"The same file was taken as upload {upload.pk}.")
    return upload


def _read(content: bytes) -> list[_Row]:
    faults: list[FieldError] = []
    rows: list[_Row] = []
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        columns = _columns(next(reader, []))
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) >= MAX_ROWS:
                raise PayloadTooLarge(f"A cost file has at most {MAX_ROWS} rows.")
            row = _row(reader.line_num, columns, cells)
            if isinstance(row, _Row):
                rows.append(row)
            else:
                faults.extend(row)
            if len(faults) >= MAX_FAULTS:
                break
    except UnicodeDecodeError as error:
        raise UnreadableFile(errors=[FieldError("", "The file is not in UTF-8.", "encoding")]) from error
    except csv.Error as error:
        raise UnreadableFile(errors=[FieldError("", f"The file is no CSV: {error}.", "csv")]) from error
    faults.extend(_repeated(rows))
    if not rows and not faults:
        faults.append(FieldError("", "The file has no rows below its header.", "empty"))
    if faults:
        raise UnreadableFile(errors=faults[:MAX_FAULTS])
    return rows


def _columns(header: list[str]) -> list[str]:
    names = [name.strip().lower() for name in header]
    known = {*_KEY_COLUMNS, _CHANNEL, _CURRENCY, *_LINES, *_OWN_CURRENCY}
    faults = [
        _fault(1, name or f"column {at}", f"Unknown column; known: {', '.join(sorted(known))}.")
        for at, name in enumerate(names, 1)
        if name not in known
    ]
    faults += [
        _fault(1, name, "The column stands there twice.") for name in set(names) if names.count(name) > 1
    ]
    faults += [_fault(1, name, "The column is missing.") for name in _KEY_COLUMNS if name not in names]
    if not _LINES.keys() & set(names):
        faults.append(_fault(1, "", f"No cost line; there are: {', '.join(_LINES)}."))
    if faults:
        raise UnreadableFile(errors=faults[:MAX_FAULTS])
    return names


def _row(number: int, columns: list[str], cells: list[str]) -> _Row | list[FieldError]:
    if len(cells) != len(columns):
        return [_fault(number, "", f"The row has {len(cells)} cells, the header {len(columns)}.")]
    values = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    faults: list[FieldError] = []
    effective_on = date.min
    try:
        effective_on = date.fromisoformat(values["effective_on"])
    except ValueError:
        faults.append(_fault(number, "effective_on", "Not a date like 2026-01-31."))
    lines: dict[CostLine, Money] = {}
    for line, amount, currency in _amounts(values):
        if currency not in EXPONENTS:
            name = f"{line}_{_CURRENCY}" if values.get(f"{line}_{_CURRENCY}") else _CURRENCY
            faults.append(_fault(number, name, f"{currency or 'Nothing'} is no ISO 4217 currency."))
            continue
        try:
            lines[line] = Money.parse(amount, currency)
        except Invalid:
            faults.append(_fault(number, line.value, f"{amount!r} is no plain decimal number."))
    if faults:
        return faults
    return _Row(number, _sheet(values, effective_on, lines))


def _sheet(values: Mapping[str, str], effective_on: date, lines: Mapping[CostLine, Money]) -> CostSheetInput:
    channel = values.get(_CHANNEL, "").lower()
    return CostSheetInput(values["sku"], values["market"].upper(), effective_on, lines, channel)


def _amounts(values: Mapping[str, str]) -> Iterator[tuple[CostLine, str, str]]:
    for name, line in _LINES.items():
        if values.get(name):
            own = values.get(f"{name}_{_CURRENCY}") or values.get(_CURRENCY, "")
            yield line, values[name], own.upper()


def _repeated(rows: list[_Row]) -> Iterator[FieldError]:
    first: dict[tuple[str, str, str, date], int] = {}
    for row in rows:
        key = (row.sheet.sku, row.sheet.market, row.sheet.channel, row.sheet.effective_on)
        if key in first:
            yield _fault(
                row.number, "sku", f"The same SKU, market, channel and day stand in row {first[key]}."
            )
        first.setdefault(key, row.number)


def _fault(row: int, column: str, detail: str) -> FieldError:
    where = f"Row {row}" + (f", column {column}" if column else "")
    return FieldError(
        f"/rows/{row}/{column}" if column else f"/rows/{row}", f"{where}: {detail}", "invalid_cell"
    )
