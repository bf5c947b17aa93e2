"""The queue of automated results that people check, and how large a share of each kind is drawn."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from tenants.fence import TenantModel


class SamplingSetting(TenantModel):
    """The share of a kind that is drawn, with the seed by which anybody can repeat the draw."""

    kind = models.CharField(max_length=20, unique=True)
    share = models.DecimalField(max_digits=5, decimal_places=4)
    seed = models.CharField(max_length=64)
    drawn_through = models.DateTimeField(null=True, help_text="Results until then were drawn from.")
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=254)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="sampling_share_is_a_share")
        ]


class SampledItem(TenantModel):
    """An automated result that was drawn, as it was then, and what the person said of it."""

    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=200)
    store_id = models.BigIntegerField()
    result = models.JSONField(help_text="What the automation found, with what it went by.")
    seed = models.CharField(max_length=64)
    share = models.DecimalField(max_digits=5, decimal_places=4)
    drawn_at = models.DateTimeField()
    answer = models.CharField(max_length=8, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=254, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "reference"], name="sampled_item_once"),
        ]
        indexes = [models.Index(fields=["kind", "answered_at"], name="sampled_item_answers")]
