"""Which prices the members of a variation family may have beside each other.

Two things hold within a family. Of equal packs, a larger variant (a higher rank) is not cheaper than a
smaller one. Of one variant, a larger pack costs no less in total and no more per piece than a smaller pack;
platforms act against packs that are dearer per piece.

Members are settled by the part they play: heroes first, then regular products, the tail, and clearance last.
A clearance product may undercut its smaller sisters and never holds another member back. A member only ever
stops on its own way from the present price to the wanted one, so that no limit that held for the whole move
is passed by the shorter one. Prices are counted in ticks, exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricing.types import Reason, Tier

_ORDER = {Tier.HERO: 0, Tier.REGULAR: 1, Tier.TAIL: 2, Tier.CLEARANCE: 3}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a family: its present price and the one its own proposal wants (the same: it stays)."""

    sku: str
    rank: int | None
    pack_size: int
    tier: Tier
    present: Decimal
    wanted: Decimal


@dataclass(frozen=True, slots=True)
class Settled:
    """The price that a member may go to, and why it is not the wanted one; no reason: it is."""

    sku: str
    price: Decimal
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Breach:
    """Two present prices that contradict each other and that no proposal of this family mends."""

    lower: str
    upper: str
    rule: str


@dataclass(frozen=True, slots=True)
class _Bound:
    """`lower` × `per_lower` ≤ `upper` × `per_upper`, in ticks."""

    lower: str
    upper: str
    per_lower: int
    per_upper: int
    rule: str


_Range = tuple[int, int]


def settle(members: Sequence[Member], tick: Decimal) -> tuple[dict[str, Settled], tuple[Breach, ...]]:
    """Return each member's price, and the contradictions that stay. All prices are multiples of `tick`."""
    ordered = sorted(members, key=lambda each: (_ORDER[each.tier], each.rank or 0, each.pack_size, each.sku))
    ranges = {each.sku: _way(each, tick) for each in ordered}
    wanted = {each.sku: int(each.wanted / tick) for each in ordered}
    present = {each.sku: int(each.present / tick) for each in ordered}
    bounds = list(_bounds([each for each in ordered if each.tier is not Tier.CLEARANCE]))
    breaches = _make_possible(ranges, bounds, present, ordered)
    for each in ordered:
        if each.tier is Tier.CLEARANCE:
            first, last = _clearance_range(each, ordered, ranges)
            if first > last:
                first = last = present[each.sku]
            ranges[each.sku] = (first, last)
        first, last = ranges[each.sku]
        price = min(max(wanted[each.sku], first), last)
        ranges[each.sku] = (price, price)
        _narrow(ranges, bounds)
    settled = {
        each.sku: Settled(each.sku, ranges[each.sku][0] * tick, _reason(each, ranges[each.sku][0] * tick))
        for each in ordered
    }
    return settled, breaches


def find_breaches(prices: Mapping[str, Decimal], members: Sequence[Member]) -> tuple[Breach, ...]:
    """Return the rules of the family that prices break; clearance products are left out."""
    bounds = _bounds([each for each in members if each.tier is not Tier.CLEARANCE])
    return tuple(
        Breach(bound.lower, bound.upper, bound.rule)
        for bound in bounds
        if prices[bound.lower] * bound.per_lower > prices[bound.upper] * bound.per_upper
    )


def _bounds(members: Sequence[Member]) -> Iterator[_Bound]:
    for one in members:
        for other in members:
            yield from _pair(one, other)


def _pair(one: Member, other: Member) -> Iterator[_Bound]:
    """What holds between two members, seen from the smaller one."""
    if one.pack_size == other.pack_size and one.rank is not None and other.rank is not None:
        if one.rank < other.rank:
            yield _Bound(one.sku, other.sku, 1, 1, "larger_variant")
    elif one.rank == other.rank and one.pack_size < other.pack_size:
        yield _Bound(one.sku, other.sku, 1, 1, "larger_pack")
        yield _Bound(other.sku, one.sku, one.pack_size, other.pack_size, "price_per_piece")


def _way(member: Member, tick: Decimal) -> _Range:
    ends = sorted((int(member.present / tick), int(member.wanted / tick)))
    return ends[0], ends[1]


def _make_possible(
    ranges: dict[str, _Range], bounds: list[_Bound], present: Mapping[str, int], ordered: Sequence[Member]
) -> tuple[Breach, ...]:
    """Narrow all ranges to what can hold together; where that is nothing, the least important stay put.

    Bounds between members that stay put cannot be kept by anybody: they are taken out and returned.
    """
    breaches: list[Breach] = []
    while True:
        tried = dict(ranges)
        broken = _narrow(tried, bounds)
        if broken is None:
            ranges.update(tried)
            return tuple(breaches)
        # Undo the widest way out first: the pair that contradicts each other stays at its present prices.
        stuck = [sku for sku in (broken.lower, broken.upper) if ranges[sku][0] != ranges[sku][1]]
        movable = [each.sku for each in ordered if ranges[each.sku][0] != ranges[each.sku][1]]
        least = next((each.sku for each in reversed(ordered) if each.sku in (stuck or movable)), None)
        if least is None:
            bounds.remove(broken)
            breaches.append(Breach(broken.lower, broken.upper, broken.rule))
        else:
            ranges[least] = (present[least], present[least])


def _narrow(ranges: dict[str, _Range], bounds: Sequence[_Bound]) -> _Bound | None:
    """Take from each range what no bound leaves possible; returns the bound that left nothing."""
    changed = True
    while changed:
        changed = False
        for bound in bounds:
            low, high = ranges[bound.lower], ranges[bound.upper]
            most = high[1] * bound.per_upper // bound.per_lower
            least = -(-low[0] * bound.per_lower // bound.per_upper)
            if most < low[0] or least > high[1]:
                return bound
            narrowed = ((low[0], min(low[1], most)), (max(high[0], least), high[1]))
            if narrowed != (low, high):
                ranges[bound.lower], ranges[bound.upper] = narrowed
                changed = True
    return None


def _clearance_range(member: Member, ordered: Sequence[Member], ranges: Mapping[str, _Range]) -> _Range:
    """How far a clearance product may go: down as it likes, never above its place in the family."""
    first, last = ranges[member.sku]
    for other in ordered:
        for bound in (*_pair(member, other), *_pair(other, member)):
            if bound.lower == member.sku:
                last = min(last, ranges[bound.upper][1] * bound.per_upper // bound.per_lower)
    return first, last


def _reason(member: Member, price: Decimal) -> Reason | None:
    if price == member.wanted:
        return None
    values = {"wanted": format(member.wanted, "f"), "price": format(price, "f")}
    if price == member.present:
        return Reason(
            "family_order", "Its place in the variation family does not allow another price", values
        )
    return Reason("family_order", "Its place in the variation family allows only a part of the move", values)
