"""How each client is doing, gathered in one public table: monitoring must not visit a thousand schemas."""

from __future__ import annotations

from django.db import models


class ClientVitals(models.Model):
    """What was last measured at a client; client_id 0: the provider.

    Instants are kept, not ages: an age read later has grown by itself, even if nobody measures again.
    """

    client_id = models.BigIntegerField(primary_key=True)
    jobs = models.JSONField(default=dict, help_text="Unfinished jobs by state.")
    oldest_due_at = models.DateTimeField(null=True, help_text="When the first job that nobody holds is due.")
    streams = models.JSONField(default=dict, help_text="Streams of active stores by freshness.")
    oldest_as_of = models.DateTimeField(null=True, help_text="Up to when the oldest stream is known.")
    stale_at = models.DateTimeField(null=True, help_text="When the first stream is older than allowed.")
    measured_at = models.DateTimeField()
