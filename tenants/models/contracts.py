"""What the agency and a client agreed on, in dated versions; rows are never changed."""

from __future__ import annotations

from django.db import models

from tenants.types import SlaClass


class Contract(models.Model):
    """One version of a client's contract; the newest that is effective on a day counts on it."""

    client_id = models.BigIntegerField()
    version = models.PositiveIntegerField(help_text="1, 2, 3 … per client.")
    effective_on = models.DateField(help_text="The first day, by `time_zone`, on which it counts.")
    modules = models.JSONField(help_text="Of tenants.types.ContractModule.")
    reports = models.JSONField(help_text="Of tenants.types.ReportCadence.")
    sla_class = models.CharField(max_length=8, choices=[(s.value, s.value) for s in SlaClass])
    contact_id = models.BigIntegerField(null=True, help_text="The person of the agency: a member's user id.")
    contact_time_zone = models.CharField(max_length=64)
    time_zone = models.CharField(max_length=64, help_text="By whose clock the client's office is open.")
    opens = models.PositiveSmallIntegerField(help_text="Minutes after midnight.")
    closes = models.PositiveSmallIntegerField(help_text="Minutes after midnight; 1440 is its end.")
    weekdays = models.JSONField(help_text="ISO weekdays; 1 is Monday.")
    holiday_market = models.CharField(max_length=2, blank=True, help_text="Whose rest days are kept.")
    start_on = models.DateField()
    end_on = models.DateField(null=True)
    exit_window_days = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client_id", "version"], name="contract_version"),
            models.CheckConstraint(
                condition=models.Q(end_on__isnull=True) | models.Q(end_on__gte=models.F("start_on")),
                name="contract_ends_after_start",
            ),
            models.CheckConstraint(
                condition=models.Q(opens__lt=models.F("closes"), closes__lte=1440), name="contract_hours"
            ),
        ]
