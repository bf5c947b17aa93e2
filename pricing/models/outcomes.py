"""What executed prices achieved: the window is frozen before any result exists."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import money_field
from tenants.fence import TenantModel


class PriceOutcome(TenantModel):
    """An outcome window of an executed recommendation.

    Days are shop days, both ends included. `metrics` and `controls` (SKUs that are not treated) are written
    when the price is executed and never changed; `estimates` holds per metric what the last measurement
    found. `promised_gain_amount` is the gain per day the suggestion expected, `delay_cost_amount` what the
    cost-of-delay model said waiting had cost, `delay_actual_amount` the same with the measured gain.
    """

    recommendation_id = models.BigIntegerField(unique=True)
    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    opened_at = models.DateTimeField()
    before_first = models.DateField()
    before_last = models.DateField()
    after_first = models.DateField()
    after_last = models.DateField()
    metrics = models.JSONField()
    controls = models.JSONField()
    hours_waited = models.DecimalField(max_digits=10, decimal_places=2)
    promised_gain_amount = money_field(null=True)
    delay_cost_amount = money_field(null=True)
    delay_actual_amount = money_field(null=True)
    verdict = models.CharField(max_length=16, help_text="measuring, or a pricing.engine.outcome.Verdict.")
    doubts = models.JSONField(default=list)
    estimates = models.JSONField(default=dict)
    measured_at = models.DateTimeField(null=True)
    is_final = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["is_final", "after_last"], name="price_outcome_due")]
