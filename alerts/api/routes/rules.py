"""Routes: alert rules and their trial on history."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import rules

_ONE = "alert-rules/<slug:key>"

urlpatterns: list[URLPattern] = [
    path("alert-detectors", rules.AlertDetectorsView.as_view()),
    path("alert-rules", rules.AlertRulesView.as_view()),
    path("alert-rules:backtest", rules.AlertRuleTrialView.as_view()),
    path("alert-rules:install", rules.AlertRuleInstallView.as_view()),
    path(_ONE, rules.AlertRuleDetailView.as_view()),
    path(f"{_ONE}/versions", rules.AlertRuleVersionsView.as_view()),
    path(f"{_ONE}/activation", rules.AlertRuleActivationView.as_view()),
    path(f"{_ONE}/deactivation", rules.AlertRuleDeactivationView.as_view()),
]
