"""Prices within a variation family: the order holds, nobody moves further than wanted, heroes come first."""

from __future__ import annotations

from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.engine.family import Member, find_breaches, settle
from pricing.types import Tier

TICK = D("0.01")
prices = st.integers(500, 4000).map(lambda cents: D(cents) / 100)
members = st.builds(
    Member,
    sku=st.just(""),
    rank=st.sampled_from([None, 1, 2, 3]),
    pack_size=st.sampled_from([1, 2, 6]),
    tier=st.sampled_from(Tier),
    present=prices,
    wanted=prices,
)
families = st.lists(members, min_size=1, max_size=6).map(
    lambda rows: [
        Member(f"S{n}", each.rank, each.pack_size, each.tier, each.present, each.wanted)
        for n, each in enumerate(rows)
    ]
)


def member(sku: str, present: str, wanted: str, **more: object) -> Member:
    """A regular product of its own kind."""
    given: dict[str, object] = {"rank": None, "pack_size": 1, "tier": Tier.REGULAR, **more}
    return Member(sku, present=D(present), wanted=D(wanted), **given)  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(family=families)
def test_the_order_holds_wherever_it_can(family: list[Member]) -> None:
    """Only pairs that contradict each other at present still do; nobody passes what it wanted."""
    settled, breaches = settle(family, TICK)
    left = {(breach.lower, breach.upper, breach.rule) for breach in breaches}
    after = {sku: each.price for sku, each in settled.items()}
    before = {each.sku: each.present for each in family}
    stays = {(each.lower, each.upper, each.rule) for each in find_breaches(before, family)}
    for breach in find_breaches(after, family):
        assert (breach.lower, breach.upper, breach.rule) in left & stays
    for each in family:
        low, high = sorted((each.present, each.wanted))
        assert low <= after[each.sku] <= high
        assert (settled[each.sku].reason is None) == (after[each.sku] == each.wanted)


@settings(max_examples=100, deadline=None)
@given(family=families)
def test_the_order_of_the_rows_does_not_matter(family: list[Member]) -> None:
    """The same family, turned round: the same prices."""
    assert settle(family, TICK) == settle(family[::-1], TICK)


@settings(max_examples=100, deadline=None)
@given(family=families)
def test_clearance_holds_nobody_back(family: list[Member]) -> None:
    """Without its clearance products a family settles to the same prices."""
    others = [each for each in family if each.tier is not Tier.CLEARANCE]
    whole, alone = settle(family, TICK)[0], settle(others, TICK)[0]
    assert {each.sku: whole[each.sku] for each in others} == alone


def test_a_large_pack_is_not_dearer_per_piece() -> None:
    """Two at 19.00 each beside a single that goes down to 18.00: the pack follows, or the single stops."""
    single, pack = member("ONE", "20.00", "18.00"), member("TWO", "38.00", "38.00", pack_size=2)
    stopped, _ = settle([single, pack], TICK)
    assert stopped["ONE"].price == D("19.00")
    together, _ = settle([single, member("TWO", "38.00", "35.00", pack_size=2)], TICK)
    assert (together["ONE"].price, together["TWO"].price) == (D("18.00"), D("35.00"))
    assert together["ONE"].reason is None


def test_a_hero_goes_before_the_rest() -> None:
    """Small and large meet in the middle; the hero gets what it wants, the other stops there."""
    hero = member("S", "20.00", "24.00", rank=1, tier=Tier.HERO)
    other = member("L", "26.00", "22.00", rank=2)
    settled, _ = settle([hero, other], TICK)
    assert (settled["S"].price, settled["L"].price) == (D("24.00"), D("24.00"))
    settled, _ = settle([member("S", "20.00", "24.00", rank=1), Member("L", 2, 1, Tier.HERO, *_ends())], TICK)
    assert (settled["S"].price, settled["L"].price) == (D("22.00"), D("22.00"))


def test_a_clearance_product_may_undercut_its_sisters() -> None:
    """The large one is cleared below the small one; the other way round it stops below the large one."""
    small = member("S", "20.00", "20.00", rank=1)
    cleared, _ = settle([small, member("L", "26.00", "13.00", rank=2, tier=Tier.CLEARANCE)], TICK)
    assert cleared["L"].price == D("13.00")


def test_what_contradicts_itself_already_is_told() -> None:
    """Nobody wants to move and the small one is dearer: nothing happens, and the pair is named."""
    settled, breaches = settle(
        [member("S", "30.00", "30.00", rank=1), member("L", "26.00", "26.00", rank=2)], TICK
    )
    assert [(each.lower, each.upper, each.rule) for each in breaches] == [("S", "L", "larger_variant")]
    assert {each.price for each in settled.values()} == {D("30.00"), D("26.00")}


def _ends() -> tuple[D, D]:
    return D("26.00"), D("22.00")
