"""Goods that came back."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact


class Return(Fact):
    """Units returned. `cohort_on` is the shop day of the order, null until that order is known."""

    return_key = models.CharField(max_length=160)
    platform_order_id = models.CharField(max_length=40)
    sku = models.CharField(max_length=100)
    product_id = models.CharField(max_length=40)
    returned_at = models.DateTimeField()
    business_on = models.DateField()
    cohort_on = models.DateField(null=True)
    quantity = models.IntegerField()
    reason = models.CharField(max_length=80)
    disposition = models.CharField(max_length=60)
    status = models.CharField(max_length=80)

    class Meta:
        db_table = "fact_return"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "return_key"], name="fact_return_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="return_business"),
            models.Index(fields=["store_id", "cohort_on"], name="return_cohort"),
            models.Index(fields=["store_id", "platform_order_id", "sku"], name="return_platform_sku"),
        ]
