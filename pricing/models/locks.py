"""Locks: reasons for which no rule may move a listing's price, each from a moment until another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tenants.fence import TenantModel


class PriceLock(TenantModel):
    """A listing's price must be left alone between `from_at` and `until_at` (None: until it is released).

    `source_id` is the promotion, test or pilot that holds the lock, 0 for one that a person set by hand. A
    lock is never deleted: `released_at` ends it before its time.
    """

    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, help_text="A pricing.types.LockKind.")
    source_id = models.BigIntegerField(default=0)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300)
    set_at = models.DateTimeField()
    set_by = models.CharField(max_length=150)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=150, blank=True)
    release_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "sku", "kind", "source_id"],
                condition=Q(released_at__isnull=True),
                name="price_lock_one_unreleased_per_source",
            ),
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gt=F("from_at")),
                name="price_lock_ends_after_its_start",
            ),
        ]
        indexes = [models.Index(fields=["kind", "source_id"], name="price_lock_of_source")]
