"""Financial movements: what the platform credited and charged, leaf by leaf."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class Charge(Fact):
    """One leaf of a transaction, signed from the seller's side.

    `cohort_on` is the shop day of the order it belongs to, null until that order is known.
    """

    transaction_id = models.CharField(max_length=120)
    line_no = models.CharField(max_length=80)
    kind = models.CharField(max_length=24)
    status = models.CharField(max_length=24)
    platform_order_id = models.CharField(max_length=40)
    sku = models.CharField(max_length=100)
    posted_at = models.DateTimeField()
    business_on = models.DateField()
    cohort_on = models.DateField(null=True)
    quantity = models.IntegerField()
    currency = models.CharField(max_length=3)
    amount = money_field()
    description = models.CharField(max_length=200)

    class Meta:
        db_table = "fact_charge"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "transaction_id", "line_no"], name="fact_charge_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="charge_business"),
            models.Index(fields=["store_id", "cohort_on"], name="charge_cohort"),
            models.Index(fields=["store_id", "platform_order_id", "sku"], name="charge_platform_sku"),
        ]
