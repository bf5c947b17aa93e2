"""Which of the offers seen for a product are rivals of ours: whatever must not count is dropped, and named.

Every rule here answers to a disaster that happened to somebody: a repricer that undercut its own offer, blank
seller ids, shifted shipping prices, refurbished goods taken for new ones, a feed that stood still, a price of
one cent. An offer is judged by the first rule that speaks against it; what none does counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pricing.engine.condition import Condition, condition_of
from pricing.engine.offers import DEFAULT_POLICY, FEED, ZERO, Drop, OwnSide, RawOffer, RivalPolicy
from pricing.engine.robust import far_from_median
from pricing.types import RivalView


@dataclass(frozen=True, slots=True)
class Judged:
    """An offer with the verdict on it; `drop` None: it counts."""

    offer: RawOffer
    drop: Drop | None


@dataclass(frozen=True, slots=True)
class Findings:
    """The view of a product's rivals with every offer behind it."""

    view: RivalView
    offers: tuple[Judged, ...]

    @property
    def rivals(self) -> tuple[RawOffer, ...]:
        """The offers that count, the cheapest first."""
        counted = (judged.offer for judged in self.offers if judged.drop is None)
        return tuple(sorted(counted, key=lambda offer: (offer.landed, offer.seller_id)))


def find_rivals(
    offers: Iterable[RawOffer], own: OwnSide, at: datetime, policy: RivalPolicy = DEFAULT_POLICY
) -> Findings:
    """Judge all offers of one product at `at`.

    An offer of a blank seller id never counts: it may be our own. If it is the featured one, nobody knows
    who is featured, and `is_own_featured` is None. A sister store that is featured counts as ourselves.
    """
    seen = tuple(offers)
    ages = _Ages.of(seen, at, policy)
    first = [_first_verdict(offer, own, ages) for offer in seen]
    comparable = [offer for offer, drop in zip(seen, first, strict=True) if drop is None]
    ours = _own_offer(seen, own, ages)
    second = _second_verdicts(comparable, ours, policy)
    judged = tuple(
        Judged(offer, drop or second.get(id(offer))) for offer, drop in zip(seen, first, strict=True)
    )
    return Findings(_view(judged, ours, ages), judged)


def view_rivals(
    offers: Iterable[RawOffer], own: OwnSide, at: datetime, policy: RivalPolicy = DEFAULT_POLICY
) -> RivalView:
    """The comparable offers of others for one product; see `find_rivals`."""
    return find_rivals(offers, own, at, policy).view


EMPTY_VIEW = RivalView(None, None, None, None, 0, None)

_Seller = tuple[str, str, str, str]


def _seller_key(offer: RawOffer) -> _Seller:
    return (offer.source, offer.seller_id, offer.condition, offer.channel)


@dataclass(frozen=True, slots=True)
class _Ages:
    """When things were seen: now, the feed's last round, the newest observation of every seller."""

    at: datetime
    policy: RivalPolicy
    last_round: datetime | None
    newest: Mapping[_Seller, datetime]

    @classmethod
    def of(cls, offers: Sequence[RawOffer], at: datetime, policy: RivalPolicy) -> _Ages:
        newest: dict[_Seller, datetime] = {}
        for offer in offers:
            key = _seller_key(offer)
            if offer.observed_at <= at and (key not in newest or offer.observed_at > newest[key]):
                newest[key] = offer.observed_at
        rounds = (offer.observed_at for offer in offers if offer.source == FEED and offer.observed_at <= at)
        return cls(at, policy, max(rounds, default=None), newest)

    def verdict(self, offer: RawOffer) -> Drop | None:
        """What the time of its observation says against an offer."""
        if offer.observed_at > self.at + self.policy.clock_skew:
            return Drop.FUTURE
        if offer.observed_at < self.newest.get(_seller_key(offer), offer.observed_at):
            return Drop.SUPERSEDED
        if self.at - offer.observed_at > self.policy.max_age:
            return Drop.STALE
        if offer.source == FEED and self._is_before_last_round(offer):
            return Drop.GONE
        return None

    def _is_before_last_round(self, offer: RawOffer) -> bool:
        return self.last_round is not None and self.last_round - offer.observed_at > self.policy.same_round


def _is_ours(offer: RawOffer, own: OwnSide) -> bool:
    seller = offer.seller_id.strip()
    return offer.is_own or (bool(seller) and (seller == own.seller_id or seller in own.own_sellers))


def _is_this_store(offer: RawOffer, own: OwnSide) -> bool:
    return not own.seller_id or offer.seller_id.strip() in ("", own.seller_id)


def _first_verdict(offer: RawOffer, own: OwnSide, ages: _Ages) -> Drop | None:
    """What speaks against an offer by itself, the first reason that does."""
    seller = offer.seller_id.strip()
    if _is_ours(offer, own):
        return Drop.OWN if _is_this_store(offer, own) else Drop.SISTER
    if not seller:
        return Drop.BLANK_SELLER
    if seller in own.sister_sellers:
        return Drop.SISTER
    if offer.source not in ages.policy.permitted:
        return Drop.SOURCE
    if offer.currency != own.currency:
        return Drop.CURRENCY
    return ages.verdict(offer) or _kind_verdict(offer, own) or _amount_verdict(offer, ages.policy)


