"""How goods travel, as tables people hand in: to the buyer, to the warehouse, through customs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.platforms.csv_upload.fields import (
    ANY_SKU,
    CURRENCY,
    ORDER,
    SKU,
    UPDATED,
    Dataset,
    Field,
    Kind,
    RowContext,
    amount,
    choice,
    count,
    flag,
    ident,
    instant,
    text,
)
from connectors.records import (
    CustomsDeclarationRecord,
    CustomsOutcome,
    InboundShipmentRecord,
    ShipmentRecord,
)
from connectors.types import FulfilmentChannel


def _shipment(values: dict[str, Any], context: RowContext) -> None:
    if values.get("is_tracked") is None:
        values["is_tracked"] = bool(values.pop("tracking_hash", ""))
    for at, why in (("shipped_at", "paid_at"), ("delivered_at", "shipped_at")):
        if values.get(at) and values.get(why) and values[at] < values[why]:
            raise ValueError(f"{at}|{at} lies before {why}.")


def _customs(values: dict[str, Any], context: RowContext) -> None:
    decided = values.get("outcome") not in (None, CustomsOutcome.PENDING)
    if decided != (values.get("decided_at") is not None):
        raise ValueError("decided_at|A decided declaration has a time of decision, a pending one has none.")
    if (values.get("documents_valid") or 0) > (values.get("documents_required") or 0):
        raise ValueError("documents_valid|More papers are valid than were required.")


SHIPMENTS = Dataset(
    key="shipments",
    title="Parcels on their way to the buyer",
    record=ShipmentRecord,
    natural_key=("shipment_key",),
    streams=("shipments",),
    stale_after=timedelta(days=3),
    day_from=("paid_at", "ordered_at", "shipped_at"),
    key_field="shipment_key",
    key_from=("order_id", "sku"),
    defaults={"is_complete": True, "channel": FulfilmentChannel.MERCHANT, "quantity": 1},
    fix=_shipment,
    fields=(
        ident("shipment_key", "The parcel's own number; order and SKU where empty", "P-1", longest=160),
        ORDER,
        ANY_SKU,
        choice("channel", "Who ships; merchant where empty", FulfilmentChannel),
        text("carrier", "Who carries it", "Yamato", longest=60),
        text("warehouse", "From where", "Osaka", longest=60),
        count("quantity", "Units; 1 where empty", "1"),
        instant("ordered_at", "When it was ordered; the shop day follows it where payment is unknown"),
        instant("paid_at", "When it was paid"),
        instant("ship_due_at", "Latest moment to confirm the shipment"),
        instant("shipped_at", "When the shipment was confirmed"),
        instant("accepted_at", "First scan of the carrier"),
        instant("promised_at", "Latest promised delivery"),
        instant("delivered_at", "When it was delivered"),
        Field("tracking_hash", Kind.PERSON, "Tracking number; only whether there is one is kept", "1Z999"),
        flag("is_tracked", "Was a valid tracking number scanned? Whether there is one, where empty"),
        flag("is_complete", "Was everything in it? yes where empty"),
        choice("cancelled_by", "Who cancelled it, if anybody", ("seller", "buyer")),
        count("lost_units", "Units lost", "0"),
        count("damaged_units", "Units damaged", "0"),
        UPDATED,
    ),
)

INBOUND = Dataset(
    key="inbound",
    title="Goods on their way to a warehouse",
    record=InboundShipmentRecord,
    natural_key=("inbound_key", "sku"),
    streams=("inbound",),
    stale_after=timedelta(days=9),
    day_from=("departed_at",),
    fields=(
        ident("inbound_key", "The consignment's number", "FBA15ABC", required=True, longest=160),
        SKU,
        text("carrier", "Who carries it", "COSCO", longest=60),
        text("warehouse", "Where to", "ONT8", longest=60),
        instant("departed_at", "When it left", required=True),
        instant("arrived_at", "When it arrived"),
        instant("checked_in_at", "When the warehouse took it"),
        instant("received_at", "When it was counted in"),
        count("quantity_sent", "Units sent", "500", required=True),
        count("quantity_received", "Units counted", "498"),
        UPDATED,
    ),
)

CUSTOMS = Dataset(
    key="customs",
    title="Customs declarations",
    record=CustomsDeclarationRecord,
    natural_key=("declaration_key",),
    streams=("customs",),
    stale_after=timedelta(days=33),
    day_from=("decided_at", "declared_at"),
    defaults={"outcome": CustomsOutcome.PENDING},
    fix=_customs,
    fields=(
        ident("declaration_key", "The declaration's number", "CD-2026-1", required=True, longest=160),
        instant("declared_at", "When it was declared", required=True),
        instant("decided_at", "When customs decided", ""),
        choice("outcome", "How customs decided; pending where empty", CustomsOutcome),
        count("documents_required", "Papers that were required", "6", unit="papers"),
        count("documents_valid", "Papers that were there and valid", "6", unit="papers"),
        CURRENCY,
        amount("customs_value_amount", "Declared value", "12000.00"),
        amount("duty_amount", "Duty", "480.00"),
        amount("import_tax_amount", "Import tax", "1248.00"),
        UPDATED,
    ),
)
