"""Advertising by day: spend, clicks and attributed sales."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class AdDay(Fact):
    """One advertised product in one campaign on one day."""

    profile_id = models.CharField(max_length=40)
    campaign_id = models.CharField(max_length=40)
    ad_group_id = models.CharField(max_length=40)
    ad_product = models.CharField(max_length=40)
    sku = models.CharField(max_length=100)
    product_id = models.CharField(max_length=40)
    business_on = models.DateField()
    impressions = models.IntegerField()
    clicks = models.IntegerField()
    currency = models.CharField(max_length=3)
    cost_amount = money_field()
    sales_7d_amount = money_field()
    sales_14d_amount = money_field()
    orders_7d = models.IntegerField()
    units_7d = models.IntegerField()

    class Meta:
        db_table = "fact_ad_day"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "store_id",
                    "profile_id",
                    "campaign_id",
                    "ad_group_id",
                    "sku",
                    "product_id",
                    "business_on",
                ],
                name="fact_ad_day_natural_key",
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="ad_day_business"),
        ]
