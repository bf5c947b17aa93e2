"""What the platform estimates selling one unit costs."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class FeeEstimate(Fact):
    """Estimated fees for one unit at a price; positive amounts."""

    sku = models.CharField(max_length=100)
    product_id = models.CharField(max_length=40)
    estimated_on = models.DateField()
    currency = models.CharField(max_length=3)
    price_amount = money_field()
    referral_amount = money_field()
    fulfilment_amount = money_field()
    closing_amount = money_field()
    other_amount = money_field()
    total_amount = money_field()

    class Meta:
        db_table = "fact_fee_estimate"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "sku", "estimated_on"], name="fact_fee_estimate_natural_key"
            ),
        ]
