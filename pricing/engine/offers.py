"""An offer as it was seen, who we are beside it, and by what policy it is compared with ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

ZERO = Decimal(0)
FEED = "feed"
"""The source of what the platform's own interface answers about its own shelf."""


class Drop(StrEnum):
    """Why an offer does not count as a rival's."""

    OWN = "own_offer"
    SISTER = "sister_store"
    BLANK_SELLER = "blank_seller"
    SOURCE = "source_not_permitted"
    CURRENCY = "other_currency"
    FUTURE = "seen_in_future"
    STALE = "stale"
    GONE = "not_in_last_observation"
    SUPERSEDED = "older_observation"
    CONDITION = "other_condition"
    CONDITION_UNKNOWN = "condition_unknown"
    PACK = "other_pack"
    PACK_UNKNOWN = "pack_unknown"
    PENNY = "penny_price"
    SHIPPING = "shipping_implausible"
    SHIPPING_SHIFT = "shipping_shift"
    POINTS = "points_implausible"
    OUTLIER = "outlier"


@dataclass(frozen=True, slots=True)
class RawOffer:
    """An offer as it was seen. Amounts are per offer in `currency`; `pack_size` None: nobody knows it.

    `source` is FEED or the key of a permitted source; `previous_shipping` is what the same seller asked for
    shipping the time before (None: not seen before).
    """

    product_id: str
    seller_id: str
    is_own: bool
    condition: str
    channel: str
    observed_at: datetime
    currency: str
    price: Decimal
    shipping: Decimal
    points: Decimal
    is_featured: bool
    source: str = FEED
    pack_size: int | None = None
    previous_shipping: Decimal | None = None

    @property
    def landed(self) -> Decimal:
        """What the buyer pays in the end: price + shipping − points."""
        return self.price + self.shipping - self.points

    @property
    def unit_price(self) -> Decimal | None:
        """The landed price of one piece, None where the pack is not known."""
        return self.landed / self.pack_size if self.pack_size else None


@dataclass(frozen=True, slots=True)
class OwnSide:
    """Who we are for one product: the store's own seller id, those of the client's other stores and of its
    registered partners, and what we sell (condition, pieces in the pack, currency)."""

    currency: str
    seller_id: str = ""
    own_sellers: frozenset[str] = frozenset()
    sister_sellers: frozenset[str] = frozenset()
    condition: str = "new"
    pack_size: int = 1


@dataclass(frozen=True, slots=True)
class Guard:
    """Absolute bounds of a currency: a price at or below `penny` is a mistake of somebody's, shipping above
    both `shipping` and the price itself is no offer to sell."""

    penny: Decimal
    shipping: Decimal


GUARDS: Mapping[str, Guard] = MappingProxyType(
    {
        "USD": Guard(Decimal("0.50"), Decimal(25)),
        "JPY": Guard(Decimal(50), Decimal(3000)),
        "MXN": Guard(Decimal(10), Decimal(400)),
        "CAD": Guard(Decimal("0.70"), Decimal(35)),
        "EUR": Guard(Decimal("0.50"), Decimal(25)),
        "GBP": Guard(Decimal("0.40"), Decimal(20)),
    }
)


@dataclass(frozen=True, slots=True)
class RivalPolicy:
    """What counts as comparable.

    `max_age` is the age beyond which nothing is known any more. In the feed a seller who was seen before the
    product's last observation, by more than `same_round`, has left. Shipping that moved by more than
    `shift_share` of the price at more than half of the sellers at once is held back until it is seen twice.
    An offer outside `far_below` to `far_above` (multiples of our own landed price) is a slip of somebody's;
    among the rest outliers are sought from `least_sample` offers on.
    """

    permitted: frozenset[str] = frozenset({FEED})
    max_age: timedelta = timedelta(hours=24)
    same_round: timedelta = timedelta(minutes=15)
    clock_skew: timedelta = timedelta(minutes=5)
    shift_share: Decimal = Decimal("0.10")
    most_points: Decimal = Decimal("0.50")
    least_sample: int = 5
    outlier_widths: Decimal = Decimal(4)
    least_width: Decimal = Decimal("0.05")
    far_below: Decimal = Decimal("0.30")
    far_above: Decimal = Decimal(3)
    guards: Mapping[str, Guard] = field(default_factory=lambda: GUARDS)


DEFAULT_POLICY = RivalPolicy()
