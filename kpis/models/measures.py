"""What was known about every measure of every shop day, and since when; and the current totals per period."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class RollupBatch(TenantModel):
    """One roll-up that changed something. Batches never overlap in time, so `number` orders them."""

    number = models.BigIntegerField(unique=True)
    rolled_up_at = models.DateTimeField()
    days = models.PositiveIntegerField()
    opened = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()


class DailyMeasure(TenantModel):
    """A measure of one store on one shop day, as known from `known_from` until `known_to` (null: still).

    System-versioned: a changed value closes the row and opens another, nothing is updated otherwise. A day
    without a row of a measure had no fact for it. `value` is in the store's currency where it is money
    (`currency` "" otherwise), `reporting_value` in the client's reporting currency of that time by the rate
    of `rate_on`; either is null when a rate was missing, and `why_missing` says so.
    """

    store_id = models.BigIntegerField()
    business_on = models.DateField()
    measure = models.CharField(max_length=48)
    currency = models.CharField(max_length=3, blank=True)
    value = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    reporting_currency = models.CharField(max_length=3, blank=True)
    reporting_value = models.DecimalField(max_digits=30, decimal_places=10, null=True)
    rate_on = models.DateField(null=True)
    why_missing = models.CharField(max_length=24, blank=True)
    batch = models.BigIntegerField()
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True)

    class Meta:
        db_table = "kpis_daily_measure"
        constraints = [
            # Everything a sum over days reads is in the index, so windows never touch the table.
            models.UniqueConstraint(
                fields=["store_id", "measure", "business_on"],
                condition=models.Q(known_to=None),
                include=["value", "reporting_value", "rate_on"],
                name="daily_measure_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(known_to=None) | models.Q(known_to__gt=models.F("known_from")),
                name="daily_measure_known_in_order",
            ),
        ]
        indexes = [
            models.Index(
                fields=["store_id", "measure", "business_on", "known_from"],
                condition=models.Q(known_to__isnull=False),
                name="daily_measure_former",
            ),
            # For days whose rate was published late or never: see services.rollup.
            models.Index(
                fields=["business_on", "store_id"],
                condition=models.Q(known_to=None, why_missing="fx_missing"),
                name="daily_measure_without_rate",
            ),
        ]


class PeriodTotals(TenantModel):
    """The sums of all measures of one store over one week or month, kept with the roll-up that changed a day.

    A scorecard reads three of these rows per store however many KPIs it has. `totals` maps a measure to
    [value, reporting value, days with a row], numbers as text; `rates` holds the first and last date of the
    exchange rates used. A row can be rebuilt from `DailyMeasure` at any time.
    """

    store_id = models.BigIntegerField()
    kind = models.CharField(max_length=8, help_text="week or month")
    starts_on = models.DateField()
    reporting_currency = models.CharField(max_length=3)
    totals = models.JSONField()
    rates = models.JSONField()
    batch = models.BigIntegerField()

    class Meta:
        db_table = "kpis_period_totals"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "kind", "starts_on"], name="period_totals_one_each")
        ]
