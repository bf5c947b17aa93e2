"""Settlement reports, line by line, with the total they must add up to."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class SettlementLine(Fact):
    """One row of a settlement report."""

    settlement_id = models.CharField(max_length=40)
    line_no = models.IntegerField()
    period_start_at = models.DateTimeField()
    period_end_at = models.DateTimeField()
    deposit_at = models.DateTimeField(null=True)
    total_amount = money_field()
    transaction_type = models.CharField(max_length=60)
    platform_order_id = models.CharField(max_length=40)
    sku = models.CharField(max_length=100)
    amount_type = models.CharField(max_length=60)
    amount_description = models.CharField(max_length=120)
    posted_at = models.DateTimeField(null=True)
    business_on = models.DateField()
    quantity = models.IntegerField()
    currency = models.CharField(max_length=3)
    amount = money_field()

    class Meta:
        db_table = "fact_settlement_line"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "settlement_id", "line_no"], name="fact_settlement_line_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="settlement_line_business"),
        ]
