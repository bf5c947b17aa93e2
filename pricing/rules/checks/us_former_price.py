"""United States: a former price beside the present one was a real one."""

from __future__ import annotations

from datetime import timedelta

from pricing.rules.checks.given import Given
from pricing.types import PriceCheck

WINDOW_DAYS = 90
LEAST_DAYS = 28
"""The rule says "a reasonably substantial period"; four weeks of the last three months are our reading."""


def check(given: Given) -> PriceCheck | None:
    """Block a "was" price that was not openly asked for a substantial part of the last 90 days."""
    reference = given.claim.reference_price
    if given.context.market != "US" or reference is None:
        return None
    first, last = given.on - timedelta(days=WINDOW_DAYS), given.on - timedelta(days=1)
    days = given.history.days_at(reference, first, last) if given.history is not None else 0
    if days >= LEAST_DAYS and reference > given.price:
        return None
    return PriceCheck(
        code="us_former_price",
        blocks=True,
        text="The former price was not asked long enough to be shown beside the present one.",
        reference="16 CFR § 233.1; Cal. Bus. & Prof. Code § 17501 (three months)",
        values={"reference": str(reference), "days": str(days), "least_days": str(LEAST_DAYS)},
    )
