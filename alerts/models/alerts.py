"""Alerts: what is or was wrong, one row per episode of a subject, and every step of its life."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from alerts.types import LIVE_STATES
from tenants.fence import TenantModel


class Alert(TenantModel):
    """An alert. `state` and everything of its life is moved by `alerts.services.transitions` alone.

    `fingerprint` is the digest of rule, store and subject; one row of it is current, and only a current one
    can be live. `observed` and `limit` are in `unit`. `policy` is the rule's as of the last evaluation, so
    that the clock can go on without the rule. `muted_by` names the silence or inhibitor that covers it.
    """

    fingerprint = models.CharField(max_length=64)
    is_current = models.BooleanField(default=True)
    rule_id = models.BigIntegerField()
    rule_key = models.CharField(max_length=64)
    rule_version = models.PositiveIntegerField()
    rule_title = models.CharField(max_length=200)
    detector = models.CharField(max_length=48)
    owner = models.CharField(max_length=150, blank=True, help_text="The position or person it is for.")
    is_required = models.BooleanField(default=False)
    policy = models.JSONField()
    store_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=200)

    state = models.CharField(max_length=16)
    severity = models.CharField(max_length=8)
    observed = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    limit = models.DecimalField(max_digits=24, decimal_places=6, null=True)
    unit = models.CharField(max_length=24, blank=True)
    basis = models.CharField(max_length=500, blank=True)
    as_of = models.DateTimeField(null=True)
    evidence = models.JSONField(default=dict)

    sequence = models.PositiveIntegerField(default=0, help_text="Raised by every notice.")
    version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_until = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_why = models.CharField(max_length=500, blank=True)

    recent = models.JSONField(default=list)
    since = models.DateTimeField(null=True)
    clears = models.PositiveIntegerField(default=0)
    is_blind = models.BooleanField(default=False)
    is_muted = models.BooleanField(default=False)
    muted_by = models.CharField(max_length=64, blank=True)
    told = models.CharField(max_length=8, blank=True)
    told_at = models.DateTimeField(null=True)
    is_owed = models.BooleanField(default=False)
    is_spent = models.BooleanField(default=False)
    told_resolved_at = models.DateTimeField(null=True)
    told_before = models.CharField(max_length=8, blank=True)
    level = models.PositiveSmallIntegerField(default=1)
    escalate_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="When time alone will change something.")

    action_id = models.BigIntegerField(null=True)
    incident_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint"], condition=Q(is_current=True), name="alert_one_current_per_fingerprint"
            ),
            models.CheckConstraint(
                condition=Q(is_current=True) | ~Q(state__in=[state.value for state in LIVE_STATES]),
                name="alert_live_is_current",
            ),
        ]
        indexes = [
            models.Index(fields=["rule_id"], condition=Q(is_current=True), name="alert_current_of_rule"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="alert_due"),
            models.Index(fields=["state", "-id"], name="alert_by_state"),
            models.Index(fields=["store_id", "-id"], name="alert_of_store"),
        ]


class AlertStep(TenantModel):
    """One step of an alert's life: what changed, why, by whom, and which notice it made (with its number)."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="steps")
    at = models.DateTimeField()
    before = models.CharField(max_length=16, blank=True)
    after = models.CharField(max_length=16)
    severity = models.CharField(max_length=8)
    notice = models.CharField(max_length=16, blank=True)
    sequence = models.PositiveIntegerField(null=True, help_text="The notice's number; null: nobody told.")
    level = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=200)
    note = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=150)
    observed = models.DecimalField(max_digits=24, decimal_places=6, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "sequence"], name="alert_step_one_notice_per_sequence")
        ]
        indexes = [models.Index(fields=["at"], name="alert_step_by_time")]
