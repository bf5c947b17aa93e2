"""What each endpoint of kpis needs, decided here and not read from the views."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"
STORE = f"{CLIENT}/stores/<int:store_id>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/scorecards/weekly"): Capability.SCORECARD_READ,
    ("GET", f"{CLIENT}/scorecards/monthly"): Capability.SCORECARD_READ,
    ("GET", f"{CLIENT}/scorecards/daily"): Capability.SCORECARD_READ,
    ("GET", f"{CLIENT}/scorecards/quarterly"): Capability.SCORECARD_READ,
    ("GET", f"{CLIENT}/scorecards/rolling"): Capability.SCORECARD_READ,
    ("GET", f"{CLIENT}/scorecards/compare"): Capability.SCORECARD_READ,
    ("GET", f"{CLIENT}/scorecard-templates"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/kpis"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/kpis/ltv/cohorts"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/kpis/<slug:key>"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/kpis/<slug:key>/series"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/measures"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/formulas"): Capability.KPI_READ,
    ("POST", f"{CLIENT}/formulas/preview"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/formulas/<slug:key>"): Capability.KPI_READ,
    ("PUT", f"{CLIENT}/formulas/<slug:key>"): Capability.FORMULA_WRITE,
    ("DELETE", f"{CLIENT}/formulas/<slug:key>"): Capability.FORMULA_WRITE,
    ("GET", f"{CLIENT}/formulas/<slug:key>/versions"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/formulas/<slug:key>/parallel"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/kpis/<slug:key>/breakdown"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/kpis/<slug:key>/trend-pack"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/kpis/<slug:key>/rows"): Capability.FACT_READ,
    ("GET", f"{CLIENT}/attributions"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/decompositions/margin"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/decompositions/sales"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/decompositions/acos"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/decompositions/price-volume-mix"): Capability.KPI_READ,
    ("GET", f"{CLIENT}/decompositions/rate-mix"): Capability.KPI_READ,
    ("POST", f"{STORE}/template"): Capability.TARGET_WRITE,
    ("GET", f"{STORE}/targets"): Capability.KPI_READ,
    ("GET", f"{STORE}/targets/<slug:key>"): Capability.KPI_READ,
    ("PUT", f"{STORE}/targets/<slug:key>"): Capability.TARGET_WRITE,
}
