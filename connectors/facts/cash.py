"""Money outside the platform's fees: other expenses, and payouts to the bank."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class Expense(Fact):
    """See `connectors.records.ExpenseRecord` for the meaning of every column."""

    expense_key = models.CharField(max_length=160)
    kind = models.CharField(max_length=24)
    business_on = models.DateField()
    sku = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    amount = money_field()

    class Meta:
        db_table = "fact_expense"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "expense_key"], name="fact_expense_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="expense_day"),
        ]


class Payout(Fact):
    """See `connectors.records.PayoutRecord` for the meaning of every column."""

    payout_key = models.CharField(max_length=160)
    business_on = models.DateField()
    currency = models.CharField(max_length=3)
    expected_amount = money_field()
    paid_amount = money_field()
    mean_days = models.DecimalField(max_digits=18, decimal_places=6)
    booked_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    paid_rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)

    class Meta:
        db_table = "fact_payout"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "payout_key"], name="fact_payout_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="payout_day"),
        ]
