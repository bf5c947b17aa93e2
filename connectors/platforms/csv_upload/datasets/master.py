"""What a client tells of its own goods: unit costs and the product master, as tables people hand in."""

from __future__ import annotations

from datetime import timedelta

from connectors.platforms.csv_upload.fields import (
    SKU,
    Dataset,
    Field,
    Kind,
    Sink,
    choice,
    day,
    ident,
    text,
)
from connectors.types import CostLine, FulfilmentChannel

PRODUCT_ROLES = ("hero", "normal", "new", "clearance")
CONDITIONS = ("new", "refurbished", "used")
_YEAR = timedelta(days=400)


def _cost_fields() -> tuple[Field, ...]:
    lines = []
    for line in CostLine:
        words = line.value.replace("_", " ")
        lines.append(Field(line.value, Kind.AMOUNT, f"Unit cost: {words}", "4.20", unit="currency"))
        lines.append(
            Field(f"{line.value}_currency", Kind.CURRENCY, f"Currency of {words}", "CNY", max_length=3)
        )
    return tuple(lines)


COST_SHEETS = Dataset(
    key="cost_sheets",
    title="Unit costs from a day on",
    sink=Sink.COSTS,
    natural_key=("sku", "market", "channel", "effective_on"),
    stale_after=_YEAR,
    day="",
    fields=(
        SKU,
        text("market", "Market it holds for; empty for all", "JP", longest=2),
        choice(
            "channel", "Who ships what it holds for: platform or merchant; empty for both", FulfilmentChannel
        ),
        day("effective_on", "First day it holds", required=True),
        Field(
            "currency", Kind.CURRENCY, "Currency of the lines without one of their own", "CNY", max_length=3
        ),
        *_cost_fields(),
    ),
)

PRODUCTS = Dataset(
    key="products",
    title="Product master",
    sink=Sink.PRODUCTS,
    natural_key=("sku",),
    stale_after=_YEAR,
    day="",
    fields=(
        SKU,
        text("title", "Its name", "Bottle 750 ml", longest=500),
        text("family", "The variation family it belongs to", "BOTTLE", longest=100),
        choice("role", "Its part in the range", PRODUCT_ROLES),
        text("size_class", "Small and light, standard, oversize, …", "standard", longest=40),
        text("category", "The client's own category", "Kitchen", longest=120),
        text("brand", "Brand", "Aqua", longest=100),
        ident("jan", "JAN, EAN or UPC", "4901234567894", longest=14),
        choice("condition", "new, refurbished or used", CONDITIONS),
    ),
)