def _kind_verdict(offer: RawOffer, own: OwnSide) -> Drop | None:
    condition = condition_of(offer.condition)
    if condition is Condition.UNKNOWN:
        return Drop.CONDITION_UNKNOWN
    if condition is not condition_of(own.condition):
        return Drop.CONDITION
    if offer.pack_size is None:
        return Drop.PACK_UNKNOWN
    if offer.pack_size != own.pack_size:
        return Drop.PACK
    return None


def _amount_verdict(offer: RawOffer, policy: RivalPolicy) -> Drop | None:
    guard = policy.guards.get(offer.currency)
    if offer.price <= (guard.penny if guard else ZERO):
        return Drop.PENNY
    if offer.shipping < 0 or (guard and offer.shipping > max(guard.shipping, offer.price)):
        return Drop.SHIPPING
    if offer.points < 0 or offer.points > policy.most_points * offer.price:
        return Drop.POINTS
    return None


def _own_offer(offers: Sequence[RawOffer], own: OwnSide, ages: _Ages) -> RawOffer | None:
    """This store's fresh offer in the condition it sells, the cheapest where there are several."""
    condition = condition_of(own.condition)
    ours = [
        offer
        for offer in offers
        if _is_ours(offer, own)
        and _is_this_store(offer, own)
        and offer.currency == own.currency
        and condition_of(offer.condition) is condition
        and ages.verdict(offer) is None
    ]
    return min(ours, key=lambda offer: offer.landed, default=None)


def _second_verdicts(
    offers: Sequence[RawOffer], ours: RawOffer | None, policy: RivalPolicy
) -> dict[int, Drop]:
    """What speaks against offers only beside the others, by the offers' identities."""
    found: dict[int, Drop] = {}
    known = [offer for offer in offers if offer.previous_shipping is not None]
    moved = [
        offer
        for offer in known
        if abs(offer.shipping - (offer.previous_shipping or ZERO)) > policy.shift_share * offer.price
    ]
    if len(moved) * 2 > len(known):
        found.update((id(offer), Drop.SHIPPING_SHIFT) for offer in moved)
    left = [offer for offer in offers if id(offer) not in found]
    if ours is not None and ours.landed > 0:
        # Asked first, and of large samples too: where most of the feed slipped a unit, so did its median.
        within = (policy.far_below * ours.landed, policy.far_above * ours.landed)
        astray = [offer for offer in left if not within[0] <= offer.landed <= within[1]]
        found.update((id(offer), Drop.OUTLIER) for offer in astray)
        left = [offer for offer in left if id(offer) not in found]
    if len(left) >= policy.least_sample:
        far = far_from_median(
            [offer.landed for offer in left],
            widths=policy.outlier_widths,
            least_width=policy.least_width,
        )
        found.update((id(offer), Drop.OUTLIER) for offer, is_far in zip(left, far, strict=True) if is_far)
    return found


def _view(judged: Sequence[Judged], ours: RawOffer | None, ages: _Ages) -> RivalView:
    counted = [each.offer for each in judged if each.drop is None]
    featured, is_own = _featured(judged, ours)
    seen = [
        each.offer.observed_at
        for each in judged
        if each.offer.source in ages.policy.permitted and each.offer.observed_at <= ages.at
    ]
    return RivalView(
        lowest=min((offer.landed for offer in counted), default=None),
        featured=featured,
        own_landed=None if ours is None else ours.landed,
        is_own_featured=is_own,
        count=len(counted),
        as_of=max(seen, default=None),
        dropped=dict(sorted(Counter(each.drop.value for each in judged if each.drop is not None).items())),
    )


_OLD = frozenset({Drop.STALE, Drop.GONE, Drop.SUPERSEDED, Drop.FUTURE, Drop.SOURCE})


def _featured(judged: Sequence[Judged], ours: RawOffer | None) -> tuple[Decimal | None, bool | None]:
    """The landed price of the featured offer and whether it is ours; (None, None): nobody knows.

    Where a fresh observation shows no featured offer at all, the answer is (None, False).
    """
    if any(each.offer.is_featured and each.drop is Drop.BLANK_SELLER for each in judged):
        return None, None
    if ours is not None and ours.is_featured:
        return ours.landed, True
    live = [each for each in judged if each.drop not in _OLD and each.drop is not Drop.OWN]
    for each in live:
        if each.offer.is_featured and each.drop in (None, Drop.SISTER):
            return each.offer.landed, each.drop is Drop.SISTER
    if any(each.offer.is_featured for each in live):
        # Somebody is featured whose offer cannot be compared with ours.
        return None, False
    return (None, False) if live or ours is not None else (None, None)
