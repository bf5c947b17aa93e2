"""What the limits of a rule set may be: one line per field of `pricing.rules.syntax.Limits`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class LimitField:
    """A limit with its meaning; a number between `low` and `high`, or a flag."""

    name: str
    meaning: str
    low: Decimal | None = None
    high: Decimal | None = None
    is_whole: bool = False
    is_flag: bool = False


LEAST_CADENCE_HOURS = 4
"""No rule set may move a price twice within fewer hours."""

LIMIT_FIELDS: tuple[LimitField, ...] = (
    LimitField(
        "floor_margin",
        "Margin of net revenue below which no price may go (the product's own floor may be higher)",
        Decimal(0),
        Decimal("0.95"),
    ),
    LimitField(
        "max_step", "Largest move of one change, as a share of the price", Decimal("0.001"), Decimal("0.5")
    ),
    LimitField(
        "max_day_move",
        "Largest move of a shop day, as a share of the price at its start",
        Decimal("0.001"),
        Decimal("0.9"),
    ),
    LimitField(
        "cadence_hours",
        "Hours that must pass after a change",
        Decimal(LEAST_CADENCE_HOURS),
        Decimal(720),
        is_whole=True,
    ),
    LimitField("changes_per_day", "Changes a shop day may see", Decimal(1), Decimal(6), is_whole=True),
    LimitField("lowest", "Lowest price, in the store's currency", Decimal(0)),
    LimitField("highest", "Highest price, in the store's currency", Decimal("0.01")),
    LimitField("keeps_map", "Whether the brand's minimum advertised price is kept (US only)", is_flag=True),
    LimitField(
        "least_move",
        "Moves of a smaller share of the price are not worth a change",
        Decimal(0),
        Decimal("0.1"),
    ),
)
