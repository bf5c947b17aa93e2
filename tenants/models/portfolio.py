"""The agency's view over its clients: one row of aggregates each, so that nobody visits all schemas.

Nothing of a client's own can get in here: every column is a number, an instant, or a word of a fixed list
that the database itself holds it to.
"""

from __future__ import annotations

from django.db import models

from tenants.types import HealthBand, PacingBand


class PortfolioRow(models.Model):
    """What was last counted at a client."""

    client_id = models.BigIntegerField(primary_key=True)
    band = models.CharField(max_length=8, choices=[(b.value, b.value) for b in PacingBand])
    shortfall = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, help_text="Sales behind target as a fraction; < 0: ahead."
    )
    health = models.CharField(max_length=8, choices=[(h.value, h.value) for h in HealthBand])
    alerts_info = models.PositiveIntegerField(default=0)
    alerts_warning = models.PositiveIntegerField(default=0)
    alerts_critical = models.PositiveIntegerField(default=0)
    stale_streams = models.PositiveIntegerField(default=0)
    overdue_actions = models.PositiveIntegerField(default=0)
    overdue_approvals = models.PositiveIntegerField(default=0)
    breached_clocks = models.PositiveIntegerField(default=0)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(band__in=[b.value for b in PacingBand]), name="portfolio_band_of_list"
            ),
            models.CheckConstraint(
                condition=models.Q(health__in=[h.value for h in HealthBand]), name="portfolio_health_of_list"
            ),
        ]
