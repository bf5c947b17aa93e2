"""Who has taken note of which target, and what to do when a KPI misses it."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class Acknowledgement(TenantModel):
    """A person took note of one version of a target, with the runbook as it read then (0: there was none)."""

    store_id = models.BigIntegerField()
    kpi = models.CharField(max_length=48)
    target_version = models.PositiveIntegerField()
    runbook_version = models.PositiveIntegerField()
    user_id = models.BigIntegerField()
    person = models.CharField(max_length=150)
    acknowledged_at = models.DateTimeField()

    class Meta:
        db_table = "kpis_acknowledgement"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "kpi", "target_version", "user_id"], name="acknowledgement_once"
            )
        ]


class Runbook(TenantModel):
    """What the owner of a KPI does when it misses its target. The last version counts."""

    kpi = models.CharField(max_length=48)
    version = models.PositiveIntegerField()
    text = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_runbook"
        constraints = [models.UniqueConstraint(fields=["kpi", "version"], name="runbook_one_per_version")]
