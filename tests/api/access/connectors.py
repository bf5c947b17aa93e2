"""What each endpoint of connectors needs, decided here and not read from the views."""

from __future__ import annotations

from tenants.permissions import Capability

CLIENT = "clients/<slug:client>"

TABLE: dict[tuple[str, str], Capability] = {
    ("GET", f"{CLIENT}/platforms"): Capability.CONNECTION_READ,
    ("GET", f"{CLIENT}/connections"): Capability.CONNECTION_READ,
    ("POST", f"{CLIENT}/connections"): Capability.CONNECTION_WRITE,
    ("GET", f"{CLIENT}/connections/<int:connection_id>"): Capability.CONNECTION_READ,
    ("PATCH", f"{CLIENT}/connections/<int:connection_id>"): Capability.CONNECTION_WRITE,
    ("POST", f"{CLIENT}/connections/<int:connection_id>/credential"): Capability.CONNECTION_WRITE,
    ("POST", f"{CLIENT}/connections/<int:connection_id>/stores"): Capability.CONNECTION_WRITE,
    ("GET", f"{CLIENT}/stores"): Capability.CONNECTION_READ,
    ("GET", f"{CLIENT}/stores/<int:store_id>"): Capability.CONNECTION_READ,
    ("GET", f"{CLIENT}/stores/<int:store_id>/streams"): Capability.CONNECTION_READ,
    ("GET", f"{CLIENT}/stores/<int:store_id>/syncs"): Capability.CONNECTION_READ,
    ("POST", f"{CLIENT}/stores/<int:store_id>/syncs"): Capability.SYNC_RUN,
    ("GET", f"{CLIENT}/sync-runs/<int:run_id>"): Capability.CONNECTION_READ,
    ("GET", f"{CLIENT}/sync-runs/<int:run_id>/rejected"): Capability.FACT_READ,
    ("GET", f"{CLIENT}/outbound-calls"): Capability.CONNECTION_READ,
    ("GET", f"{CLIENT}/order-lines"): Capability.FACT_READ,
    ("POST", f"{CLIENT}/cost-sheets/preview"): Capability.COST_READ,
    ("GET", f"{CLIENT}/cost-lots"): Capability.COST_READ,
    ("POST", f"{CLIENT}/cost-lots"): Capability.COST_WRITE,
    ("GET", f"{CLIENT}/costing-rules"): Capability.COST_READ,
    ("PUT", f"{CLIENT}/costing-rules"): Capability.COST_WRITE,
    ("GET", f"{CLIENT}/cost-score"): Capability.COST_READ,
    ("GET", f"{CLIENT}/landed-costs"): Capability.COST_READ,
    ("GET", f"{CLIENT}/cost-sheets"): Capability.COST_READ,
    ("POST", f"{CLIENT}/cost-sheets"): Capability.COST_WRITE,
    ("POST", f"{CLIENT}/cost-sheets:batch"): Capability.COST_WRITE,
    ("POST", f"{CLIENT}/cost-sheets/uploads"): Capability.COST_WRITE,
    ("GET", f"{CLIENT}/cost-sheets/coverage"): Capability.COST_READ,
    ("GET", f"{CLIENT}/cost-sheets/<int:sheet_id>"): Capability.COST_READ,
}
