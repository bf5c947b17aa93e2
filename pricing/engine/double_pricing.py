"""May a price be shown as "was" beside the present one on a day? The days that count are the evidence.

A day counts for a price when that price was asked on it and nothing cheaper was shown; a day that nobody
recorded proves nothing and counts neither way. The limits of each market are in `STANDARDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pricing.engine.price_history import PriceHistory
from pricing.types import Confidence, Reason

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Standard:
    """What a market asks of a former price.

    It must have been asked on `least_days` of the `window_days` before; `is_majority`: on more than half of
    the days on sale among them; `most_days_since`: last at most so many days ago; `raised_days`: also on a
    day more than so many days ago, so that it was not raised for the sale. `confidence` is how well the
    limits themselves are known, `reading` says where they are ours.
    """

    window_days: int
    least_days: int
    is_majority: bool
    most_days_since: int | None
    raised_days: int | None
    law: str
    confidence: Confidence
    reading: str = ""


STANDARDS: Mapping[str, Standard] = {
    "JP": Standard(
        window_days=56,
        least_days=14,
        is_majority=True,
        most_days_since=14,
        raised_days=None,
        law="景品表示法 art. 5(ii); 不当な価格表示についての景品表示法上の考え方, no. 4, 2(1)",
        confidence=Confidence.B,
    ),
    "US": Standard(
        window_days=90,
        least_days=28,
        is_majority=False,
        most_days_since=None,
        raised_days=None,
        law="16 CFR § 233.1; Cal. Bus. & Prof. Code § 17501 (three months)",
        confidence=Confidence.M,
        reading='Four weeks of the last 90 days are our reading of "a reasonably substantial period".',
    ),
    "MX": Standard(
        window_days=60,
        least_days=15,
        is_majority=False,
        most_days_since=None,
        raised_days=30,
        law="LFPC art. 7, 32 and 46-48 (PROFECO)",
        confidence=Confidence.M,
        reading="The law names no days; the limits are ours.",
    ),
}

LEAST_FUTURE_DAYS = 14
MOST_GAP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Evidence:
    """Whether a former price may be shown on a day, and every day that was counted.

    `counted` are the days that count for it within `first`..`last`, `sold` all recorded days of the window;
    `last_day` is the last day ever before that counts. `reasons` say what is lacking; none: it may be shown.
    """

    market: str
    price: Decimal
    on: date
    first: date
    last: date
    counted: tuple[date, ...]
    sold: tuple[date, ...]
    last_day: date | None
    standard: Standard
    reasons: tuple[Reason, ...]

    @property
    def may_show(self) -> bool:
        """Is it proved?"""
        return not self.reasons

    @property
    def days_since(self) -> int | None:
        """Days from the last day that counts to the day in question."""
        return None if self.last_day is None else (self.on - self.last_day).days


@dataclass(frozen=True, slots=True)
class FuturePrice:
    """A real plan to sell at a price: from when until when (None: no end is planned)."""

    price: Decimal
    from_on: date
    until_on: date | None


def judge_former_price(
    market: str,
    history: PriceHistory,
    reference: Decimal,
    on: date,
    *,
    present: Decimal | None = None,
) -> Evidence:
    """Whether `reference` may be shown as a former price on a day, beside `present` where that is known.

    ValueError for a market without a standard.
    """
    standard = STANDARDS.get(market)
    if standard is None:
        raise ValueError(f"no standard of former prices for {market!r}; known are {', '.join(STANDARDS)}")
    lowest: dict[date, Decimal] = {}
    for each in history.between(date.min, on - DAY):
        lowest[each.day] = min(each.price, lowest.get(each.day, each.price))
    first, last = on - timedelta(days=standard.window_days), on - DAY
    sold = tuple(sorted(day for day in lowest if first <= day))
    counted = tuple(day for day in sold if lowest[day] == reference)
    last_day = max((day for day, price in lowest.items() if price == reference), default=None)
    return Evidence(
        market=market,
        price=reference,
        on=on,
        first=first,
        last=last,
        counted=counted,
        sold=sold,
        last_day=last_day,
        standard=standard,
        reasons=tuple(_lacking(standard, reference, present, on, counted, sold, last_day)),
    )


def judge_future_price(
    reference: Decimal, on: date, plan: FuturePrice | None, *, sale_ends_on: date | None = None
) -> tuple[Reason, ...]:
    """What is lacking to show `reference` as a price of the future (Japan); nothing: it may be shown.

    It needs a real plan: that price, begun after the day and within a week of the end of the sale, kept for
    two weeks (消費者庁, 将来の販売価格を比較対照価格とする二重価格表示に対する執行方針, 2020; confidence M).
    """
    if plan is None:
        return (Reason("no_plan", "nobody plans to sell at this price"),)
    found = []
    if plan.price != reference:
        found.append(Reason("other_price", "the plan names another price", {"planned": str(plan.price)}))
    if plan.from_on <= on:
        found.append(Reason("not_future", "the plan begins on the day or before it"))
    if sale_ends_on is not None and (gap := (plan.from_on - sale_ends_on).days) > MOST_GAP_DAYS:
        told = {"days": str(gap), "most": str(MOST_GAP_DAYS)}
        found.append(Reason("too_late", "the plan begins long after the sale ends", told))
    if plan.until_on is not None and (days := (plan.until_on - plan.from_on).days + 1) < LEAST_FUTURE_DAYS:
        told = {"days": str(days), "least": str(LEAST_FUTURE_DAYS)}
        found.append(Reason("too_short", "the price is planned for too few days", told))
    return tuple(found)


def _lacking(
    standard: Standard,
    reference: Decimal,
    present: Decimal | None,
    on: date,
    counted: tuple[date, ...],
    sold: tuple[date, ...],
    last_day: date | None,
) -> list[Reason]:
    found = []
    days = {"days": str(len(counted)), "days_on_sale": str(len(sold))}
    if present is not None and reference <= present:
        found.append(Reason("not_above", "it is not above the present price", {"present": str(present)}))
    if standard.is_majority and len(counted) * 2 <= len(sold):
        text = "it was not asked on more than half of the days on sale"
        found.append(Reason("no_majority", text, days))
    if len(counted) < standard.least_days:
        told = {**days, "least": str(standard.least_days)}
        found.append(Reason("too_few_days", "it was asked on too few days", told))
    if standard.most_days_since is not None:
        since = None if last_day is None else (on - last_day).days
        if since is None or since > standard.most_days_since:
            told = {"since": "" if since is None else str(since), "most": str(standard.most_days_since)}
            found.append(Reason("too_long_ago", "it was last asked too long ago", told))
    if standard.raised_days is not None:
        before = on - timedelta(days=standard.raised_days)
        if not any(day < before for day in counted):
            told = {"raised_days": str(standard.raised_days)}
            found.append(Reason("raised_for_sale", "it was asked only since shortly before", told))
    return found
