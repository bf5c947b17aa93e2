"""KPIs that a template asks for but no stream feeds yet: shown as unavailable with the reason, never zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpis.engine.definitions import Names
from kpis.types import Direction, Unit


@dataclass(frozen=True, slots=True)
class PendingKPI:
    """A KPI without data: its names, what it would be, and what is missing."""

    key: str
    family: str
    names: Names
    unit: Unit
    direction: Direction
    missing: str


PENDING: Mapping[str, PendingKPI] = {}
