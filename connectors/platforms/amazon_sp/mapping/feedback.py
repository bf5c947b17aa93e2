"""What a row of the seller feedback report means: a rating, without words and without an address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from connectors.engine.protocol import StreamContext
from connectors.platforms.amazon_sp.places import day_order_of
from connectors.platforms.common.moments import parse_day
from connectors.platforms.common.numbers import parse_count
from connectors.platforms.common.tables import Table
from connectors.types import FeedbackRecord

REPORT = "GET_SELLER_FEEDBACK_DATA"
REQUIRED = ("date", "rating", "order-id")
# Words and addresses are never read.
PERSONAL = ("comments", "response", "rater-email", "your-response", "rater-role")
_LOWEST, _HIGHEST = 1, 5


def feedback_reader(
    table: Table, context: StreamContext, spoken_at: datetime
) -> Callable[[list[str]], FeedbackRecord]:
    """Return a function that maps a row; `ValueError` says what is wrong with it."""
    date_at, rating_at, order_at = map(table.place, REQUIRED)
    order = day_order_of(context.store.market)
    seen: Counter[str] = Counter()

    def read(row: list[str]) -> FeedbackRecord:
        order_id = row[order_at].strip()
        if not order_id:
            raise ValueError("a row without order_id")
        rating = parse_count(row[rating_at])
        if not _LOWEST <= rating <= _HIGHEST:
            raise ValueError(f"rating {rating} is not between 1 and 5")
        seen[order_id] += 1
        # Amazon takes one rating for an order; a second row is kept apart rather than lost.
        key = order_id if seen[order_id] == 1 else f"{order_id}#{seen[order_id]}"
        return FeedbackRecord(key, order_id, parse_day(row[date_at], order), rating, spoken_at)

    return read
