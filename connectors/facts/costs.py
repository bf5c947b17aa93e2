"""What a unit costs us before the platform touches it: dated cost sheets."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import money_field
from tenants.fence import TenantModel


class CostSheet(TenantModel):
    """The unit cost of a SKU from `effective_on` on, until the next sheet. `market` "" means every market.

    Sheets are never edited: a correction is a new row of the same date with a higher `version`, and the
    highest version counts.
    """

    id = models.BigAutoField(primary_key=True)
    sku = models.CharField(max_length=100)
    market = models.CharField(max_length=2, blank=True, default="")
    effective_on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    source = models.CharField(max_length=24, help_text="api or upload")
    upload_id = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "fact_cost_sheet"
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "market", "effective_on", "version"], name="fact_cost_sheet_natural_key"
            ),
        ]


class CostSheetLine(TenantModel):
    """One cost line of a sheet, per unit, in its own currency; `line` is a `connectors.types.CostLine`."""

    id = models.BigAutoField(primary_key=True)
    sheet = models.ForeignKey(CostSheet, on_delete=models.CASCADE, related_name="lines")
    line = models.CharField(max_length=24)
    currency = models.CharField(max_length=3)
    amount = money_field()

    class Meta:
        db_table = "fact_cost_line"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "line"], name="fact_cost_line_one_each"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="fact_cost_line_not_negative"),
        ]
