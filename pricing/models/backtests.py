"""Backtests: what a rule set would have done with some listings of a store in the last days."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class PriceBacktest(TenantModel):
    """A replay of a rule set (`document`, and its key and version where it is a saved one) over `days` shop
    days up to `last_on`, for the listings `skus`. What it found is written per listing, once."""

    store_id = models.BigIntegerField()
    rule_set_key = models.CharField(max_length=60, blank=True)
    rule_set_version = models.PositiveIntegerField(null=True)
    document = models.JSONField()
    skus = models.JSONField()
    days = models.PositiveSmallIntegerField()
    last_on = models.DateField()
    elasticity = models.DecimalField(
        max_digits=8,
        decimal_places=4,
        null=True,
        help_text="Given by whoever asked; else each listing's own.",
    )
    job_id = models.BigIntegerField(null=True)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=150)
    finished_at = models.DateTimeField(null=True)


class PriceBacktestItem(TenantModel):
    """The replay of one listing; `problem` says why there is none."""

    backtest = models.ForeignKey(PriceBacktest, on_delete=models.CASCADE, related_name="items")
    sku = models.CharField(max_length=100)
    problem = models.CharField(max_length=300, blank=True)
    summary = models.JSONField(null=True)
    days = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["backtest", "sku"], name="price_backtest_item_once"),
        ]
