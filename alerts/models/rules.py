"""Alert rules: which are in force, every version that was ever saved, and when each looks next."""

from __future__ import annotations

from django.db import models

from alerts.types import Severity
from tenants.fence import TenantModel

SEVERITIES = [(each.value, each.value) for each in Severity]


class AlertRule(TenantModel):
    """A rule: `in_force` is the number of its latest saved version, which counts while it `is_active`.

    `version` rises with every change of the row: it is the ETag.
    """

    key = models.SlugField(max_length=60, unique=True, db_index=False)
    detector = models.CharField(max_length=40)
    in_force = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    updated_at = models.DateTimeField()


class AlertRuleVersion(TenantModel):
    """What a rule said when it was saved; never edited. Empty `store_ids`: every store of the client."""

    rule = models.ForeignKey(AlertRule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=160)
    store_ids = models.JSONField()
    parameters = models.JSONField(help_text="As the detector's own schema describes them.")
    severity = models.CharField(max_length=8, choices=SEVERITIES)
    policy = models.JSONField(help_text="As alerts.types.Policy describes it.")
    owner = models.CharField(max_length=150, blank=True, help_text="A position or an e-mail address.")
    is_required = models.BooleanField()
    note = models.CharField(max_length=300, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="alert_rule_one_version")]


class AlertRuleTurn(TenantModel):
    """When a rule looks next, and how its last looks went; written by the evaluation alone."""

    rule = models.OneToOneField(AlertRule, on_delete=models.CASCADE, primary_key=True, related_name="turn")
    next_check_at = models.DateTimeField(db_index=True)
    last_checked_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row; 0 after a look that went well.")
    problem = models.CharField(max_length=500, blank=True)
    broken_at = models.DateTimeField(null=True, help_text="Since when it has failed five times in a row.")
