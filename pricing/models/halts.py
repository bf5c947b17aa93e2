"""Stops of all pricing of a client, a store or a rule set, until somebody resumes it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.fence import TenantModel


class PriceHalt(TenantModel):
    """A halt: while `resumed_at` is empty nothing in its scope is proposed or approved.

    `scope` is client, store or rule_set; `store_id` and `rule_set_id` are 0 where they do not apply.
    """

    scope = models.CharField(max_length=8)
    store_id = models.BigIntegerField(default=0)
    rule_set_id = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=500)
    withdrawn = models.PositiveIntegerField(default=0, help_text="How many suggestions it withdrew.")
    version = models.PositiveIntegerField(default=1)
    halted_at = models.DateTimeField()
    halted_by = models.CharField(max_length=150)
    resumed_at = models.DateTimeField(null=True)
    resumed_by = models.CharField(max_length=150, blank=True)
    resume_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "store_id", "rule_set_id"],
                condition=Q(resumed_at__isnull=True),
                name="price_halt_one_standing_per_scope",
            )
        ]
