"""Our own listings as they stand."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class Listing(Fact):
    """A product as it is offered now."""

    sku = models.CharField(max_length=100)
    product_id = models.CharField(max_length=40)
    title = models.CharField(max_length=500)
    status = models.CharField(max_length=24)
    condition = models.CharField(max_length=40)
    channel = models.CharField(max_length=12)
    currency = models.CharField(max_length=3)
    price_amount = money_field(null=True)
    opened_on = models.DateField(null=True)

    class Meta:
        db_table = "fact_listing"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "sku"], name="fact_listing_natural_key"),
        ]
