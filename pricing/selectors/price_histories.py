"""What each of our listings cost day by day, as syncs observed it: what checks of a price hold it against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db import connection

from pricing.engine.price_history import DatedPrice, PriceHistory, PriceKind
from pricing.selectors.sightings import OFFER

DAYS = 90
_DAY = timedelta(days=1)

_ROWS = """
(select sku, kind, business_on, amount, observed_at, id from pricing_priceobservation
  where store_id = %(store)s and sku = any(%(skus)s) and business_on between %(first)s and %(last)s)
union all
(select distinct on (sku, kind) sku, kind, business_on, amount, observed_at, id
  from pricing_priceobservation
  where store_id = %(store)s and sku = any(%(skus)s) and business_on < %(first)s
  order by sku, kind, observed_at desc, id desc)
order by observed_at, id
"""


@dataclass(frozen=True, slots=True)
class _Seen:
    day: date
    amount: Decimal


def history_of(*, store_id: int, sku: str, on: date, days: int = DAYS) -> PriceHistory:
    """Return one listing's prices on the days before `on`; see `load_histories`."""
    return load_histories(store_id=store_id, skus=[sku], on=on, days=days)[sku]


def load_histories(
    *, store_id: int, skus: Collection[str], on: date, days: int = DAYS
) -> dict[str, PriceHistory]:
    """Return the prices of listings on the `days` days before `on`, by SKU; one statement.

    A price stands from the day it was first seen until the next one was, and on the day of a change both
    were shown. What buyers saw as our offer counts before the listing's own price. A SKU nobody has seen a
    price of has an empty history: that proves nothing.
    """
    first, last = on - timedelta(days=days), on - _DAY
    seen: dict[tuple[str, str], list[_Seen]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, {"store": store_id, "skus": sorted(set(skus)), "first": first, "last": last})
        for sku, kind, day, amount, _, _ in cursor.fetchall():
            seen[sku, kind].append(_Seen(day, amount))
    found: dict[str, dict[date, list[Decimal]]] = defaultdict(dict)
    # Offers are put in last: on the days that both kinds know they take the place of the listing's price.
    for (sku, _kind), rows in sorted(seen.items(), key=lambda item: item[0][1] == OFFER):
        found[sku].update(_by_day(rows, first, last))
    return {
        sku: PriceHistory(
            tuple(
                DatedPrice(day, amount, PriceKind.BASE)
                for day, amounts in sorted(found[sku].items())
                for amount in amounts
            )
        )
        for sku in set(skus)
    }


def _by_day(rows: Sequence[_Seen], first: date, last: date) -> dict[date, list[Decimal]]:
    """Every price that was shown on each day of the range."""
    shown: dict[date, list[Decimal]] = defaultdict(list)
    for row, until in _spans(rows, last):
        day = max(row.day, first)
        while day <= until:
            shown[day].append(row.amount)
            day += _DAY
    return shown


def _spans(rows: Sequence[_Seen], last: date) -> Iterator[tuple[_Seen, date]]:
    """Each price with the last day on which it was shown: that of the next one's coming."""
    for row, following in pairwise(rows):
        yield row, min(following.day, last)
    if rows:
        yield rows[-1], last
