"""What was told to whom by which way: the log of all deliveries, and what is still to be sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.fence import TenantModel


class Delivery(TenantModel):
    """One notice of one alert to one recipient by one channel, written before anything is sent.

    `channel_id` 0 is the mail address that the recipient logs in with; `recipient_id` 0 a shared channel.
    Several that are due together go out as one message: `batch` is the first of them, fixed before the first
    attempt, so that every further attempt sends the same message under the same id. `claim` and
    `claimed_until` (database time) keep two workers from sending it at once; a worker that died loses it.
    """

    alert_id = models.BigIntegerField()
    sequence = models.PositiveIntegerField()
    notice = models.CharField(max_length=16, help_text="An alerts.types.Notice.")
    severity = models.CharField(max_length=8)
    store_id = models.BigIntegerField(null=True)
    channel_id = models.BigIntegerField(default=0)
    recipient_id = models.BigIntegerField(default=0)
    language = models.CharField(max_length=10)
    facts = models.JSONField(help_text="What is told, as it was when the notice fell due.")
    state = models.CharField(max_length=8, default="queued", help_text="A DeliveryState.")
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(help_text="When it is tried next; of a finished one, when it was last.")
    batch = models.BigIntegerField(null=True)
    claim = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True)
    reference = models.CharField(max_length=200, blank=True, help_text="The id that the channel gave.")
    answer = models.CharField(max_length=300, blank=True)
    error = models.CharField(max_length=24, blank=True, help_text="A DeliveryError, of the last attempt.")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    replays = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "alerts_delivery"
        constraints = [
            models.UniqueConstraint(
                fields=["alert_id", "sequence", "channel_id", "recipient_id"],
                name="delivery_one_per_notice_and_way",
            )
        ]
        indexes = [
            models.Index(
                fields=["channel_id", "recipient_id"], condition=Q(state="queued"), name="delivery_due"
            ),
            models.Index(fields=["alert_id"], name="delivery_of_alert"),
            models.Index(fields=["state", "-id"], name="delivery_by_state"),
        ]
