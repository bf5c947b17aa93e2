"""What a client states in place of the table's fees, taxes and duties: dated, versioned, never edited."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class FeeOverride(TenantModel):
    """A value of a parameter from `effective_on` on, for all stores or a narrower scope.

    `store_id` 0, `category` "" and `sku` "" mean any. `value` is written as the API takes it; null withdraws
    what was stated, so that the table counts again. Rows are never changed: of those in force the one with
    the latest day counts, of the same day the highest `version`. `version` rises per key and scope.
    """

    key = models.CharField(max_length=120)
    store_id = models.BigIntegerField(default=0)
    category = models.CharField(max_length=80, blank=True, default="")
    sku = models.CharField(max_length=100, blank=True, default="")
    version = models.PositiveIntegerField()
    effective_on = models.DateField()
    value = models.JSONField(null=True)
    reason = models.CharField(max_length=300)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        db_table = "pricing_fee_override"
        constraints = [
            models.UniqueConstraint(
                fields=["key", "store_id", "category", "sku", "version"],
                name="fee_override_one_per_version",
            )
        ]
