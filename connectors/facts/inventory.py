"""Stock by day, and by age."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class InventoryDay(Fact):
    """Units of one SKU at the end of a shop day."""

    sku = models.CharField(max_length=100)
    product_id = models.CharField(max_length=40)
    snapshot_on = models.DateField()
    fulfillable = models.IntegerField()
    inbound = models.IntegerField()
    reserved = models.IntegerField()
    unfulfillable = models.IntegerField()

    class Meta:
        db_table = "fact_inventory_day"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "sku", "snapshot_on"], name="fact_inventory_day_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "snapshot_on"], name="inventory_day_snapshot"),
        ]


class InventoryAge(Fact):
    """Units of one SKU by age on a day; the buckets do not overlap."""

    sku = models.CharField(max_length=100)
    product_id = models.CharField(max_length=40)
    snapshot_on = models.DateField()
    available = models.IntegerField()
    age_0_90 = models.IntegerField()
    age_91_180 = models.IntegerField()
    age_181_270 = models.IntegerField()
    age_271_365 = models.IntegerField()
    age_over_365 = models.IntegerField()
    currency = models.CharField(max_length=3)
    storage_cost_next_month_amount = money_field(null=True)

    class Meta:
        db_table = "fact_inventory_age"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "sku", "snapshot_on"], name="fact_inventory_age_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "snapshot_on"], name="inventory_age_snapshot"),
        ]
