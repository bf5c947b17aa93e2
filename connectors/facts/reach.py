"""How far offers reach: ranks, and what visitors of an own shop did."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact


class RankDay(Fact):
    """See `connectors.records.RankDayRecord` for the meaning of every column."""

    sku = models.CharField(max_length=100)
    product_id = models.CharField(max_length=40)
    category = models.CharField(max_length=120)
    business_on = models.DateField()
    rank = models.IntegerField()

    class Meta:
        db_table = "fact_rank_day"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "sku", "category", "business_on"], name="fact_rank_day_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="rank_day_day"),
        ]


class FunnelDay(Fact):
    """See `connectors.records.FunnelDayRecord` for the meaning of every column."""

    channel = models.CharField(max_length=12)
    business_on = models.DateField()
    sessions = models.IntegerField()
    cart_sessions = models.IntegerField()
    checkouts_started = models.IntegerField()
    checkouts_completed = models.IntegerField()
    orders = models.IntegerField()

    class Meta:
        db_table = "fact_funnel_day"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "channel", "business_on"], name="fact_funnel_day_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="funnel_day_day"),
        ]
