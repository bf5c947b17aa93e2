"""Pilots: a rule set that first moves the prices of few listings of a store, then of more."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.fence import TenantModel


class PricePilot(TenantModel):
    """A staged rollout of a rule set's version in a store.

    `skus` are all listings of it with their units a day when it began, `[sku, units]`; who takes part in a
    stage follows from them, `seed` and `stage` (pricing.engine.pilot.members). `observed` is what the last
    look found. A stopped one keeps its rule set from every listing of the store until another version is in
    force or another pilot begins.
    """

    store_id = models.BigIntegerField()
    rule_set_id = models.BigIntegerField()
    rule_set_key = models.CharField(max_length=60)
    rule_set_version = models.PositiveIntegerField()
    skus = models.JSONField()
    seed = models.CharField(max_length=64)
    stage = models.PositiveSmallIntegerField(default=0)
    stage_on = models.DateField(help_text="The first shop day of the stage.")
    started_on = models.DateField(help_text="The first shop day of the pilot.")
    guardrails = models.JSONField(help_text="See pricing.engine.pilot.Guardrails.")
    state = models.CharField(max_length=12, help_text="running, finished or stopped.")
    reasons = models.JSONField(default=list, help_text="Why it is where it is.")
    observed = models.JSONField(null=True)
    note = models.CharField(max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=150)
    checked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "rule_set_id"],
                condition=Q(state="running"),
                name="price_pilot_one_running_per_rule_set",
            )
        ]
        indexes = [models.Index(fields=["state", "id"], name="price_pilot_state")]
