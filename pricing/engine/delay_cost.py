"""What it costs to wait for a decision: a bounded model, checked later against the measured outcome.

Cost = gain per day / 24 × the hours waited while there was stock to sell. The hours are capped by how long
the stock lasts at the present pace and by 30 days, after which no suggestion would still be the same; a
suggestion that gains nothing costs nothing to wait for. It says what the suggestion itself expected, no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

HOURS_OF_DAY = 24
LONGEST_HOURS = Decimal(30 * HOURS_OF_DAY)
_CENT = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class DelayCost:
    """Money per hour and in total, in the listing's currency; None where no gain is known."""

    per_hour: Decimal | None
    total: Decimal | None
    hours: Decimal
    is_capped: bool


def delay_cost(
    gain_per_day: Decimal | None, *, since: datetime, until: datetime, cover_days: Decimal | None
) -> DelayCost:
    """Return what waiting from `since` to `until` cost; `cover_days` None: the stock is not known to end."""
    waited = hours_between(since, until)
    most = LONGEST_HOURS if cover_days is None else min(LONGEST_HOURS, max(cover_days, Decimal(0)) * 24)
    hours = min(waited, most)
    if gain_per_day is None:
        return DelayCost(None, None, waited, is_capped=waited > most)
    per_hour = max(gain_per_day, Decimal(0)) / HOURS_OF_DAY
    is_over = waited > most
    return DelayCost(
        per_hour=_rounded(Decimal(0) if is_over else per_hour),
        total=_rounded(per_hour * hours),
        hours=waited,
        is_capped=is_over,
    )


def hours_between(since: datetime, until: datetime) -> Decimal:
    """Hours between two instants, exact to the microsecond and never below 0."""
    span = max(until - since, timedelta(0))
    return Decimal(span // timedelta(microseconds=1)) / Decimal(3_600_000_000)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)
