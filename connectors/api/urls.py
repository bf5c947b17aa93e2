"""The paths of the connectors, below /api/v1/clients/{client}/."""

from __future__ import annotations

from django.urls import path

from connectors.api import connections, costing, costs, order_lines, platforms, runs, stores

urlpatterns = [
    path("platforms", platforms.PlatformsView.as_view()),
    path("connections", connections.ConnectionsView.as_view()),
    path("connections/<int:connection_id>", connections.ConnectionDetailView.as_view()),
    path("connections/<int:connection_id>/credential", connections.CredentialRotationView.as_view()),
    path("connections/<int:connection_id>/stores", connections.ConnectionStoresView.as_view()),
    path("stores", stores.StoresView.as_view()),
    path("stores/<int:store_id>", stores.StoreDetailView.as_view()),
    path("stores/<int:store_id>/streams", stores.StoreStreamsView.as_view()),
    path("stores/<int:store_id>/syncs", stores.StoreSyncsView.as_view()),
    path("sync-runs/<int:run_id>", runs.SyncRunView.as_view()),
    path("sync-runs/<int:run_id>/rejected", runs.RejectedRowsView.as_view()),
    path("outbound-calls", runs.OutboundCallsView.as_view()),
    path("order-lines", order_lines.OrderLinesView.as_view()),
    path("cost-sheets", costs.CostSheetsView.as_view()),
    path("cost-sheets:batch", costs.CostSheetBatchView.as_view()),
    path("cost-sheets/uploads", costs.CostUploadView.as_view()),
    path("cost-sheets/coverage", costs.CostCoverageView.as_view()),
    path("cost-sheets/preview", costing.CostPreviewView.as_view()),
    path("cost-lots", costing.CostLotsView.as_view()),
    path("costing-rules", costing.CostingRulesView.as_view()),
    path("cost-score", costing.CostScoreView.as_view()),
    path("landed-costs", costing.LandedCostView.as_view()),
    path("cost-sheets/<int:sheet_id>", costs.CostSheetDetailView.as_view()),
]
