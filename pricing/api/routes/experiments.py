"""Routes: tests, pilots and backtests."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import backtests, experiments, pilots

urlpatterns: list[URLPattern] = [
    path("price-tests", experiments.PriceTestsView.as_view()),
    path("price-tests:power", experiments.PriceTestPowerView.as_view()),
    path("price-tests/<int:test_id>", experiments.PriceTestDetailView.as_view()),
    path("price-tests/<int:test_id>/start", experiments.PriceTestStartView.as_view()),
    path("price-tests/<int:test_id>/stop", experiments.PriceTestStopView.as_view()),
    path("price-pilots", pilots.PilotsView.as_view()),
    path("price-pilots/<int:pilot_id>", pilots.PilotDetailView.as_view()),
    path("price-pilots/<int:pilot_id>/stop", pilots.PilotStopView.as_view()),
    path("price-backtests", backtests.BacktestsView.as_view()),
    path("price-backtests/<int:backtest_id>", backtests.BacktestDetailView.as_view()),
]
