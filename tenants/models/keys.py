"""Each client's data key, wrapped by a key-encryption key. Without the row the client's secrets are gone."""

from __future__ import annotations

from django.db import models

from tenants.models.clients import Client


class ClientKey(models.Model):
    """One wrapped data key. `wrapped` is null once shredded; the row stays as evidence."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="keys")
    version = models.PositiveIntegerField(default=1)
    kek_id = models.CharField(max_length=32, help_text="Which key-encryption key wraps it.")
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    shredded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "version"], name="client_key_version")]
