"""What a unit costs us before the platform touches it: dated cost sheets."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import money_field
from tenants.fence import TenantModel


class CostSheet(TenantModel):
    """The unit cost of a SKU from `effective_on` on, until the next sheet of the same market and channel.

    `market` "" means every market, `channel` "" every sales channel (platform or merchant). A market's own
    sheet goes before the general one, and within a market a channel's own. Sheets are never edited: a
    correction is a new row of the same date with a higher `version`, and the highest version counts.
    `source` fifo and weighted_average are derived from lots.
    """

    id = models.BigAutoField(primary_key=True)
    sku = models.CharField(max_length=100)
    market = models.CharField(max_length=2, blank=True, default="")
    channel = models.CharField(max_length=12, blank=True, default="")
    effective_on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    source = models.CharField(max_length=24, help_text="api, upload, fifo or weighted_average")
    upload_id = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "fact_cost_sheet"
        constraints = [
            models.UniqueConstraint(
                fields=["sku", "market", "channel", "effective_on", "version"],
                name="fact_cost_sheet_natural_key",
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


class CostLot(TenantModel):
    """Units of a SKU bought together. `market` "" serves every market; `lines` hold the cost of one unit.

    Lots are handed in again under the same key when they were wrong; the audit log keeps what they were.
    `lines` maps a cost line to {"amount", "currency"}, amounts as text.
    """

    id = models.BigAutoField(primary_key=True)
    lot_key = models.CharField(max_length=80)
    sku = models.CharField(max_length=100)
    market = models.CharField(max_length=2, blank=True, default="")
    received_on = models.DateField()
    quantity = models.PositiveIntegerField()
    lines = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "fact_cost_lot"
        constraints = [models.UniqueConstraint(fields=["lot_key"], name="fact_cost_lot_natural_key")]
        indexes = [models.Index(fields=["sku", "market", "received_on"], name="cost_lot_order")]


class CostingRule(TenantModel):
    """How units of a SKU and market are costed from `effective_on` on; "" means all of them."""

    id = models.BigAutoField(primary_key=True)
    sku = models.CharField(max_length=100, blank=True, default="")
    market = models.CharField(max_length=2, blank=True, default="")
    method = models.CharField(max_length=20, help_text="by_period, fifo or weighted_average")
    effective_on = models.DateField()
    version = models.PositiveIntegerField(default=1)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "fact_costing_rule"
        constraints = [models.UniqueConstraint(fields=["sku", "market"], name="fact_costing_rule_one_each")]
