"""What happened at the client, in the order in which it became known: the live feed's memory."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class FeedEntry(TenantModel):
    """One piece of news. Ids rise in the order of commits, so a reader who has seen one misses none before.

    `event_id` is the outbox event behind it; `data` are its ids and plain values. Rows go after a week.
    """

    event_id = models.BigIntegerField(unique=True)
    kind = models.CharField(max_length=64)
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
