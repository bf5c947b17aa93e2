"""The routes of kpis below /api/v1/clients/{client}/."""

from __future__ import annotations

from django.urls import path

from kpis.api import attribution, catalogue, decomposition, formulas, ltv, scorecards, targets

urlpatterns = [
    path("scorecards/weekly", scorecards.WeeklyScorecardView.as_view()),
    path("scorecards/monthly", scorecards.MonthlyScorecardView.as_view()),
    path("scorecards/daily", scorecards.DailyScorecardView.as_view()),
    path("scorecards/quarterly", scorecards.QuarterlyScorecardView.as_view()),
    path("scorecards/rolling", scorecards.RollingScorecardView.as_view()),
    path("scorecards/compare", scorecards.ComparedScorecardsView.as_view()),
    path("kpis", catalogue.KPIsView.as_view()),
    path("kpis/ltv/cohorts", ltv.CohortsView.as_view()),
    path("kpis/<slug:key>", catalogue.KPIDetailView.as_view()),
    path("kpis/<slug:key>/series", catalogue.KPISeriesView.as_view()),
    path("kpis/<slug:key>/breakdown", decomposition.KPIBreakdownView.as_view()),
    path("kpis/<slug:key>/trend-pack", decomposition.KPITrendPackView.as_view()),
    path("kpis/<slug:key>/rows", decomposition.KPIRowsView.as_view()),
    path("attributions", attribution.AttributionsView.as_view()),
    path("decompositions/margin", decomposition.MarginView.as_view()),
    path("decompositions/sales", decomposition.SalesView.as_view()),
    path("decompositions/acos", decomposition.ACoSView.as_view()),
    path("decompositions/price-volume-mix", decomposition.PriceVolumeMixView.as_view()),
    path("decompositions/rate-mix", decomposition.RateMixView.as_view()),
    path("scorecard-templates", catalogue.TemplatesView.as_view()),
    path("stores/<int:store_id>/template", targets.StoreTemplateView.as_view()),
    path("stores/<int:store_id>/targets", targets.TargetsView.as_view()),
    path("stores/<int:store_id>/targets/<slug:key>", targets.TargetDetailView.as_view()),
    path("measures", formulas.MeasuresView.as_view()),
    path("formulas", formulas.FormulasView.as_view()),
    path("formulas/preview", formulas.FormulaPreviewView.as_view()),
    path("formulas/<slug:key>", formulas.FormulaDetailView.as_view()),
    path("formulas/<slug:key>/versions", formulas.FormulaVersionsView.as_view()),
    path("formulas/<slug:key>/parallel", formulas.FormulaParallelView.as_view()),
]
