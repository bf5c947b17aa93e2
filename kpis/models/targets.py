"""What a store is measured against: the template it follows and its dated, versioned targets."""

from __future__ import annotations

from django.db import models

from kpis.types import LineRole
from tenants.fence import TenantModel


class ScorecardPlan(TenantModel):
    """A template was applied to a store from `effective_on` on. Rows are never changed; the latest counts."""

    store_id = models.BigIntegerField()
    template = models.CharField(max_length=64)
    template_version = models.PositiveIntegerField()
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_scorecard_plan"
        indexes = [models.Index(fields=["store_id", "effective_on"], name="scorecard_plan_store")]


class Target(TenantModel):
    """One line of a store's scorecard from `effective_on` until the next row of the same KPI.

    Rows are never changed: a correction of the same date has a higher `version`, and the highest counts.
    `version` rises per (store, KPI) over all dates, so it serves as the ETag of the line. Money targets are
    in the store's currency.
    """

    store_id = models.BigIntegerField()
    kpi = models.CharField(max_length=48)
    effective_on = models.DateField()
    version = models.PositiveIntegerField()
    role = models.CharField(max_length=12, choices=[(r.value, r.value) for r in LineRole])
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    target = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    warn = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    target_low = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    target_high = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    warn_low = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    warn_high = models.DecimalField(max_digits=24, decimal_places=8, null=True)
    owner = models.CharField(max_length=150, help_text="Who answers for the number: a person or a role.")
    deadline_on = models.DateField(null=True, help_text="By when it is to be reached.")
    source = models.CharField(max_length=300, help_text="Why this value: template, contract, own history.")
    override_reason = models.CharField(
        max_length=300, blank=True, default="", help_text="Why it was set against the advice of a check."
    )
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_target"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "kpi", "version"], name="target_one_per_version"),
            models.CheckConstraint(
                condition=models.Q(weight__gte=0, weight__lte=100), name="target_weight_in_percent"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "kpi", "effective_on", "version"], name="target_in_force")
        ]
