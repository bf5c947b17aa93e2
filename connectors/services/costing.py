"""Lots and costing rules: what was bought at which cost, and the cost sheets that follow from it.

By period, a SKU costs what its sheets say. By FIFO or weighted average the sheets are derived: from the lots
and from what was sold and came back, one sheet for every day on which the unit cost moved. Derived sheets are
versions like any others, so only days whose cost changed are computed anew, and former ones stay on record.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from config.lib.money import Money
from connectors.engine.costing import Consumption, CostMethod, Lot, UnitCost, changes, cost_days
from connectors.facts.costs import CostingRule, CostLot
from connectors.selectors.costing import find_rule, list_lots, list_rules, lots_of
from connectors.selectors.costs import current_sheets, known_markets
from connectors.services.costs import record_cost_sheets, refuse_faults, sheet_faults
from connectors.types import CostLine
from connectors.values import (
    CostingRuleView,
    CostLotInput,
    CostLotView,
    CostOutcome,
    CostSheetInput,
    CostSheetView,
    DerivedCosts,
)
from tenants import audit
from tenants.context import require_client

_STEP = Decimal("0.0001")
_DERIVED = frozenset({CostMethod.FIFO.value, CostMethod.WEIGHTED_AVERAGE.value})

# Net units that left per SKU and day: sold (the shop day of the order) less returned in a state to be sold.
_CONSUMPTION = """
SELECT sku, market, day, sum(units)::bigint FROM (
  SELECT l.sku, s.market, l.business_on AS day, sum(l.quantity) AS units
  FROM fact_order_line l JOIN connectors_store s ON s.id = l.store_id
  WHERE l.sku = ANY(%(skus)s) AND l.status <> 'cancelled'
  GROUP BY l.sku, s.market, l.business_on
  UNION ALL
  SELECT r.sku, s.market, r.business_on, -sum(r.quantity)
  FROM fact_return r JOIN connectors_store s ON s.id = r.store_id
  WHERE r.sku = ANY(%(skus)s) AND upper(r.disposition) = 'SELLABLE'
  GROUP BY r.sku, s.market, r.business_on
) moved GROUP BY sku, market, day
"""


@dataclass(frozen=True, slots=True)
class _Scope:
    """One SKU in one market ("" for all), and how it is costed."""

    sku: str
    market: str
    method: CostMethod
    effective_on: date


def record_cost_lots(*, lots: Sequence[CostLotInput]) -> list[CostLotView]:
    """Record lots (one of a known key is corrected) and derive the costs that follow from them.

    `Invalid` names everything that is wrong with any of them; then none is recorded.
    """
    errors = [fault for n, lot in enumerate(lots) for fault in _lot_faults(n, lot)]
    errors += _repeated(lots)
    if errors:
        raise Invalid("The lots cannot be recorded.", errors=errors)
    with transaction.atomic():
        _lock()
        known = {view.lot_key: view for view in list_lots([lot.lot_key for lot in lots])}
        now = clock.now()
        for lot in lots:
            before = known.get(lot.lot_key)
            if before is not None and _content(before) == _content(lot):
                continue
            CostLot.objects.update_or_create(
                lot_key=lot.lot_key,
                defaults={
                    "sku": lot.sku,
                    "market": lot.market,
                    "received_on": lot.received_on,
                    "quantity": lot.quantity,
                    "lines": {line.value: money.to_json() for line, money in lot.lines.items()},
                    "version": before.version + 1 if before else 1,
                    "recorded_at": now,
                },
            )
            audit.record(
                "cost_lot.recorded",
                target=("cost_lot", lot.lot_key),
                before=_content(before) if before else None,
                after=_content(lot),
            )
        touched = {lot.sku for lot in lots} | {view.sku for view in known.values()}
        derive_costs(skus=touched)
    return list_lots([lot.lot_key for lot in lots])


def set_costing_rule(
    *, sku: str, market: str, method: CostMethod, effective_on: date, version: int
) -> CostingRuleView:
    """Say how units of a SKU and market ("" for all) are costed from a day on, replacing `version` (0: none).

    Derived sheets of earlier days stay. `PreconditionFailed` when somebody else was faster.
    """
    if market and market not in known_markets():
        known = ", ".join(sorted(known_markets()))
        raise Invalid(
            errors=[FieldError("/market", f"Unknown market; known: {known}, or empty for all.", "unknown")]
        )
    with transaction.atomic():
        _lock()
        before = find_rule(sku, market)
        if (before.version if before else 0) != version:
            raise PreconditionFailed
        CostingRule.objects.update_or_create(
            sku=sku,
            market=market,
            defaults={
                "method": method,
                "effective_on": effective_on,
                "version": version + 1,
                "recorded_at": clock.now(),
            },
        )
        audit.record(
            "costing_rule.set",
            target=("costing_rule", f"{sku or '*'}:{market or '*'}"),
            before={"method": before.method, "effective_on": str(before.effective_on)} if before else None,
            after={"method": method.value, "effective_on": str(effective_on)},
        )
        derive_costs(skus={sku} if sku else None)
        after = find_rule(sku, market)
    assert after is not None
    return after


def derive_costs(*, skus: Collection[str] | None = None) -> DerivedCosts:
    """Bring the sheets of SKUs with lots (None: all) up to date with their lots, rules and sales.

    Writes only sheets whose cost is another than the one in force; call it again and nothing is written.
    """
    with transaction.atomic():
        _lock()
        scopes = _scopes(skus)
        names = {scope.sku for scope in scopes}
        lots, consumption = _lots(names), _consumption(names)
        standing: dict[str, list[CostSheetView]] = defaultdict(list)
        for view in current_sheets(names) if names else ():
            standing[view.sku].append(view)
        short: Counter[str] = Counter()
        sheets: dict[CostMethod, list[CostSheetInput]] = defaultdict(list)
        for scope in scopes:
            key = scope.sku, scope.market
            wanted, missing = _derive(scope, lots[key], consumption[key], standing[scope.sku])
            sheets[scope.method] += wanted
            short[scope.sku] += missing
        written = sum(_record(found, method) for method, found in sheets.items())
    return DerivedCosts(len(names), written, dict(+short))


def _derive(
    scope: _Scope,
    lots: Sequence[Lot],
    consumption: Mapping[date, int],
    standing: Sequence[CostSheetView],
) -> tuple[list[CostSheetInput], int]:
    taken = (Consumption(day, units) for day, units in consumption.items())
    days = cost_days(scope.method, lots, taken)
    wanted = {day: cost for day, cost in changes(days) if day >= scope.effective_on}
    # A day that had a derived sheet and no longer begins a new cost is given the cost that goes on.
    for sheet in standing:
        if sheet.source not in _DERIVED or sheet.market != scope.market or sheet.effective_on in wanted:
            continue
        going_on = [item for item in days if item.day <= sheet.effective_on]
        if going_on and sheet.effective_on >= scope.effective_on:
            wanted[sheet.effective_on] = going_on[-1].unit_cost
    sheets = [
        CostSheetInput(scope.sku, scope.market, day, _lines(cost)) for day, cost in sorted(wanted.items())
    ]
    return sheets, sum(item.short for item in days)


def _record(sheets: Sequence[CostSheetInput], method: CostMethod) -> int:
    results = record_cost_sheets(sheets=sheets, is_atomic=True, source=method.value)
    refuse_faults(results)
    return sum(1 for result in results if result.outcome is CostOutcome.CREATED)


def _lines(cost: UnitCost) -> dict[CostLine, Money]:
    """The lines of a sheet, rounded half up to the four decimals of a unit cost."""
    return {
        CostLine(line): Money(amount.quantize(_STEP, rounding=ROUND_HALF_UP), currency)
        for (line, currency), amount in cost.items()
    }


def _lots(skus: Collection[str]) -> dict[tuple[str, str], list[Lot]]:
    """The lots of SKUs by (SKU, market), in the order of their arrival."""
    found: dict[tuple[str, str], list[Lot]] = defaultdict(list)
    for lot in lots_of(skus):
        cost = {(line.value, money.currency): money.amount for line, money in lot.lines.items()}
        found[lot.sku, lot.market].append(Lot(lot.received_on, lot.quantity, cost))
    return found


def _consumption(skus: Collection[str]) -> dict[tuple[str, str], dict[date, int]]:
    """Net units by day, per (SKU, market); market "" holds those of all markets together."""
    found: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_CONSUMPTION, {"skus": sorted(skus)})
        for sku, market, day, units in cursor.fetchall():
            for key in {(sku, market), (sku, "")}:
                found[key][day] = found[key].get(day, 0) + units
    return found


def _scopes(skus: Collection[str] | None) -> list[_Scope]:
    """The SKUs and markets that have lots and are costed by them: the most specific rule counts."""
    rules = {(rule.sku, rule.market): rule for rule in list_rules()}
    if all(rule.method == CostMethod.BY_PERIOD for rule in rules.values()):
        return []
    lots = CostLot.objects.all() if skus is None else CostLot.objects.filter(sku__in=list(skus))
    found = []
    for sku, market in sorted(set(lots.values_list("sku", "market"))):
        keys = ((sku, market), (sku, ""), ("", market), ("", ""))
        rule = next((rules[key] for key in keys if key in rules), None)
        if rule is not None and rule.method != CostMethod.BY_PERIOD:
            found.append(_Scope(sku, market, CostMethod(rule.method), rule.effective_on))
    return found


def _lot_faults(n: int, lot: CostLotInput) -> list[FieldError]:
    where = f"/lots/{n}"
    faults = [
        FieldError(f"{where}{fault.pointer}", fault.detail, fault.code)
        for fault in sheet_faults(CostSheetInput(lot.sku, lot.market, lot.received_on, lot.lines))
    ]
    if not lot.lot_key.strip():
        faults.append(FieldError(f"{where}/lot_key", "A lot has a key of its own.", "required"))
    if lot.quantity <= 0:
        faults.append(FieldError(f"{where}/quantity", "A lot has at least one unit.", "invalid"))
    return faults


def _repeated(lots: Sequence[CostLotInput]) -> list[FieldError]:
    seen: set[str] = set()
    faults = []
    for n, lot in enumerate(lots):
        if lot.lot_key in seen:
            faults.append(FieldError(f"/lots/{n}/lot_key", "The key stands here twice.", "repeated"))
        seen.add(lot.lot_key)
    return faults


def _content(lot: CostLotInput | CostLotView) -> dict[str, Any]:
    return {
        "sku": lot.sku,
        "market": lot.market,
        "received_on": str(lot.received_on),
        "quantity": lot.quantity,
        "lines": {line.value: money.to_json() for line, money in sorted(lot.lines.items())},
    }


def _lock() -> None:
    """One derivation of the client at a time; cost sheets are locked below it, always in this order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"connectors.costing:{require_client().id}"],
        )
