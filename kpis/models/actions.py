"""What is done about a KPI, every step of it, and its way between departments."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class Action(TenantModel):
    """Something somebody does, with what it is expected to change; its state moves by services.actions alone.

    `expected_size` is a fraction of the level (or points of a ratio), above zero. `effect` is what the last
    estimate found, `measure_from` the day from which a verdict can be had.
    """

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    issue_id = models.BigIntegerField(null=True)
    playbook_id = models.BigIntegerField(null=True)
    trigger_id = models.BigIntegerField(null=True, unique=True)
    kpi = models.CharField(max_length=48)
    store_ids = models.JSONField(default=list)
    skus = models.JSONField(default=list, help_text="Empty: the stores as a whole.")
    department = models.CharField(max_length=20)
    owner_id = models.BigIntegerField(null=True, help_text="The person's user id, where it is one.")
    owner = models.CharField(max_length=150)
    due_on = models.DateField()
    direction = models.CharField(max_length=4, help_text="up or down: which way the KPI is to move.")
    expected_size = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    after_weeks = models.PositiveSmallIntegerField(default=2)
    state = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=254)
    accepted_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    measure_from = models.DateField(null=True)
    verdict = models.CharField(max_length=12, blank=True)
    effect = models.JSONField(null=True)

    class Meta:
        db_table = "kpis_action"
        indexes = [
            models.Index(fields=["state", "due_on"], name="action_due"),
            models.Index(fields=["owner_id", "state"], name="action_owner"),
        ]


class ActionStep(TenantModel):
    """One step of an action's life. Rows are never changed."""

    action_id = models.BigIntegerField(db_index=True)
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_action_step"


class HandOff(TenantModel):
    """An action offered to another department, which has until `due_at` to answer."""

    action_id = models.BigIntegerField()
    from_department = models.CharField(max_length=20)
    to_department = models.CharField(max_length=20)
    state = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)
    note = models.CharField(max_length=500, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    offered_at = models.DateTimeField()
    offered_by = models.CharField(max_length=254)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=254, blank=True)

    class Meta:
        db_table = "kpis_hand_off"
        constraints = [
            models.UniqueConstraint(
                fields=["action_id"], condition=models.Q(state="offered"), name="hand_off_one_offered"
            )
        ]
