"""The hash-chained record of every change. The application may insert and read, never change or delete."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class AuditEntry(TenantModel):
    """One change (or one look). `entry_hash` covers every column and the hash before it."""

    seq = models.BigIntegerField(unique=True, help_text="1, 2, 3 … without a gap, per client.")
    at = models.DateTimeField(db_index=True)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=254)
    request_id = models.CharField(max_length=64, blank=True)
    verb = models.CharField(max_length=64, db_index=True)
    target_type = models.CharField(max_length=64)
    target_id = models.CharField(max_length=64, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    previous_hash = models.BinaryField(max_length=32)
    entry_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_target")]


class AuditAnchor(TenantModel):
    """A signed head of the chain, so that cutting off its tail is seen."""

    seq = models.BigIntegerField(unique=True)
    entry_hash = models.BinaryField(max_length=32)
    signature = models.BinaryField()
    key_id = models.CharField(max_length=32)
    signed_at = models.DateTimeField()
