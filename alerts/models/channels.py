"""Where notices go out to, and how each person wants to be told."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class Channel(TenantModel):
    """A way out: a chat group's robot, a system's webhook, a mailing list, or one person's own address.

    `user_id` 0: shared, told of every notice that is severe enough and of its stores (none named: all). What
    must stay secret is sealed in `secrets`, a JSON object by the kind's own names; a webhook's signing secret
    that was replaced goes on signing beside the new one from `former_secret` until `former_until`.
    """

    kind = models.CharField(max_length=16, help_text="A key of alerts.channels.CHANNELS.")
    name = models.CharField(max_length=100)
    user_id = models.BigIntegerField(default=0)
    config = models.JSONField(default=dict)
    secrets = models.BinaryField(null=True)
    former_secret = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    language = models.CharField(max_length=10, default="en")
    min_severity = models.CharField(max_length=8, default="info", help_text="An alerts.types.Severity.")
    store_ids = models.JSONField(default=list)
    state = models.CharField(max_length=8, default="active", help_text="A ChannelState.")
    state_reason = models.CharField(max_length=300, blank=True)
    failures = models.PositiveIntegerField(
        default=0, help_text="Deliveries given up since one went out: several of them break the channel."
    )
    verified_at = models.DateTimeField(null=True, help_text="When something first went out by it as it is.")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    owner_id = models.BigIntegerField(null=True, help_text="The person told when it breaks.")
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alerts_channel"
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(deleted_at__isnull=True),
                name="channel_one_per_name",
            )
        ]


class NoticePreference(TenantModel):
    """How one person wants to be told of this client's alerts; without a row: by mail, of everything.

    `channel_ids` are channels of the person's own; `by_mail` is the address they log in with. `language`
    empty: the one they use the product in.
    """

    user_id = models.BigIntegerField(unique=True)
    by_mail = models.BooleanField(default=True)
    channel_ids = models.JSONField(default=list)
    language = models.CharField(max_length=10, blank=True)
    min_severity = models.CharField(max_length=8, default="info")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "alerts_notice_preference"
