"""How unit costs are recorded: dated sheets that are never edited, and the days their figures change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid
from config.lib.money import Money
from connectors.facts.costs import CostSheet, CostSheetLine
from connectors.selectors.costs import current_sheets, known_markets
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.services.events import Event
from connectors.types import CostLine, Family, FulfilmentChannel
from connectors.values import CostOutcome, CostSheetInput, CostSheetResult
from tenants import audit
from tenants.context import require_client
from tenants.outbox import emit

_MAX_SKU = 100
_LARGEST = Decimal(10) ** 14
_DECIMALS = 4
_CHANNELS = frozenset(channel.value for channel in FulfilmentChannel)

# The days on which a sheet is used: where the SKU was sold or lay in stock, in stores of the sheet's market,
# until the next sheet of the same market and channel.
_DAYS = """
WITH changed AS (
  SELECT c.*, coalesce((
    SELECT min(n.effective_on) FROM fact_cost_sheet n
    WHERE n.sku = c.sku AND n.market = c.market AND n.channel = c.channel AND n.effective_on > c.effective_on
  ), 'infinity'::date) AS next_on
  FROM unnest(%(skus)s::text[], %(markets)s::text[], %(channels)s::text[], %(days)s::date[])
    AS c(sku, market, channel, effective_on)
)
SELECT DISTINCT used.store_id, used.day
FROM changed c
JOIN connectors_store s ON c.market IN ('', s.market)
JOIN LATERAL (
  SELECT store_id, business_on AS day FROM fact_order_line
  WHERE store_id = s.id AND sku = c.sku AND business_on >= c.effective_on AND business_on < c.next_on
    AND c.channel IN ('', channel)
  UNION
  SELECT store_id, snapshot_on FROM fact_inventory_day
  WHERE store_id = s.id AND sku = c.sku AND snapshot_on >= c.effective_on AND snapshot_on < c.next_on
  UNION
  SELECT store_id, snapshot_on FROM fact_inventory_age
  WHERE store_id = s.id AND sku = c.sku AND snapshot_on >= c.effective_on AND snapshot_on < c.next_on
) used ON true
"""


@dataclass(frozen=True, slots=True)
class _Key:
    sku: str
    market: str
    channel: str
    effective_on: date


def record_cost_sheet(*, sheet: CostSheetInput) -> CostSheetResult:
    """Record one sheet; `Invalid` names what is wrong with it."""
    result = record_cost_sheets(sheets=[sheet], is_atomic=True)[0]
    if result.errors:
        raise Invalid(errors=result.errors)
    return result


def record_cost_sheets(
    *,
    sheets: Sequence[CostSheetInput],
    is_atomic: bool,
    is_dry_run: bool = False,
    source: str = "api",
    upload_id: int | None = None,
) -> list[CostSheetResult]:
    """Record sheets and return what became of each, in order.

    A sheet that says the same as the one in force for its day changes nothing; another one becomes a new
    version. With `is_atomic` one invalid sheet keeps all from being recorded (the valid ones then come back
    without an id). A dry run tells the outcome and writes nothing.
    """
    markets = known_markets()
    faults = [_faults(sheet, markets) for sheet in sheets]
    blocked = is_dry_run or (is_atomic and any(faults))
    with transaction.atomic():
        if not blocked:
            _lock()
        results, rows, lines = _plan(sheets, faults, source, upload_id)
        if blocked:
            return results
        CostSheet.objects.bulk_create(rows)
        for row, own in zip(rows, lines, strict=True):
            for line in own:
                line.sheet_id = row.pk
        CostSheetLine.objects.bulk_create([line for own in lines for line in own])
        _mark_days(rows)
        _note(rows, source, upload_id)
    ids = iter(rows)
    return [
        CostSheetResult(result.outcome, next(ids).pk, result.version)
        if result.outcome is CostOutcome.CREATED
        else result
        for result in results
    ]


def refuse_faults(results: Sequence[CostSheetResult]) -> None:
    """Raise `Invalid` with the faults of all sheets, each named by its place in the list."""
    faults = [
        FieldError(f"/sheets/{n}{error.pointer}", error.detail, error.code)
        for n, result in enumerate(results)
        for error in result.errors
    ]
    if faults:
        raise Invalid("The sheets cannot be recorded.", errors=faults)


def sheet_faults(sheet: CostSheetInput) -> tuple[FieldError, ...]:
    """Say everything that is wrong with a sheet, without recording it."""
    return _faults(sheet, known_markets())


def _plan(
    sheets: Sequence[CostSheetInput],
    faults: Sequence[tuple[FieldError, ...]],
    source: str,
    upload_id: int | None,
) -> tuple[list[CostSheetResult], list[CostSheet], list[list[CostSheetLine]]]:
    """Compare the valid sheets with those in force and with each other; nothing is written."""
    now = clock.now()
    valid = [sheet for sheet, errors in zip(sheets, faults, strict=True) if not errors]
    known: dict[_Key, tuple[int | None, int, dict[CostLine, Money]]] = {
        _Key(view.sku, view.market, view.channel, view.effective_on): (
            view.id,
            view.version,
            dict(view.lines),
        )
        for view in current_sheets({sheet.sku for sheet in valid})
    }
    results: list[CostSheetResult] = []
    rows: list[CostSheet] = []
    lines: list[list[CostSheetLine]] = []
    for sheet, errors in zip(sheets, faults, strict=True):
        if errors:
            results.append(CostSheetResult(CostOutcome.INVALID, errors=errors))
            continue
        key = _Key(sheet.sku, sheet.market, sheet.channel, sheet.effective_on)
        sheet_id, version, amounts = known.get(key, (None, 0, {}))
        if amounts == dict(sheet.lines):
            results.append(CostSheetResult(CostOutcome.UNCHANGED, sheet_id, version))
            continue
        known[key] = (None, version + 1, dict(sheet.lines))
        results.append(CostSheetResult(CostOutcome.CREATED, version=version + 1))
        rows.append(
            CostSheet(
                sku=sheet.sku,
                market=sheet.market,
                channel=sheet.channel,
                effective_on=sheet.effective_on,
                version=version + 1,
                source=source,
                upload_id=upload_id,
                recorded_at=now,
            )
        )
        lines.append(
            [
                CostSheetLine(line=line, currency=money.currency, amount=money.amount)
                for line, money in sheet.lines.items()
            ]
        )
    return results, rows, lines


def _faults(sheet: CostSheetInput, markets: frozenset[str]) -> tuple[FieldError, ...]:
    errors: list[FieldError] = []
    if not sheet.sku.strip() or len(sheet.sku) > _MAX_SKU or not sheet.sku.isprintable():
        errors.append(FieldError("/sku", f"A SKU has 1 to {_MAX_SKU} printable characters.", "invalid"))
    if sheet.market and sheet.market not in markets:
        known = ", ".join(sorted(markets))
        errors.append(FieldError("/market", f"Unknown market; known: {known}, or empty for all.", "unknown"))
    if sheet.channel and sheet.channel not in _CHANNELS:
        known = ", ".join(sorted(_CHANNELS))
        errors.append(
            FieldError("/channel", f"Unknown channel; known: {known}, or empty for all.", "unknown")
        )
    if not sheet.lines:
        errors.append(FieldError("/lines", "At least one cost line is required.", "required"))
    errors.extend(
        FieldError(f"/lines/{line.value}", fault, "invalid_amount")
        for line, money in sheet.lines.items()
        if (fault := _amount_fault(line, money))
    )
    return tuple(errors)


def _amount_fault(line: CostLine, money: Money) -> str:
    if money.amount < 0:
        return "A cost is not negative."
    if money.amount >= _LARGEST:
        return "The amount is too large."
    if money.amount != round(money.amount, _DECIMALS):
        return f"A unit cost has at most {_DECIMALS} decimals."
    return ""


def _lock() -> None:
    # Two hand-ins for the same SKU and day would otherwise both become its next version.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"connectors.costs:{require_client().id}"],
        )


def _mark_days(rows: Sequence[CostSheet]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _DAYS,
            {
                "skus": [row.sku for row in rows],
                "markets": [row.market for row in rows],
                "channels": [row.channel for row in rows],
                "days": [row.effective_on for row in rows],
            },
        )
        marks = [DirtyMark(store_id, day, Family.COSTS) for store_id, day in cursor.fetchall()]
    mark_dirty_days(marks)
    stores = sorted({mark.store_id for mark in marks})
    emit(Event.COSTS_CHANGED, {"store_ids": stores, "skus": sorted({row.sku for row in rows})})


def _note(rows: Sequence[CostSheet], source: str, upload_id: int | None) -> None:
    if not rows:
        return
    after: dict[str, Any] = {"source": source, "sheets": len(rows)}
    if upload_id is None:
        after["recorded"] = [
            {
                "id": r.pk,
                "sku": r.sku,
                "market": r.market,
                "channel": r.channel,
                "effective_on": str(r.effective_on),
                "version": r.version,
            }
            for r in rows
        ]
        audit.record(
            "cost.recorded", target=("cost_sheet", rows[0].pk if len(rows) == 1 else "batch"), after=after
        )
    else:
        audit.record("cost.recorded", target=("upload", upload_id), after=after)
