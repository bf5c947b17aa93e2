"""Suggested prices: one live per listing, each with everything that led to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from connectors.facts.base import money_field
from pricing.types import LIVE_STATES
from tenants.fence import TenantModel


class Recommendation(TenantModel):
    """A price that was suggested for a listing, and what became of it.

    `inputs` is the whole snapshot it was computed from (costs, fees with their versions, rivals, ages), and
    `inputs_sha256` its digest: the same inputs give the same suggestion. `state` is moved by
    `pricing.services.transitions` alone, which raises `version`.
    """

    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    product_id = models.CharField(max_length=40, blank=True)
    market = models.CharField(max_length=2)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=16, help_text="A pricing.types.ProposalKind.")
    run_id = models.BigIntegerField(null=True, help_text="The pricing run that made it.")
    rule_set_id = models.BigIntegerField(null=True)
    rule_set_version = models.PositiveIntegerField(null=True)
    source_id = models.BigIntegerField(null=True, help_text="The promotion, test, pilot or change behind it.")
    state = models.CharField(max_length=16, default="open")
    version = models.PositiveIntegerField(default=1)

    current_amount = money_field(null=True)
    suggested_amount = money_field()
    floor_amount = money_field()
    target_amount = money_field(null=True)
    current_contribution_amount = money_field(null=True)
    expected_contribution_amount = money_field()
    current_margin = models.DecimalField(max_digits=8, decimal_places=6, null=True)
    expected_margin = models.DecimalField(max_digits=8, decimal_places=6)
    gain_per_day_amount = money_field(null=True)
    confidence = models.DecimalField(max_digits=4, decimal_places=3)
    confidence_why = models.JSONField(default=list)

    reasons = models.JSONField()
    trace = models.JSONField()
    checks = models.JSONField(default=list)
    inputs = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64)
    headline = models.CharField(max_length=300, blank=True, help_text="All of it in a sentence.")
    tier = models.CharField(max_length=12, blank=True, help_text="A pricing.types.Tier.")
    case_sha256 = models.CharField(
        max_length=64, blank=True, help_text="Digest of what would make it another suggestion."
    )
    confirmed_at = models.DateTimeField(null=True, help_text="When a run last came to the same.")

    level_needed = models.CharField(max_length=24, blank=True)
    due_at = models.DateTimeField(null=True, help_text="The end of the client's approval window.")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    approved_amount = money_field(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decision_reason = models.CharField(max_length=500, blank=True)
    observed_at = models.DateTimeField(null=True)
    observed_amount = money_field(null=True)
    closed_at = models.DateTimeField(null=True)
    superseded_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "sku"],
                condition=Q(state__in=LIVE_STATES),
                name="recommendation_one_live_per_listing",
            )
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="recommendation_by_state"),
            models.Index(fields=["store_id", "sku", "-id"], name="recommendation_of_listing"),
            models.Index(fields=["run_id", "id"], name="recommendation_of_run"),
        ]
