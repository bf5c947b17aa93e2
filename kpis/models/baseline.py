"""Where a KPI stood before anybody set a target for it."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class Baseline(TenantModel):
    """Frozen with the first target of a KPI: improvement is always measured against it (domain rule 8)."""

    store_id = models.BigIntegerField()
    kpi = models.CharField(max_length=48)
    value = models.DecimalField(max_digits=30, decimal_places=10)
    currency = models.CharField(max_length=3, blank=True)
    method = models.CharField(max_length=24, help_text="median_weeks, trimmed_weeks or industry")
    n = models.PositiveSmallIntegerField(help_text="Complete weeks it was taken from.")
    window_start_on = models.DateField()
    window_end_on = models.DateField()
    source = models.CharField(
        max_length=300, blank=True, default="", help_text="Of a value that was entered."
    )
    recorded_by = models.CharField(max_length=254, blank=True, default="")
    frozen_at = models.DateTimeField()

    class Meta:
        db_table = "kpis_baseline"
        constraints = [models.UniqueConstraint(fields=["store_id", "kpi"], name="baseline_one_per_kpi")]
