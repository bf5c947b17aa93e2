"""Prices that people or platforms stated beside the listing's own: each kind a fact of its own, dated."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from connectors.facts.base import money_field
from tenants.fence import TenantModel


class PriceFact(TenantModel):
    """A base price, promotion, deal, coupon, offer of points or bundle of a listing, while it holds.

    See `pricing.engine.effective_price.DatedFact` for the meaning of the figures. Rows are never changed: one
    that was wrong is withdrawn, and stays as the record of what was stated. Base prices that syncs observe
    are `PriceObservation`s; a base price here is only what somebody stated.
    """

    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    kind = models.CharField(max_length=12, help_text="A pricing.engine.price_history.PriceKind.")
    currency = models.CharField(max_length=3)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    amount = money_field(null=True)
    share = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    quantity = models.PositiveIntegerField(default=1)
    fee_amount = money_field(null=True)
    fee_share = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    use_share = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    promotion_id = models.BigIntegerField(null=True, help_text="The promotion it is a part of.")
    source = models.CharField(max_length=200, help_text="Where it was read or who says so.")
    stated_at = models.DateTimeField()
    stated_by = models.CharField(max_length=150)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_at__isnull=True) | Q(until_at__gt=F("from_at")),
                name="price_fact_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=False) ^ Q(share__isnull=False), name="price_fact_amount_or_share"
            ),
        ]
        indexes = [models.Index(fields=["store_id", "sku", "from_at"], name="price_fact_of_listing")]
