"""Routes: the account-health desk."""

from __future__ import annotations

from django.urls import URLPattern, path

from alerts.api import health, plans

_ONE = "health-warnings/<int:warning_id>"

urlpatterns: list[URLPattern] = [
    path("health-warnings", health.HealthWarningsView.as_view()),
    path("health-warnings:forward", health.HealthWarningForwardView.as_view()),
    path("health-warnings/outcomes", health.HealthOutcomesView.as_view()),
    path(_ONE, health.HealthWarningDetailView.as_view()),
    path(f"{_ONE}/steps", health.HealthWarningStepsView.as_view()),
    path(f"{_ONE}/original", health.HealthWarningOriginalView.as_view()),
    path(f"{_ONE}/freeze-release", health.FreezeReleaseView.as_view()),
    path(f"{_ONE}/submission", health.SubmissionView.as_view()),
    path(f"{_ONE}/outcome", health.OutcomeView.as_view()),
    path(f"{_ONE}/plans", plans.PlansView.as_view()),
    path(f"{_ONE}/plans/<int:number>", plans.PlanDetailView.as_view()),
    path(f"{_ONE}/plans/<int:number>/sign-off", plans.SignOffView.as_view()),
    path(f"{_ONE}/plans/<int:number>/return", plans.PlanReturnView.as_view()),
    path(f"{_ONE}/binder", plans.BinderView.as_view()),
    path(f"{_ONE}/binder:export", plans.BinderFileView.as_view()),
]
