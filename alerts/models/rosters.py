"""Who is on duty, and when a person wants to be left alone: append-only rosters, a preference per person."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class DutyRoster(TenantModel):
    """A client's roster as it was put; the newest version is in force.

    `shifts` are objects of `alerts.engine.roster.Shift`: who, for which position and stores, at which level,
    on which weekdays and hours of their own time zone, between which days.
    """

    version = models.PositiveIntegerField(unique=True)
    shifts = models.JSONField(default=list)
    put_at = models.DateTimeField()
    put_by = models.CharField(max_length=150)


class Attention(TenantModel):
    """When a person wants to hear of this client's alerts: quiet hours, and a digest instead of each one.

    `quiet` is null or an object of `alerts.engine.quiet.QuietHours`. `digest` is off, daily or weekly, sent
    at `digest_hour` of `time_zone` (weekly on ISO `digest_weekday`); `digest_until` is how far it has told.
    """

    user_id = models.BigIntegerField(unique=True)
    time_zone = models.CharField(max_length=64)
    quiet = models.JSONField(null=True)
    digest = models.CharField(max_length=8, default="off")
    digest_hour = models.PositiveSmallIntegerField(default=8)
    digest_weekday = models.PositiveSmallIntegerField(default=1)
    digest_until = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
