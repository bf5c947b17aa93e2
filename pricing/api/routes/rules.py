"""Routes: rule sets and their versions."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import rule_sets as views

urlpatterns: list[URLPattern] = [
    path("rule-schema", views.RuleSchemaView.as_view()),
    path("rule-templates", views.RuleTemplatesView.as_view()),
    path("rule-sets", views.RuleSetsView.as_view()),
    path("rule-sets/<slug:key>", views.RuleSetDetailView.as_view()),
    path("rule-sets/<slug:key>/versions", views.RuleSetVersionsView.as_view()),
    path("rule-sets/<slug:key>/versions/<int:number>", views.RuleSetVersionView.as_view()),
    path("rule-sets/<slug:key>/diff", views.RuleSetDiffView.as_view()),
    path("rule-sets/<slug:key>/activation", views.RuleSetActivationView.as_view()),
    path("rule-sets/<slug:key>/retirement", views.RuleSetRetirementView.as_view()),
    path("rule-sets/<slug:key>/dry-run", views.RuleSetDryRunView.as_view()),
]
