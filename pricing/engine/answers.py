"""What the solver says of a price case, in the text forms of docs/pricing-engine.md."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from pricing.engine.cases import Case
from pricing.engine.contribution import evaluate
from pricing.engine.rounding import to_places
from pricing.engine.shares import ShareTable
from pricing.engine.solve import DeadZone, Root, Solution, solve
from pricing.structure import CostStructure


def answer(case: Case) -> dict[str, Any]:
    """The answer of one case; `infeasible` says for which margin no tick will do, and what takes the revenue.

    Where neither floor nor target has a tick, that is all there is to say. Amounts are texts.
    """
    structure = case.structure
    found = solve(structure)
    told: dict[str, Any] = {"id": case.id}
    if found.floor.is_feasible or found.target.is_feasible:
        told |= _root("floor", found.floor) | _contribution("floor", structure, found.floor)
        told["target_margin"] = _plain(structure.target_margin)
        told |= _root("target", found.target) | _target(structure, found.target)
        told["dead_zones"] = [_zone(structure, zone) for zone in found.dead_zones]
        if case.asks_cash_gap:
            told["cash_gap_at_target"] = _cash_gap(structure, found.target)
    if found.shares is not None:
        told["infeasible"] = _infeasible(found, found.shares)
    return told


def _root(name: str, root: Root) -> dict[str, str | None]:
    return {
        f"{name}_min": _or_null(root.minimum),
        f"{name}_safe": _or_null(root.safe),
        f"{name}_exact": _or_null(root.exact),
    }


def _contribution(name: str, structure: CostStructure, root: Root) -> dict[str, str | None]:
    if root.minimum is None:
        return {f"{name}_contribution": None}
    return {f"{name}_contribution": _cents(evaluate(structure, root.minimum).contribution)}


def _target(structure: CostStructure, root: Root) -> dict[str, Any]:
    told: dict[str, Any] = _contribution("target", structure, root)
    if root.minimum is None:
        return told | {"target_margin_actual": None, "target_lines": None}
    found = evaluate(structure, root.minimum)
    margin = to_places(Fraction(found.contribution) / Fraction(found.base), 4) if found.base else None
    lines = {name: _cents(line) for name, line in found.fees}
    lines |= {name: _plain(amount) for name, amount in found.costs}
    lines["ads"] = "0" if structure.ads is None else _cents(found.ads)
    return told | {"target_margin_actual": _or_null(margin), "target_lines": lines}


def _zone(structure: CostStructure, zone: DeadZone) -> list[str | None]:
    """[a, b, what is left at a]; b is null where no tick up to the highest price ends the zone."""
    multipliers = {fee.name: getattr(fee, "base_multiplier", None) for fee in structure.fees}
    is_bound = multipliers[zone.fee] == 1 and zone.after == zone.bound
    after = zone.bound if is_bound else zone.after
    return [_plain(after), _or_null(zone.until), _cents(zone.contribution)]


def _cash_gap(structure: CostStructure, root: Root) -> str | None:
    if root.minimum is None:
        return None
    net = Fraction(evaluate(structure, root.minimum).net_revenue)
    return str(to_places(sum((Fraction(rate) for _, rate in structure.withholding), Fraction(0)) * net, 2))


def _infeasible(found: Solution, table: ShareTable) -> dict[str, Any]:
    lacking = {
        name: root
        for name, root in (("floor", found.floor), ("target", found.target))
        if not root.is_feasible
    }
    return {
        "of": list(lacking),
        "reason": " ".join(_reason(name, root, table) for name, root in lacking.items()),
        "exact": {name: _or_null(root.exact) for name, root in lacking.items()},
        "at_price": _plain(table.price),
        "net_revenue": _plain(table.net_revenue),
        "amounts": {line.name: _plain(line.amount) for line in (*table.lines, table.left)},
        "shares": {line.name: _or_null(line.share) for line in (*table.lines, table.left)},
        "limit": _plain(table.limit),
        "denominators": {name: _plain(table.limit - root.margin) for name, root in lacking.items()},
    }


def _reason(name: str, root: Root, table: ShareTable) -> str:
    if root.exact is not None:
        return (
            f"{name}: the margin {root.margin:f} is first kept at about {root.exact:f}, which no tick up to"
            f" {table.price:f} reaches."
        )
    return (
        f"{name}: each further unit of net revenue leaves {table.limit:f}, which is not enough for the margin"
        f" {root.margin:f} at any price."
    )


def _cents(amount: Decimal) -> str:
    return str(to_places(Fraction(amount), 2))


def _plain(value: Decimal) -> str:
    return f"{value:f}"


def _or_null(value: Decimal | None) -> str | None:
    return None if value is None else _plain(value)
