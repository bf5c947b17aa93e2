"""Visits and the Buy Box, by day."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class TrafficDay(Fact):
    """Visits of a shop day; `product_id` is empty on the row of the whole store."""

    business_on = models.DateField()
    product_id = models.CharField(max_length=40)
    sku = models.CharField(max_length=100)
    sessions = models.IntegerField()
    page_views = models.IntegerField()
    buy_box_share = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    units_ordered = models.IntegerField()
    orders = models.IntegerField()
    currency = models.CharField(max_length=3)
    ordered_sales_amount = money_field()

    class Meta:
        db_table = "fact_traffic_day"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "business_on", "product_id", "sku"], name="fact_traffic_day_natural_key"
            ),
        ]
