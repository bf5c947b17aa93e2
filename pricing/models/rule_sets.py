"""Rule sets: what they are called, every version that was ever saved, and every activation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.fence import TenantModel


class PriceRuleSet(TenantModel):
    """A rule set: active while it has an `active_version` (0: none), retired once it was taken out of force,
    else a draft. `version` rises with every change of the row or of its versions: it is the ETag."""

    key = models.SlugField(max_length=60, unique=True, db_index=False)
    name = models.CharField(max_length=120, help_text="That of the version saved last.")
    active_version = models.PositiveIntegerField(default=0)
    latest_version = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(active_version=0) | Q(retired_at__isnull=True),
                name="price_rule_set_active_is_not_retired",
            )
        ]


class PriceRuleSetVersion(TenantModel):
    """What a rule set said when it was saved: `document` as `pricing.rules.parse` reads it, and `scope`
    (stores, markets, tiers, SKUs; an empty list matches all). Never edited."""

    rule_set = models.ForeignKey(PriceRuleSet, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    document = models.JSONField()
    scope = models.JSONField()
    note = models.CharField(max_length=300, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.CharField(max_length=150)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "version"], name="price_rule_set_one_version")
        ]


class PriceRuleSetActivation(TenantModel):
    """A version was put in force, with what was proved and found of it then. Never edited."""

    rule_set = models.ForeignKey(PriceRuleSet, on_delete=models.PROTECT, related_name="activations")
    version = models.PositiveIntegerField()
    verification = models.JSONField(help_text="Problems, the proof of the floor, museum and price wars.")
    activated_at = models.DateTimeField()
    activated_by = models.CharField(max_length=150)
