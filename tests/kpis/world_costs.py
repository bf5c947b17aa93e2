"""What the goods of the random world cost: sheets in several currencies, markets, channels and versions."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

from config.lib.clock import now
from connectors import models as c
from connectors.types import CostLine

SKUS = ("TENT", "LAMP", "MUG", "ROPE", "NEW")
UNCOSTED = "NEW"


def make_costs(rng: random.Random) -> None:
    """Sheets for all SKUs but one: general and per market, with later ones and corrected versions."""
    for sku in SKUS:
        if sku == UNCOSTED:
            continue
        make_sheet(sku, "", date(2026, 1, 1), 1, purchase=cents(rng, 20, 60), currency="CNY")
        if rng.random() < 0.6:
            make_sheet(sku, "", date(2026, 7, 25), 1, purchase=cents(rng, 20, 60), currency="CNY")
            make_sheet(sku, "", date(2026, 7, 25), 2, purchase=cents(rng, 20, 60), currency="CNY")
        if rng.random() < 0.5:
            make_sheet(sku, "JP", date(2026, 7, 20), 1, purchase=cents(rng, 20, 60), currency="CNY")
        for channel, market in (("merchant", ""), ("platform", ""), ("merchant", "JP")):
            if rng.random() < 0.3:
                on = date(2026, 7, rng.randint(1, 31))
                make_sheet(sku, market, on, 1, channel=channel, purchase=cents(rng, 20, 60), currency="CNY")


def make_sheet(
    sku: str,
    market: str,
    effective_on: date,
    version: int,
    *,
    purchase: Decimal,
    currency: str,
    channel: str = "",
) -> None:
    """One cost sheet: goods in one currency, freight and packaging in dollars."""
    sheet = c.CostSheet.objects.create(
        sku=sku,
        market=market,
        channel=channel,
        effective_on=effective_on,
        version=version,
        source="api",
        recorded_at=now(),
    )
    lines = {
        CostLine.PURCHASE: (currency, purchase),
        CostLine.FIRST_LEG: ("USD", Decimal("1.25")),
        CostLine.PACKAGING: ("USD", Decimal("0.40")),
    }
    c.CostSheetLine.objects.bulk_create(
        c.CostSheetLine(sheet=sheet, line=line, currency=unit, amount=amount)
        for line, (unit, amount) in lines.items()
    )


def cents(rng: random.Random, low: int, high: int) -> Decimal:
    """A random amount of whole cents."""
    return Decimal(rng.randint(low * 100, high * 100)) / 100
