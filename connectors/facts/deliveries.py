"""How goods travel: to the buyer, to the warehouse, through customs."""

from __future__ import annotations

from django.db import models

from connectors.facts.base import Fact, money_field


class Shipment(Fact):
    """See `connectors.records.ShipmentRecord` for the meaning of every column."""

    shipment_key = models.CharField(max_length=160)
    platform_order_id = models.CharField(max_length=40)
    sku = models.CharField(max_length=100)
    channel = models.CharField(max_length=12)
    carrier = models.CharField(max_length=60)
    warehouse = models.CharField(max_length=60)
    quantity = models.IntegerField()
    business_on = models.DateField()
    paid_at = models.DateTimeField(null=True)
    ship_due_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    is_tracked = models.BooleanField()
    is_complete = models.BooleanField()
    cancelled_by = models.CharField(max_length=8)
    lost_units = models.IntegerField()
    damaged_units = models.IntegerField()

    class Meta:
        db_table = "fact_shipment"
        constraints = [
            models.UniqueConstraint(fields=["store_id", "shipment_key"], name="fact_shipment_natural_key"),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="shipment_day"),
        ]


class InboundShipment(Fact):
    """See `connectors.records.InboundShipmentRecord` for the meaning of every column."""

    inbound_key = models.CharField(max_length=160)
    sku = models.CharField(max_length=100)
    carrier = models.CharField(max_length=60)
    warehouse = models.CharField(max_length=60)
    business_on = models.DateField()
    departed_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    checked_in_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    quantity_sent = models.IntegerField()
    quantity_received = models.IntegerField()

    class Meta:
        db_table = "fact_inbound_shipment"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "inbound_key", "sku"], name="fact_inbound_shipment_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="inbound_shipment_day"),
        ]


class CustomsDeclaration(Fact):
    """See `connectors.records.CustomsDeclarationRecord` for the meaning of every column."""

    declaration_key = models.CharField(max_length=160)
    business_on = models.DateField()
    declared_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12)
    documents_required = models.IntegerField()
    documents_valid = models.IntegerField()
    currency = models.CharField(max_length=3)
    customs_value_amount = money_field()
    duty_amount = money_field()
    import_tax_amount = money_field()

    class Meta:
        db_table = "fact_customs_declaration"
        constraints = [
            models.UniqueConstraint(
                fields=["store_id", "declaration_key"], name="fact_customs_declaration_natural_key"
            ),
        ]
        indexes = [
            models.Index(fields=["store_id", "business_on"], name="customs_declaration_day"),
        ]
