"""Price tests: two prices of a listing that take turns by drawn blocks of days, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from connectors.facts.base import money_field
from tenants.fence import TenantModel

OPEN_STATES = ("planned", "running")


class PriceTest(TenantModel):
    """A switchback test of one listing from the shop day `start_on` to `last_on`, both included.

    `assignment` says of every block whether it shows the treatment; it was drawn with `seed` when the test
    was planned and never changes, so that anybody can draw it again. `power` is what the listing's history
    promised then. A person sets the prices; `result` holds the compared arms and every day, counted or not.
    """

    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    control_amount = money_field()
    treatment_amount = money_field()
    start_on = models.DateField()
    last_on = models.DateField()
    blocks = models.PositiveIntegerField()
    block_days = models.PositiveIntegerField()
    washout_days = models.PositiveIntegerField()
    seed = models.CharField(max_length=64)
    assignment = models.JSONField(help_text="Per block: does it show the treatment?")
    power = models.JSONField(help_text="What history promised: see pricing.engine.power.Planned.")
    warnings = models.JSONField(default=list)
    guardrails = models.JSONField(help_text="See pricing.engine.trial.Guardrails.")
    state = models.CharField(max_length=12, help_text="A pricing.engine.trial.TrialState.")
    version = models.PositiveIntegerField(default=1)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=150)
    started_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    reasons = models.JSONField(default=list, help_text="Why it was stopped.")
    verdict = models.CharField(max_length=20, blank=True, help_text="A pricing.engine.trial.TrialVerdict.")
    result = models.JSONField(null=True)
    recommendation_id = models.BigIntegerField(null=True, help_text="The suggestion of the price to keep.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "sku"],
                condition=Q(state__in=OPEN_STATES),
                name="price_test_one_open_per_listing",
            ),
            models.CheckConstraint(
                condition=~Q(control_amount=F("treatment_amount")), name="price_test_prices_differ"
            ),
        ]
        indexes = [models.Index(fields=["state", "last_on"], name="price_test_due")]
