"""How buyers and the platform judge the account."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact


class Performance(Fact):
    """A figure of the platform's own account-health report, as delivered."""

    metric = models.CharField(max_length=60)
    scope = models.CharField(max_length=24)
    reported_on = models.DateField()
    window_start_on = models.DateField()
    window_end_on = models.DateField()
    rate = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    target = models.DecimalField(max_digits=12, decimal_places=8, null=True)
    target_condition = models.CharField(max_length=24)
    numerator = models.IntegerField(null=True)
    denominator = models.IntegerField(null=True)
    status = models.CharField(max_length=24)

    class Meta:
        db_table = "fact_performance"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "metric", "scope", "reported_on"], name="fact_performance_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "reported_on"], name="performance_reported"),
        ]


class Feedback(Fact):
    """A rating of the seller, 1 to 5, without words."""

    feedback_key = models.CharField(max_length=80)
    platform_order_id = models.CharField(max_length=40)
    business_on = models.DateField()
    rating = models.IntegerField()

    class Meta:
        db_table = "fact_feedback"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "feedback_key"], name="fact_feedback_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="feedback_business"),
        ]
