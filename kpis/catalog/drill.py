"""What a figure can be broken down to: sums that are made from the facts when asked and never stored.

They see the same rows as the stored measures of their source, so the parts add up to the stored whole.
"""

from __future__ import annotations

from kpis.catalog.measures import MEASURES
from kpis.engine.measures import Measure, OverDays
from kpis.types import Basis, Unit

# Sources whose rows say which SKU they belong to ("" where a row belongs to none).
BY_SKU = frozenset({"order_lines", "returns", "charges", "ads", "inventory_day", "inventory_age"})


def _asked(key: str, source: str, unit: Unit, basis: Basis, expression: str, meaning: str) -> Measure:
    return Measure(key=key, source=source, unit=unit, basis=basis, expression=expression, meaning=meaning)


# How many units of a row cost something, by source: what was sold, less what came back sellable.
COSTED_UNITS = {
    "order_lines": "case when r.is_live then r.quantity else 0 end",
    "returns": "case when r.is_sellable then -r.quantity else 0 end",
}
# The lines of a cost sheet that make the landed cost; the others count after the platform's fees.
LANDED = ("purchase", "first_leg", "duty", "import_tax", "inbound")

ASKED: tuple[Measure, ...] = (
    _asked(
        "tax_paid",
        "order_lines",
        Unit.MONEY,
        Basis.ORDER,
        "sum(tax * rate) filter (where is_live)",
        "Tax in what buyers paid for live lines, before discounts",
    ),
    _asked(
        "discounts_given",
        "order_lines",
        Unit.MONEY,
        Basis.ORDER,
        "sum(reductions * rate) filter (where is_live)",
        "Seller-funded discounts and points of live lines, ex tax",
    ),
    _asked(
        "ad_orders_7d",
        "ads",
        Unit.COUNT,
        Basis.CLICK,
        "sum(orders_7d)",
        "Orders attributed within 7 days of the click, on the click's day",
    ),
)

DRILL_MEASURES = {measure.key: measure for measure in (*ASKED, *MEASURES.values())}


def drills_by_sku(key: str) -> bool:
    """Can the measure be summed per SKU? Snapshots cannot: their days do not add up."""
    measure = DRILL_MEASURES[key]
    return measure.source in BY_SKU and measure.over_days is OverDays.SUM
