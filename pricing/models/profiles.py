"""What pricing must know of a listing that no platform tells: its category, its returns, its bounds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from connectors.facts.base import money_field
from tenants.fence import TenantModel


def share_field() -> models.DecimalField:  # type: ignore[type-arg]
    """A fraction (0.154), or None where nobody stated one."""
    return models.DecimalField(max_digits=9, decimal_places=6, null=True)


class ListingProfile(TenantModel):
    """What was stated of one listing of a store; empty and None mean "not stated", never zero.

    Amounts are in the store's currency. Every change raises `version`; the audit log keeps what it was.
    """

    store_id = models.BigIntegerField()
    sku = models.CharField(max_length=100)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=150)

    fee_category = models.CharField(max_length=64, blank=True, help_text="The category of the fee tables.")
    size_tier = models.CharField(max_length=40, blank=True, help_text="The size tier of the fee tables.")
    length_cm = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    width_cm = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    height_cm = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    weight_grams = models.DecimalField(max_digits=18, decimal_places=8, null=True)

    origin = models.CharField(max_length=2, blank=True, help_text="The country the goods come from.")
    hts_code = models.CharField(max_length=16, blank=True)
    duty_rate = share_field()
    extra_duty_rate = share_field()
    is_importer = models.BooleanField(
        default=True, help_text="The seller is the importer of record: import tax can be reclaimed."
    )
    is_tax_exempt = models.BooleanField(null=True, help_text="None: as the policy says of the store.")
    is_reduced_tax = models.BooleanField(
        default=False, help_text="Taxed at the reduced rate (food in Japan)."
    )

    ads_mode = models.CharField(max_length=10, blank=True, help_text="A pricing.engine.terms.AdsMode.")
    ads_share = share_field()
    ads_cost_per_click_amount = money_field(null=True)
    ads_conversion_rate = share_field()
    ads_unit_share = share_field()

    return_rate = share_field()
    return_admin_rate = share_field()
    return_admin_cap_amount = money_field(null=True)
    return_processing_amount = money_field(null=True)
    return_salvage = share_field()

    payment_mix = models.JSONField(default=dict, help_text='Shares by way of payment: {"card": "0.7"}.')
    pack_size = models.PositiveIntegerField(default=1)
    condition = models.CharField(max_length=40, blank=True)
    lowest_amount = money_field(null=True)
    highest_amount = money_field(null=True)
    advertised_amount = money_field(null=True)

    tier = models.CharField(max_length=10, default="regular", help_text="A pricing.types.Tier.")
    objective = models.CharField(max_length=10, default="profit", help_text="A pricing.types.Objective.")
    target_margin = share_field()
    floor_margin = share_field()
    family = models.CharField(max_length=64, blank=True)
    family_rank = models.PositiveIntegerField(null=True, help_text="Higher ranks are never cheaper.")
    components = models.JSONField(default=list, help_text='A bundle: [{"sku": "A", "quantity": 2}].')
    elasticity = models.DecimalField(max_digits=8, decimal_places=4, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store_id", "sku"], name="listing_profile_one_each"),
            models.CheckConstraint(condition=Q(pack_size__gte=1), name="listing_profile_pack_of_some"),
        ]
        indexes = [models.Index(fields=["store_id", "family"], name="listing_profile_family")]
