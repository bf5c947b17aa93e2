"""Reference rates in the manner of the European Central Bank: units for one euro, on its business days."""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal

from connectors.simulator.world.dice import Dice

# Currency → level around which it walks, daily movement, decimals printed.
_PAR = {
    "USD": (1.085, 0.0035, 4),
    "JPY": (168.4, 0.0045, 2),
    "MXN": (20.35, 0.0055, 4),
    "CNY": (7.78, 0.003, 4),
    "GBP": (0.842, 0.0025, 5),
    "CAD": (1.492, 0.003, 4),
    "AUD": (1.661, 0.004, 4),
}
_HOLIDAYS = {(1, 1), (5, 1), (12, 25), (12, 26)}


def make_rates(seed: int, first: date, last: date) -> dict[date, dict[str, Decimal]]:
    """Rates of every business day between the two, by currency. Nothing on weekends and bank holidays."""
    rates: dict[date, dict[str, Decimal]] = {}
    walks = {currency: Dice(seed, "fx", currency) for currency in _PAR}
    logs = dict.fromkeys(_PAR, 0.0)
    day = first
    while day <= last:
        if day.weekday() < 5 and (day.month, day.day) not in _HOLIDAYS:
            rates[day] = {}
            for currency, (level, step, places) in _PAR.items():
                # A walk that is pulled back to its level, so that no currency runs away.
                logs[currency] = logs[currency] * 0.985 + walks[currency].normal(0, step)
                rates[day][currency] = Decimal(f"{level * math.exp(logs[currency]):.{places}f}")
        day += timedelta(days=1)
    return rates
