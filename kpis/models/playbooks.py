"""Ways to act that are known, and plans that are ready for when a KPI stays bad."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class Playbook(TenantModel):
    """A kind of action for a KPI. What came of it is counted from the actions that followed it."""

    kpi = models.CharField(max_length=48)
    title = models.CharField(max_length=200)
    steps = models.TextField(help_text="What to do, as a runbook.")
    department = models.CharField(max_length=20)
    direction = models.CharField(max_length=4)
    expected_size = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    is_archived = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_playbook"


class FallbackPlan(TenantModel):
    """When the KPI of a store was bad for `periods` periods in a row, ask `approver` to follow a playbook."""

    store_id = models.BigIntegerField()
    kpi = models.CharField(max_length=48)
    kind = models.CharField(max_length=8, help_text="week or month")
    periods = models.PositiveSmallIntegerField()
    playbook_id = models.BigIntegerField()
    approver = models.CharField(max_length=150)
    owner = models.CharField(max_length=150)
    is_armed = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_fallback_plan"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "kpi", "playbook_id"], name="fallback_plan_one_each")
        ]


class FallbackTrigger(TenantModel):
    """A plan's condition was met. One row per run of bad periods, however long it gets."""

    plan_id = models.BigIntegerField()
    first_period = models.CharField(max_length=10, help_text="Where the run of bad periods begins.")
    last_period = models.CharField(max_length=10, help_text="The period that made it long enough.")
    values = models.JSONField(help_text="Each period of the run with its value.")
    state = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=500, blank=True)
    action_id = models.BigIntegerField(null=True)
    triggered_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=254, blank=True)

    class Meta:
        db_table = "kpis_fallback_trigger"
        constraints = [
            models.UniqueConstraint(fields=["plan_id", "first_period"], name="fallback_trigger_one_per_run")
        ]
