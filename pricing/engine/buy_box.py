"""Whether a price can win the featured offer: what stands in the way beside it, and which price would match.

The weights of the platforms are not published and price is one factor among several: the advice names what a
price cannot mend and never promises that a lower one wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from pricing.types import Reason, RivalView

_ACTIVE = frozenset({"", "active", "buyable", "enabled"})
_BAD = frozenset({"bad", "at_risk", "critical", "deactivated"})


class Verdict(StrEnum):
    """What the price can do for the featured offer."""

    FEATURED = "featured"
    PRICE_CAN_HELP = "price_can_help"
    PRICE_CANNOT_WIN = "price_cannot_win"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SellerMetric:
    """A figure by which the platform judges the seller, with its limit; `status` is the platform's word."""

    name: str
    rate: Decimal | None
    limit: Decimal | None
    status: str = ""

    @property
    def is_bad(self) -> bool:
        """Is it beyond the limit, or called bad by the platform?"""
        is_beyond = self.rate is not None and self.limit is not None and self.rate > self.limit
        return is_beyond or self.status.strip().casefold() in _BAD


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides beside the price. None or empty: nobody knows, and nothing is concluded from it.

    `featured_share` is the share of views as featured offer of late, `is_platform_fulfilled` who ships ours,
    `is_featured_platform_fulfilled` who ships the featured one, `external_price` the lowest price elsewhere.
    """

    listing_status: str = ""
    stock_units: int | None = None
    metrics: tuple[SellerMetric, ...] = ()
    external_price: Decimal | None = None
    featured_share: Decimal | None = None
    is_platform_fulfilled: bool | None = None
    is_featured_platform_fulfilled: bool | None = None


@dataclass(frozen=True, slots=True)
class BuyBoxAdvice:
    """What can be said on winning the featured offer.

    `matching_price` is the highest tick of our shown price whose landed price is not above the featured
    offer's; `keeps_floor` says whether it is at or above `floor`. `gap` is (ours − featured)/featured.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    matching_price: Decimal | None
    floor: Decimal | None
    keeps_floor: bool | None
    gap: Decimal | None


def advise(
    view: RivalView, standing: Standing, *, price: Decimal | None, floor: Decimal | None, tick: Decimal
) -> BuyBoxAdvice:
    """Say what the price can do for the featured offer of a listing.

    `price` is the shown price now and `floor` the lowest that may be suggested; both None where not known.
    """
    matching = _matching(view, price, tick)
    keeps = None if matching is None or floor is None else matching >= floor
    gap = None
    if view.featured and view.own_landed is not None:
        gap = view.own_landed / view.featured - 1
    obstacles = tuple(_obstacles(view, standing, matching, keeps))
    verdict, more = _verdict(view, gap, obstacles)
    return BuyBoxAdvice(verdict, (*more, *obstacles), matching, floor, keeps, gap)


def _matching(view: RivalView, price: Decimal | None, tick: Decimal) -> Decimal | None:
    """The shown price at which ours would cost the buyer what the featured offer costs."""
    if view.featured is None or view.own_landed is None or price is None or view.is_own_featured:
        return None
    matched = view.featured - (view.own_landed - price)
    ticks = (matched / tick).to_integral_value(ROUND_FLOOR)
    return ticks * tick if ticks > 0 else None


def _verdict(
    view: RivalView, gap: Decimal | None, obstacles: tuple[Reason, ...]
) -> tuple[Verdict, tuple[Reason, ...]]:
    if view.is_own_featured:
        return Verdict.FEATURED, (Reason("featured", "Our offer is the featured one."),)
    if obstacles:
        return Verdict.PRICE_CANNOT_WIN, ()
    if view.is_own_featured is None:
        return Verdict.UNKNOWN, (
            Reason(
                "nothing_known", "Nobody knows whose offer is featured: there is no fresh observation of it."
            ),
        )
    return Verdict.PRICE_CAN_HELP, (
        Reason(
            "dearer_than_featured",
            "Nothing known but the price stands in the way; price is one factor of several.",
            {} if gap is None else {"gap": str(gap)},
        ),
    )


def _obstacles(
    view: RivalView, standing: Standing, matching: Decimal | None, keeps: bool | None
) -> Iterator[Reason]:
    """What no price mends, or none we may suggest."""
    if standing.listing_status.strip().casefold() not in _ACTIVE:
        yield Reason(
            "not_eligible",
            "The listing is not active and cannot be featured.",
            {"status": standing.listing_status},
        )
    if standing.stock_units is not None and standing.stock_units <= 0:
        yield Reason("out_of_stock", "There is no stock; an offer that cannot be delivered is not featured.")
    for metric in standing.metrics:
        if metric.is_bad:
            yield Reason(
                "seller_metrics",
                "The platform judges the account badly; that weighs more than a price.",
                {
                    "metric": metric.name,
                    "rate": "" if metric.rate is None else str(metric.rate),
                    "limit": "" if metric.limit is None else str(metric.limit),
                },
            )
    if standing.external_price is not None and (view.own_landed or Decimal(0)) > standing.external_price:
        yield Reason(
            "external_price",
            "The platform sees the product cheaper elsewhere and features no offer above that price.",
            {"external": str(standing.external_price)},
        )
    if view.is_own_featured is False:
        yield from _obstacles_beside(view, standing, matching, keeps)


def _obstacles_beside(
    view: RivalView, standing: Standing, matching: Decimal | None, keeps: bool | None
) -> Iterator[Reason]:
    if view.featured is None:
        yield Reason("no_featured_offer", "No comparable offer is featured; there is no price to match.")
        return
    if view.own_landed is not None and view.own_landed <= min(view.featured, view.lowest or view.featured):
        is_slower = standing.is_platform_fulfilled is False and standing.is_featured_platform_fulfilled
        yield Reason(
            "already_lowest",
            "Ours is the lowest landed price already; something else decides (delivery, ratings, history).",
            {"own": str(view.own_landed), "featured": str(view.featured)}
            | ({"likely": "delivery"} if is_slower else {}),
        )
    elif keeps is False:
        yield Reason(
            "below_floor",
            "Matching the featured offer would take a price below the floor.",
            {"matching": str(matching)},
        )
