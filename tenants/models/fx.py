"""Reference exchange rates of the European Central Bank's shape: units of a currency per one euro, by day."""

from __future__ import annotations

from django.db import models


class FXRate(models.Model):
    """Units of `currency` for 1 EUR on the date `rate_on` (TARGET business days, Frankfurt's date)."""

    source = models.CharField(max_length=32, default="ecb")
    currency = models.CharField(max_length=3)
    rate_on = models.DateField()
    per_eur = models.DecimalField(max_digits=18, decimal_places=8)
    fetched_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "currency", "rate_on"], name="fx_rate_one_per_day"),
            models.CheckConstraint(condition=models.Q(per_eur__gt=0), name="fx_rate_positive"),
        ]
