"""What the names in a formula mean: measures, KPIs of the catalogue, and the client's other formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kpis.engine.definitions import KPI
from kpis.engine.formula import dimensions as d
from kpis.engine.measures import Measure, Measures


@dataclass(frozen=True, slots=True)
class Scope:
    """Every name a formula may use. A KPI goes before a measure of the same key (they agree)."""

    measures: Measures
    kpis: Mapping[str, KPI]

    def find(self, key: str) -> KPI | Measure | None:
        """What `key` means, None when it means nothing."""
        return self.kpis.get(key) or self.measures.get(key)

    def dimension(self, key: str) -> d.Dimension | None:
        """The dimension of what `key` means."""
        kpi = self.kpis.get(key)
        if kpi is not None:
            return d.of_kpi(kpi, self.measures)
        measure = self.measures.get(key)
        return None if measure is None else d.of_unit(measure.unit)

    def readers(self, measure: str) -> list[KPI]:
        """The catalogue's KPIs that read a measure: they know which streams and costs it needs."""
        return [kpi for kpi in self.kpis.values() if measure in kpi.measures and kpi.kind != "formula"]
