"""Silences: what is not told for a while, why, and until when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tenants.fence import TenantModel


class Silence(TenantModel):
    """Alerts that match are not told between `starts_at` and `ends_at`, except that they ended.

    Every list that is not empty has to match: rule keys, store ids, subjects (`*` stands for anything) and
    severities. A silence is never deleted: `ended_at` ends it before its time.
    """

    rules = models.JSONField(default=list)
    store_ids = models.JSONField(default=list)
    subjects = models.JSONField(default=list)
    severities = models.JSONField(default=list)
    reason = models.CharField(max_length=500)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    version = models.PositiveIntegerField(default=1)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="silence_ends_after_its_start"
            )
        ]
        indexes = [models.Index(fields=["ends_at"], name="silence_by_end")]
