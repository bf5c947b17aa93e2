"""How we reach a client's stores: the connection with its sealed credential, and the stores behind it."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class StoreConnection(TenantModel):
    """One authorisation at one platform; it may open several stores. Its credential is always sealed."""

    platform = models.CharField(max_length=32)
    name = models.CharField(max_length=100)
    account = models.JSONField(default=dict, help_text="Public account ids: seller_id, profile ids.")
    credential = models.BinaryField(null=True, help_text="Sealed JSON; see tenants.crypto.")
    state = models.CharField(max_length=24, default="active", help_text="active, needs_attention, revoked")
    attention = models.JSONField(null=True, help_text="code, message, since: why a person is needed.")
    warnings = models.JSONField(default=list, help_text="Write scopes the platform cannot withhold.")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)


class Store(TenantModel):
    """One shop in one marketplace. `time_zone` rules its business days."""

    connection = models.ForeignKey(StoreConnection, on_delete=models.PROTECT, related_name="stores")
    ads_connection = models.ForeignKey(
        StoreConnection, on_delete=models.PROTECT, related_name="advertised_stores", null=True
    )
    platform = models.CharField(max_length=32)
    market = models.CharField(max_length=2)
    marketplace_id = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    backfill_days = models.PositiveSmallIntegerField(
        default=90, help_text="How far back a stream's first sync reaches."
    )
    brand = models.CharField(
        max_length=100,
        blank=True,
        default="",
        help_text="Stores of one brand are read together; may be empty.",
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "marketplace_id"], name="store_one_per_market")
        ]
