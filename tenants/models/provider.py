"""Who runs this deployment: the one service provider (agency) and what it reports in."""

from __future__ import annotations

from django.db import models


class Provider(models.Model):
    """The agency itself; exactly one row, enforced by the constraint on its key."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=200)
    locale = models.CharField(max_length=10, default="zh-Hans")
    reporting_currency = models.CharField(max_length=3, default="USD")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="provider_only_one")]
