"""KPIs of a client's own making, version by version."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class Formula(TenantModel):
    """One version of a formula. Rows are never changed: the highest version of a key counts.

    `is_archived` versions take the formula out of use; what was shown with it stays explainable.
    `override_reason` says why it was changed within a quarter of the version before (K8).
    """

    key = models.CharField(max_length=48)
    version = models.PositiveIntegerField()
    names = models.JSONField(help_text="By language: zh, en, ja, es.")
    unit = models.CharField(max_length=12)
    direction = models.CharField(max_length=8)
    expression = models.CharField(max_length=2_000)
    note = models.CharField(max_length=300, help_text="Where the formula comes from.")
    override_reason = models.CharField(max_length=300, blank=True)
    is_archived = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_formula"
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="formula_one_per_version")]
