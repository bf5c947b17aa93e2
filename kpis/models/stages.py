"""Which stage a store is in, and the changes of its plan that await a person's decision."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class StoreStage(TenantModel):
    """A store is in a stage from `effective_on` on. The last version of a date counts."""

    store_id = models.BigIntegerField()
    stage = models.CharField(max_length=12)
    effective_on = models.DateField()
    version = models.PositiveIntegerField()
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_store_stage"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "version"], name="store_stage_one_per_version")
        ]


class PlanProposal(TenantModel):
    """Changes of a store's plan that a new stage or a newer template suggests; nothing happens by itself.

    `changes` holds what was proposed, line by line, as it stood at `created_at`. Only `state` and the
    decision's fields change, once.
    """

    store_id = models.BigIntegerField()
    cause = models.CharField(max_length=12, help_text="stage or template")
    stage = models.CharField(max_length=12, blank=True)
    template = models.CharField(max_length=64)
    template_version = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True)
    effective_on = models.DateField()
    changes = models.JSONField()
    state = models.CharField(max_length=12, default="open")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=254)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=254, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "kpis_plan_proposal"
        indexes = [models.Index(fields=["store_id", "state"], name="plan_proposal_store")]
