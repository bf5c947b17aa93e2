"""Who may approve which price, in dated versions, and every decision that was made."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import money_field
from tenants.fence import TenantModel


class ApprovalPolicy(TenantModel):
    """One version of a store's approval matrix and windows; the newest in force on a shop day counts.

    `document` is a `pricing.engine.approval.Policy` as JSON. Rows are never changed.
    """

    store_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    effective_on = models.DateField()
    document = models.JSONField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store_id", "version"], name="approval_policy_version")
        ]


class ApprovalDecision(TenantModel):
    """One person's word on a recommendation. `verdict` is approved, rejected, escalated or withdrawn;
    `amount` the price that was decided on, `is_override` whether it differs from the suggested one.
    Rows are never changed."""

    recommendation_id = models.BigIntegerField(db_index=True)
    level = models.CharField(max_length=24)
    verdict = models.CharField(max_length=12)
    amount = money_field(null=True)
    is_override = models.BooleanField(default=False)
    reason = models.CharField(max_length=500, blank=True)
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=150)
    role = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()


class ApprovalReminder(TenantModel):
    """A reminder that was sent: one per recommendation, deadline and number of hours before it."""

    recommendation_id = models.BigIntegerField()
    due_at = models.DateTimeField()
    hours_before = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recommendation_id", "due_at", "hours_before"], name="approval_reminder_once"
            )
        ]
