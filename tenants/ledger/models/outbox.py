"""News for the apps above, written in the transaction of the change it tells of."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class OutboxEvent(TenantModel):
    """One event; `config.pipeline` says which jobs it starts. Dispatched rows are purged after a week."""

    type = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=models.Q(dispatched_at=None), name="outbox_pending")]
