"""How a store prices: margins by tier, how old inputs may be, how it is taxed."""

from __future__ import annotations

from django.db import models

from pricing.models.profiles import share_field
from tenants.fence import TenantModel


class PricingPolicy(TenantModel):
    """What holds for a store's listings of one tier ("" for all tiers) from `effective_on` on.

    Never edited: a change is a new row with a higher `version`; of the rows that have begun, the one that
    begins last counts, and of one day the highest version. What a tier leaves open (None, "") the store's
    row says, and what that leaves open `pricing.engine.terms.DEFAULTS`.
    """

    store_id = models.BigIntegerField()
    tier = models.CharField(max_length=10, blank=True)
    effective_on = models.DateField()
    version = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    target_margin = share_field()
    floor_margin = share_field()
    cost_days = models.PositiveIntegerField(null=True, help_text="How many days old costs may be.")
    fee_days = models.PositiveIntegerField(null=True)
    fx_days = models.PositiveIntegerField(null=True)
    competitor_hours = models.PositiveIntegerField(null=True)
    stock_hours = models.PositiveIntegerField(null=True)
    price_hours = models.PositiveIntegerField(null=True)
    expiry_hours = models.PositiveIntegerField(null=True, help_text="How long a suggestion stands.")
    registration = models.CharField(
        max_length=12, blank=True, help_text="A pricing.engine.terms.Registration."
    )
    withholding = models.CharField(max_length=16, blank=True, help_text="A pricing.engine.terms.Withholding.")
    is_fx_buffered = models.BooleanField(null=True, help_text="Is the FX buffer a cost?")
    ads_mode = models.CharField(max_length=10, blank=True, help_text="A pricing.engine.terms.AdsMode.")
    planning = models.JSONField(
        default=dict, help_text='What to assume of lines nobody knows: {"inbound": {"amount": "0.40"}}.'
    )

    required = models.JSONField(
        null=True, help_text="The lines without which no price may be suggested, where they can apply."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store_id", "tier", "version"], name="pricing_policy_one_version")
        ]
        verbose_name_plural = "pricing policies"
