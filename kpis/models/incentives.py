"""What good figures are worth to whom: rules, frozen statements, and objections to them."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class IncentiveRule(TenantModel):
    """One version of the client's rule. Rows are never changed: the highest version in force counts.

    `bands`, `weights`, `cap` and `bonus_per_point` are explained in kpis.engine.incentive.
    """

    version = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=120)
    effective_on = models.DateField()
    document = models.JSONField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_incentive_rule"


class IncentiveStatement(TenantModel):
    """What a person earned in a month by the rule: frozen; a correction is another version."""

    user_id = models.BigIntegerField()
    person = models.CharField(max_length=150)
    month = models.CharField(max_length=7)
    version = models.PositiveIntegerField()
    rule_version = models.PositiveIntegerField()
    review_id = models.BigIntegerField()
    document = models.TextField(help_text="Canonical JSON; its hash is sha256.")
    sha256 = models.CharField(max_length=64)
    points = models.DecimalField(max_digits=10, decimal_places=2)
    appeal_id = models.BigIntegerField(null=True, help_text="The accepted objection that this answers.")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_incentive_statement"
        constraints = [
            models.UniqueConstraint(
                fields=["user_id", "month", "version"], name="incentive_statement_one_per_version"
            )
        ]


class Appeal(TenantModel):
    """A person's objection to a statement, and what was decided on it."""

    statement_id = models.BigIntegerField()
    user_id = models.BigIntegerField()
    state = models.CharField(max_length=12)
    version = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=1000)
    decision = models.CharField(max_length=1000, blank=True)
    filed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=254, blank=True)

    class Meta:
        db_table = "kpis_appeal"
        constraints = [
            models.UniqueConstraint(
                fields=["statement_id"], condition=models.Q(state="open"), name="appeal_one_open"
            )
        ]
