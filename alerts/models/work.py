"""What is being done about alerts: the action each one opened, and whether the figure recovered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.fence import TenantModel


class AlertWork(TenantModel):
    """An action opened for an alert; its state moves by `alerts.services.work` alone.

    `round` 1 is the first action of an alert, the next follow up on one that did not help. `fingerprint` is
    the alert's, by which a subject that comes back finds what was done before (`follows_id`). `due_at` is
    what the contract promises; `value_before` and `value_after` are in the alert's unit.
    """

    alert_id = models.BigIntegerField()
    fingerprint = models.CharField(max_length=64)
    round = models.PositiveSmallIntegerField(default=1)
    follows_id = models.BigIntegerField(null=True)
    action_id = models.BigIntegerField(unique=True)
    store_id = models.BigIntegerField()
    kpi = models.CharField(max_length=48)
    state = models.CharField(max_length=12)
    is_escalated = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    value_before = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    value_after = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=254)
    closed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert_id", "round"], name="alert_work_round"),
            models.UniqueConstraint(
                fields=["alert_id"], condition=Q(state="open"), name="alert_work_one_open_per_alert"
            ),
        ]
        indexes = [
            models.Index(fields=["fingerprint", "-id"], name="alert_work_of_subject"),
            models.Index(fields=["state", "due_at"], name="alert_work_due"),
        ]
