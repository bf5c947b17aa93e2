"""What the goods cost before Amazon touches them: dated sheets in the currencies the invoices come in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from connectors.simulator.world.dice import Dice
from connectors.simulator.world.markets import MARKETS
from connectors.simulator.world.model import CostSheet, Plant, Product
from connectors.simulator.world.money import STEP, as_decimal, to_money

# How many units of the currency a dollar roughly buys, for making plausible invoices only.
_PER_DOLLAR = {"USD": Decimal(1), "CNY": Decimal("7.1"), "JPY": Decimal(155), "MXN": Decimal("18.5")}
_LINES = ("purchase", "first_leg", "duty", "import_tax", "inbound", "packaging", "after_sales")


def make_cost_sheets(
    seed: int, account: int, products: dict[str, tuple[Product, ...]], start: date, days: int, mixed: bool
) -> tuple[CostSheet, ...]:
    """Sheets of all SKUs of a client.

    Every SKU has a sheet for every market (every fifth only one for all markets), in force from before the
    first day; every third gets dearer half-way. `mixed` bills purchases in CNY and freight in USD; without
    it every line is in the market's own currency and no exchange rate is needed.
    """
    sheets = []
    first, second = start - timedelta(days=120), start + timedelta(days=days // 2)
    dollars_of = {p.sku: p.price / MARKETS["US"].price_factor for p in products["US"]}
    for rank, (sku, price) in enumerate(dollars_of.items()):
        markets = ("",) if rank % 5 == 4 and mixed else tuple(MARKETS)
        for market in markets:
            dice = Dice(seed, "cost", account, sku, market)
            sheets.append(CostSheet(sku, market, first, _lines(price, market, dice, Decimal(1), mixed)))
            if rank % 3 == 1:
                again = Dice(seed, "cost", account, sku, market)
                sheets.append(
                    CostSheet(sku, market, second, _lines(price, market, again, Decimal("1.06"), mixed))
                )
    return tuple(sheets)


def with_rises(sheets: tuple[CostSheet, ...], plants: Iterable[Plant]) -> tuple[CostSheet, ...]:
    """The same sheets with one more, from the plant's day on, where a plant makes goods dearer."""
    found = list(sheets)
    for plant in plants:
        for sku in dict.fromkeys(sheet.sku for sheet in sheets):
            markets = [sheet for sheet in sheets if sheet.sku == sku and sheet.market in ("", plant.market)]
            own = [sheet for sheet in markets if sheet.market] or markets
            last = max(own, key=lambda sheet: sheet.effective_on)
            lines = tuple(
                (line, currency, to_money(amount * plant.size, currency))
                for line, currency, amount in last.lines
            )
            found.append(CostSheet(sku, plant.market, plant.start, lines))
    return tuple(found)


def _lines(
    price: Decimal, market: str, dice: Dice, factor: Decimal, mixed: bool
) -> tuple[tuple[str, str, Decimal], ...]:
    local = MARKETS[market].currency if market else "USD"
    purchase = price * as_decimal(dice.uniform(0.26, 0.34)) * factor
    dollars = {
        "purchase": purchase,
        "first_leg": price * as_decimal(dice.uniform(0.02, 0.04)),
        "duty": purchase * as_decimal(dice.uniform(0.03, 0.12)),
        "import_tax": purchase * MARKETS[market].tax_rate if market else Decimal(0),
        "inbound": price * as_decimal(dice.uniform(0.008, 0.015)),
        "packaging": Decimal("0.18"),
        "after_sales": price * as_decimal(dice.uniform(0.004, 0.01)),
    }
    billed = {"purchase": "CNY", "first_leg": "USD", "packaging": "CNY"} if mixed else {}
    lines = []
    for name in _LINES:
        currency = billed.get(name, local)
        amount = to_money(dollars[name] * _PER_DOLLAR[currency], currency)
        if dollars[name]:
            lines.append((name, currency, max(amount, STEP[currency])))
    return tuple(lines)
