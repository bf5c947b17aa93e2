"""Answers already given, so that a request sent twice acts once."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class IdempotencyRecord(TenantModel):
    """One Idempotency-Key of one actor. `status` is null while the first request is still being answered."""

    actor_key = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField()
    locked_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_key", "key"], name="idempotency_one_per_actor")]
