"""Promotions: planned with their end and the price after it, and whether that price came back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from connectors.facts.base import money_field
from tenants.fence import TenantModel


class Promotion(TenantModel):
    """Lower prices of some listings of a store from `starts_at` until just before `ends_at`.

    Both were stated in the market's time zone. `coupon_*`, `points_share` and `ad_uplift_share` are what a
    unit costs beside the lower price; see `pricing.engine.promotions.Terms`. `checks` are what was found when
    it was planned.
    """

    store_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, help_text="promotion or deal.")
    state = models.CharField(max_length=14, help_text="A pricing.engine.promotions.PromotionState.")
    version = models.PositiveIntegerField(default=1)
    currency = models.CharField(max_length=3)
    time_zone = models.CharField(max_length=64)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    restore_hours = models.PositiveIntegerField(help_text="How many hours after the end prices must be back.")
    shows_reference = models.BooleanField(help_text="Is the former price shown beside the lower one?")
    coupon_amount = money_field(null=True)
    coupon_share = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    coupon_fee_amount = money_field(null=True)
    coupon_fee_share = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    points_share = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    ad_uplift_share = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    expected_uplift = models.DecimalField(
        max_digits=9, decimal_places=4, null=True, help_text="Additional units as a share: 0.5 is half more."
    )
    budget_amount = money_field(null=True)
    note = models.CharField(max_length=500, blank=True)
    checks = models.JSONField(default=list)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=150)
    closed_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="promotion_ends_after_its_start"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "starts_at"], name="promotion_of_store"),
            models.Index(fields=["state", "ends_at"], name="promotion_due"),
        ]


class PromotionItem(TenantModel):
    """One listing in a promotion. `pre_amount` is its price when that was planned, `restore_amount` the one
    it is to have afterwards; `is_restored` is None until observed prices tell, `restored_at` since when."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="items")
    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    promo_amount = money_field()
    pre_amount = money_field()
    restore_amount = money_field()
    is_restored = models.BooleanField(null=True)
    restored_at = models.DateTimeField(null=True)
    observed_amount = money_field(null=True)
    checked_at = models.DateTimeField(null=True)
    alarmed_at = models.DateTimeField(null=True, help_text="When it was told that the price is not back.")
    recommendation_id = models.BigIntegerField(null=True, help_text="The suggestion to restore the price.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promotion", "sku"], name="promotion_item_once"),
        ]
        indexes = [models.Index(fields=["store_id", "sku"], name="promotion_item_of_listing")]
