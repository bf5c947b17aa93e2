"""A checked formula as a KPI like any other: what it needs follows from what it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from kpis.engine.definitions import KPI, Computed, CostNeed, Names
from kpis.engine.formula.compute import compute
from kpis.engine.formula.scope import Scope
from kpis.engine.formula.syntax import Node, names_in
from kpis.engine.measures import Measure
from kpis.engine.totals import Window
from kpis.types import Basis, Direction, Unit

Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class UserFormula(KPI):
    """A KPI of a client's own making. Ratios in it are ratios of sums over the window, never averaged."""

    kind: ClassVar[str] = "formula"

    node: Node
    scope: Scope
    version: int

    @cached_property
    def measures(self) -> frozenset[str]:
        """Every measure that the formula reads, through KPIs too."""
        return frozenset().union(*(_measures(part) for part in _parts(self.node, self.scope)))

    def compute(self, window: Window, previous: Window | None) -> Computed:
        return Computed(compute(self.node, self.scope, window, previous))


@dataclass(frozen=True, slots=True)
class FormulaText:
    """How a client wrote a formula: its key, names, unit, direction, text and which version of it."""

    key: str
    names: Names
    unit: Unit
    direction: Direction
    expression: str
    version: int
    note: str


def make_formula(written: FormulaText, node: Node, scope: Scope) -> UserFormula:
    """Make a KPI of a formula that `check` found sound.

    It needs the streams and costs of all its parts, is final when the last of them is, and has their basis
    where they share one (the day of the order otherwise). A bare measure needs what every KPI that reads it
    needs.
    """
    parts = _parts(node, scope)
    bases = {part.basis for part in parts}
    return UserFormula(
        key=written.key,
        family="own",
        names=written.names,
        formula=written.expression,
        unit=written.unit,
        direction=written.direction,
        basis=bases.pop() if len(bases) == 1 else Basis.ORDER,
        settles_after_days=max((_settles(part, scope) for part in parts), default=0),
        needs=_distinct(group for part in parts for group in _needs(part, scope)),
        needs_costs=_distinct(need for part in parts for need in _costs(part, scope)),
        source=written.note,
        node=node,
        scope=scope,
        version=written.version,
    )


def _parts(node: Node, scope: Scope) -> list[KPI | Measure]:
    found = (scope.find(key) for key in sorted(names_in(node)))
    return [part for part in found if part is not None]


def _measures(part: KPI | Measure) -> frozenset[str]:
    return part.measures if isinstance(part, KPI) else frozenset({part.key})


def _settles(part: KPI | Measure, scope: Scope) -> int:
    if isinstance(part, KPI):
        return part.settles_after_days
    return min((kpi.settles_after_days for kpi in scope.readers(part.key)), default=0)


def _needs(part: KPI | Measure, scope: Scope) -> Groups:
    if isinstance(part, KPI):
        return part.needs
    readers = scope.readers(part.key)
    shared = set(readers[0].needs).intersection(*(kpi.needs for kpi in readers)) if readers else set()
    return tuple(group for group in (readers[0].needs if readers else ()) if group in shared)


def _costs(part: KPI | Measure, scope: Scope) -> tuple[CostNeed, ...]:
    if isinstance(part, KPI):
        return part.needs_costs
    readers = scope.readers(part.key)
    shared = (
        set(readers[0].needs_costs).intersection(*(kpi.needs_costs for kpi in readers)) if readers else set()
    )
    return tuple(shared)


def _distinct(items: Iterable[object]) -> tuple:  # type: ignore[type-arg]
    return tuple(dict.fromkeys(items))
