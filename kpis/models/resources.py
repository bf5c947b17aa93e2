"""What a store has to work with: what a target can be held against before it is promised."""

from __future__ import annotations

from django.db import models

from tenants.fence import TenantModel


class StoreResources(TenantModel):
    """A store's warehouses, support and ad money. Rows are never changed; the last version counts."""

    store_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    model = models.CharField(max_length=16, help_text="How it fulfils: fba, overseas_wh or dtc.")
    warehouses = models.JSONField(help_text="Countries with stock of the store, ISO 3166.")
    support = models.JSONField(help_text="A list of language, hours_per_week and agents.")
    ad_budget_per_month = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=254)

    class Meta:
        db_table = "kpis_store_resources"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "version"], name="store_resources_one_per_version")
        ]
