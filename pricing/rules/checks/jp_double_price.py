"""Japan: a former price beside the present one (二重価格表示) needs the evidence of eight weeks."""

from __future__ import annotations

from datetime import timedelta

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck

WINDOW_DAYS = 56
LEAST_DAYS = 14
MOST_DAYS_SINCE = 14


def check(given: Given) -> PriceCheck | None:
    """Block a "was" price that the price history does not prove.

    It must have been asked on more than half of the days on sale within the last eight weeks (or since the
    first sale, if that is shorter), on at least 14 days in all, and last at most two weeks ago. A day counts
    when nothing cheaper was shown on it. Days nobody recorded prove nothing.
    """
    reference = given.claim.reference_price
    if given.context.market != "JP" or reference is None:
        return None
    history, last = given.history, given.on - timedelta(days=1)
    first = given.on - timedelta(days=WINDOW_DAYS)
    sold = history.days(first, last) if history is not None else 0
    at_price = history.days_at(reference, first, last) if history is not None else 0
    last_day = history.last_day_at(reference, given.on) if history is not None else None
    since = None if last_day is None else (given.on - last_day).days
    is_proved = (
        at_price * 2 > sold
        and at_price >= LEAST_DAYS
        and since is not None
        and since <= MOST_DAYS_SINCE
        and reference > given.price
    )
    if is_proved:
        return None
    return PriceCheck(
        code="jp_double_price",
        blocks=True,
        text="The price history does not prove the former price that would be shown.",
        reference="景品表示法 art. 5(ii); 不当な価格表示についての景品表示法上の考え方, no. 4, 2(1)",
        values={
            "reference": str(reference),
            "days_at_price": str(at_price),
            "days_on_sale": str(sold),
            "days_since": "" if since is None else str(since),
        },
    )
