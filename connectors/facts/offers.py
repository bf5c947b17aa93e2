"""Offers of ourselves and of competitors, as observed."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class OfferSnapshot(Fact):
    """One seller's offer for a product at a moment."""

    product_id = models.CharField(max_length=40)
    seller_id = models.CharField(max_length=40)
    is_own = models.BooleanField()
    condition = models.CharField(max_length=40)
    channel = models.CharField(max_length=12)
    observed_at = models.DateTimeField()
    business_on = models.DateField()
    currency = models.CharField(max_length=3)
    price_amount = money_field()
    shipping_amount = money_field()
    points_amount = money_field()
    landed_amount = money_field()
    is_featured = models.BooleanField()

    class Meta:
        db_table = "fact_offer_snapshot"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "product_id", "seller_id", "condition", "channel", "observed_at"],
                name="fact_offer_snapshot_natural_key",
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="offer_snapshot_business"),
            models.Index(
                fields=["store_id", "product_id", "observed_at"], name="offer_snapshot_product_observe"
            ),
        ]
