"""Windows of made-up totals for tests without a database."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kpis.catalog import MEASURES
from kpis.engine.totals import StoreTotals, Total, Window

Number = Decimal | int | str | None


def window(*stores: Mapping[str, Number], days: int = 7, n: int = 1, in_reporting: bool = False) -> Window:
    """One store per mapping of measure to native value; reporting values are twice as much."""
    return Window(
        MEASURES,
        {
            number: StoreTotals(
                {
                    key: Total(_number(value), None if value is None else Decimal(value) * 2, n)
                    for key, value in store.items()
                }
            )
            for number, store in enumerate(stores, start=1)
        },
        days,
        in_reporting,
    )


def _number(value: Number) -> Decimal | None:
    return None if value is None else Decimal(value)
