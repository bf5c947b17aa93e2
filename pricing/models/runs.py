"""Looking at many listings at once: a run, what it said of each listing, and how far it is."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import money_field
from tenants.fence import TenantModel


class PricingRun(TenantModel):
    """A pass over a store's listings, or over those of `skus` (empty: all of them), in the order of SKUs.

    Everything up to `last_sku` is done: each step commits what it suggested together with how far it came,
    so that a run that was interrupted goes on behind its last step. Where it stands follows from the
    instants; see `pricing.selectors.runs`.
    """

    store_id = models.BigIntegerField()
    trigger = models.CharField(max_length=16, help_text="manual, offers, costs, measures or nightly.")
    skus = models.JSONField(default=list, help_text="Empty: every listing of the store.")
    job_id = models.BigIntegerField(null=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=254)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(null=True, help_text="Listings to look at, known once it started.")
    last_sku = models.CharField(max_length=100, blank=True)
    suggested = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    blocked = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0, help_text="Suggestions that are new.")
    confirmed = models.PositiveIntegerField(default=0, help_text="Suggestions that stood already.")

    class Meta:
        db_table = "pricing_run"
        indexes = [models.Index(fields=["store_id", "-id"], name="pricing_run_of_store")]


class PricingRunItem(TenantModel):
    """What a run said of one listing, and why; written once, never changed."""

    run_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    outcome = models.CharField(max_length=12, help_text="A pricing.types.Outcome, or failed.")
    headline = models.CharField(max_length=300)
    reasons = models.JSONField(default=list)
    codes = models.JSONField(default=list, help_text="The codes of the reasons, to be found by.")
    currency = models.CharField(max_length=3, blank=True)
    current_amount = money_field(null=True)
    suggested_amount = money_field(null=True)
    recommendation_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "pricing_run_item"
        constraints = [
            models.UniqueConstraint(fields=["run_id", "sku"], name="pricing_run_item_once"),
        ]
        indexes = [models.Index(fields=["run_id", "outcome", "id"], name="pricing_run_item_outcome")]


class PricingRunEvent(TenantModel):
    """A step of a run, for those who watch it; `seq` counts from 1 within the run."""

    run_id = models.BigIntegerField()
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, help_text="started, progress or finished.")
    at = models.DateTimeField()
    data = models.JSONField()

    class Meta:
        db_table = "pricing_run_event"
        constraints = [
            models.UniqueConstraint(fields=["run_id", "seq"], name="pricing_run_event_once"),
        ]
