"""Routes: approval, halts and outcomes."""

from __future__ import annotations

from django.urls import URLPattern, path

from pricing.api import approval_policies, approvals, halts, outcomes

_ONE = "price-recommendations/<int:recommendation_id>"

urlpatterns: list[URLPattern] = [
    path("price-recommendations:approve", approvals.BulkApprovalView.as_view()),
    path(f"{_ONE}/approval", approvals.ApprovalView.as_view()),
    path(f"{_ONE}/rejection", approvals.RejectionView.as_view()),
    path(f"{_ONE}/escalation", approvals.EscalationView.as_view()),
    path(f"{_ONE}/withdrawal", approvals.WithdrawalView.as_view()),
    path(f"{_ONE}/decisions", approvals.DecisionsView.as_view()),
    path(f"{_ONE}/outcome", outcomes.RecommendationOutcomeView.as_view()),
    path("price-approvals/queue", approvals.ApprovalQueueView.as_view()),
    path("price-approvals/delay", approvals.QueueTotalsView.as_view()),
    path("stores/<int:store_id>/approval-policy", approval_policies.ApprovalPolicyView.as_view()),
    path("stores/<int:store_id>/price-history", outcomes.PriceHistoryView.as_view()),
    path("price-outcomes", outcomes.PriceOutcomesView.as_view()),
    path("price-halts", halts.PriceHaltsView.as_view()),
    path("price-halts/<int:halt_id>", halts.PriceHaltDetailView.as_view()),
    path("price-halts/<int:halt_id>/resumption", halts.PriceHaltResumptionView.as_view()),
    path("price-log", halts.PriceLogView.as_view()),
    path("price-log:export", halts.PriceLogFileView.as_view()),
]
