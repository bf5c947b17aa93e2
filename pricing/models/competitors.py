"""Whose offers are no rivals', and from where offers may come beside the platform's own interface."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class SisterSeller(TenantModel):
    """A seller id that belongs to the client or to a partner and must never be taken for a rival."""

    seller_id = models.CharField(max_length=40)
    platform = models.CharField(max_length=24, blank=True, help_text="Empty: on every platform.")
    relation = models.CharField(max_length=12, help_text="sister or partner")
    note = models.CharField(max_length=300, blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        db_table = "pricing_sister_seller"
        constraints = [
            models.UniqueConstraint(fields=["platform", "seller_id"], name="sister_seller_natural_key"),
        ]


class PermittedSource(TenantModel):
    """A source, beside the platform's own interface, from which rivals' offers may be taken, and why it may.

    `market` empty means every market. A source that is not here or not active is not used, whatever it says.
    """

    key = models.SlugField(max_length=40)
    market = models.CharField(max_length=2, blank=True)
    title = models.CharField(max_length=120)
    basis = models.CharField(max_length=24, help_text="On what ground it may be used.")
    reference = models.CharField(max_length=500, help_text="Where that is written.")
    allowed_on = models.DateField(help_text="The first day on which it may be used.")
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)

    class Meta:
        db_table = "pricing_permitted_source"
        constraints = [
            models.UniqueConstraint(fields=["key", "market"], name="permitted_source_natural_key"),
        ]


class SourcedOffer(TenantModel):
    """What the offers' facts have no column for: where an offer was seen that no feed gave us, and how many
    pieces it holds (null: nobody knows). Its price is the fact of the same natural key."""

    store_id = models.BigIntegerField()
    product_id = models.CharField(max_length=40)
    seller_id = models.CharField(max_length=40)
    condition = models.CharField(max_length=40)
    channel = models.CharField(max_length=12)
    observed_at = models.DateTimeField()
    source = models.SlugField(max_length=40)
    pack_size = models.PositiveIntegerField(null=True)
    reference = models.CharField(max_length=500, blank=True)
    run_id = models.BigIntegerField()

    class Meta:
        db_table = "pricing_sourced_offer"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "product_id", "seller_id", "condition", "channel", "observed_at"],
                name="sourced_offer_natural_key",
            ),
        ]
