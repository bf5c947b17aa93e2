"""Our own prices as syncs saw them change, and what became of approved prices."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import money_field
from tenants.fence import TenantModel


class PriceObservation(TenantModel):
    """A price of ours that a sync saw for the first time; equal ones are not stored again.

    `kind` is `listing` (the base price) or `offer` (what buyers see as our own offer). `previous_amount` is
    the price of the same kind before, None for the first one seen. `is_change` is False for a first sight
    and for the echo of a change that the other kind showed already. `recommendation_id` names the approved
    suggestion it was measured against. Rows are never changed.
    """

    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    kind = models.CharField(max_length=8)
    amount = money_field()
    previous_amount = money_field(null=True)
    currency = models.CharField(max_length=3)
    observed_at = models.DateTimeField(help_text="Since when it is shown, as far as syncs know.")
    business_on = models.DateField()
    is_change = models.BooleanField()
    run_id = models.BigIntegerField(help_text="The sync run that brought it.")
    recommendation_id = models.BigIntegerField(null=True)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "sku", "kind", "observed_at"], name="price_observation_natural_key"
            )
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="price_observation_day"),
            models.Index(fields=["observed_at", "id"], name="price_observation_time"),
        ]


class PriceExecution(TenantModel):
    """Whether an approved price was live when it had to be: looked at once, `check_at`, and never again.

    `is_ok` is None until then; True when the live price was at most 0.5 % away from the approved one.
    """

    recommendation_id = models.BigIntegerField(unique=True)
    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    approved_at = models.DateTimeField()
    due_at = models.DateTimeField()
    check_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True, help_text="The first change of the live price since.")
    live_amount = money_field(null=True)
    is_ok = models.BooleanField(null=True)

    class Meta:
        indexes = [models.Index(fields=["store_id", "is_ok", "check_at"], name="price_execution_due")]
