"""What counts as a rival: one regression test for every disaster that a careless filter caused somewhere."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.engine.condition import Condition, condition_of
from pricing.engine.offers import DEFAULT_POLICY, Drop
from pricing.engine.rivals import EMPTY_VIEW, find_rivals, view_rivals
from tests.pricing.competitors.offers import AT, OWN, offer, ours


def test_own_offer_is_never_undercut() -> None:
    """magento2#32776: a repricer took its own offer for the lowest rival and cut a cent every hour."""
    view = view_rivals([ours("20.00"), offer("R", "21.00")], OWN, AT)
    assert (view.lowest, view.own_landed, view.count) == (Decimal("21.00"), Decimal("20.00"), 1)
    assert view.dropped == {"own_offer": 1}
    alone = view_rivals([ours("20.00")], OWN, AT)
    assert (alone.lowest, alone.count) == (None, 0)


def test_own_offer_is_known_by_its_seller_id_even_where_the_feed_forgot_the_mark() -> None:
    """The feed's mark and our own ids both tell: either is enough."""
    view = view_rivals([offer("ME", "19.99"), offer("R", "21.00")], OWN, AT)
    assert view.lowest == Decimal("21.00")
    assert view.own_landed == Decimal("19.99")


def test_sister_stores_of_the_same_client_are_no_rivals() -> None:
    """Another store of the client, and a partner registered by hand, are left out and counted apart."""
    own = replace(OWN, sister_sellers=frozenset({"PARTNER"}))
    offers = [
        ours("20.00"),
        offer("ME2", "15.00", is_own=True),
        offer("PARTNER", "16.00"),
        offer("R", "21.00"),
    ]
    view = view_rivals(offers, own, AT)
    assert view.lowest == Decimal("21.00")
    assert view.own_landed == Decimal("20.00"), "a sister's price is not ours"
    assert view.dropped == {"own_offer": 1, "sister_store": 2}


@pytest.mark.parametrize("blank", ["", "  "])
def test_blank_seller_ids_never_count(blank: str) -> None:
    """Informed, April 2018: blank seller ids hid who had the Buy Box, and 200 users fell to their minimum.

    The offer may be our own: it is no rival, and if it is featured nobody knows whether we are.
    """
    view = view_rivals([ours("20.00"), offer(blank, "12.00", is_featured=True), offer("R", "21.00")], OWN, AT)
    assert view.lowest == Decimal("21.00")
    assert (view.featured, view.is_own_featured) == (None, None)
    assert view.dropped == {"blank_seller": 1, "own_offer": 1}


def test_shifted_shipping_prices_are_held_back() -> None:
    """Informed, September 2017: odd shipping from the interface made a repricer over-compensate."""
    shifted = [offer(f"R{n}", "20.00", shipping=Decimal(9), previous_shipping=Decimal(0)) for n in range(3)]
    calm = offer("CALM", "24.00", previous_shipping=Decimal(0))
    view = view_rivals([ours("22.00"), *shifted, calm], OWN, AT)
    assert view.lowest == Decimal("24.00")
    assert view.dropped["shipping_shift"] == 3
    confirmed = [replace(each, previous_shipping=Decimal(9)) for each in shifted]
    assert view_rivals([ours("22.00"), *confirmed, calm], OWN, AT).lowest == Decimal("24.00")
    assert view_rivals([ours("22.00"), *confirmed, calm], OWN, AT).count == 4
    lone = [shifted[0], *confirmed[1:], calm]
    assert "shipping_shift" not in view_rivals(lone, OWN, AT).dropped, "one seller may change its shipping"


@pytest.mark.parametrize(("shipping", "counts"), [("-1", False), ("4.99", True), ("25", True), ("26", False)])
def test_implausible_shipping_is_no_offer_to_sell(shipping: str, counts: bool) -> None:
    """Shipping below zero, or above both the guard and the price of the goods."""
    view = view_rivals([offer("R", "20.00", shipping=Decimal(shipping))], OWN, AT)
    assert view.count == int(counts)
    assert view.dropped == ({} if counts else {"shipping_implausible": 1})


@pytest.mark.parametrize(
    ("condition", "drop"),
    [
        ("refurbished", "other_condition"),
        ("Renewed", "other_condition"),
        ("Certified Refurbished", "other_condition"),
        ("used - like new", "other_condition"),
        ("整備済み品", "other_condition"),
        ("", "condition_unknown"),
        ("mystery", "condition_unknown"),
    ],
)
def test_refurbished_goods_are_not_matched(condition: str, drop: str) -> None:
    """A new product followed a renewed one down; a condition nobody knows is not taken for ours either."""
    view = view_rivals([ours("20.00"), offer("R", "9.00", condition=condition)], OWN, AT)
    assert view.lowest is None
    assert view.dropped[drop] == 1


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("new", "new"),
        ("New", "new"),
        ("新品", "new"),
        ("nuevo", "new"),
        ("11", "new"),
        ("10", "refurbished"),
        ("Renewed", "refurbished"),
        ("2", "used"),
        ("used_like_new", "used"),
        ("collectible_good", "collectible"),
        ("7", "collectible"),
        ("?", "unknown"),
    ],
)
def test_conditions_are_read_whatever_a_platform_calls_them(text: str, condition: str) -> None:
    """The words and numbers of the platforms; "renewed" is not "new"."""
    assert condition_of(text) is Condition(condition)


def test_a_feed_that_stands_still_is_known_for_it() -> None:
    """Stale offers do not count, and the view says of when they are."""
    view = view_rivals([ours("20.00", hours=25), offer("R", "9.00", hours=25)], OWN, AT)
    assert (view.lowest, view.own_landed, view.is_own_featured, view.count) == (None, None, None, 0)
    assert view.dropped == {"own_offer": 1, "stale": 1}
    assert view.as_of == offer("R", "1", hours=25).observed_at


def test_a_seller_who_left_is_not_followed() -> None:
    """Who is missing from the feed's last round is gone, though seen within the last day."""
    view = view_rivals([offer("LEFT", "9.00", hours=5), offer("R", "21.00", hours=1)], OWN, AT)
    assert view.lowest == Decimal("21.00")
    assert view.dropped == {"not_in_last_observation": 1}
    own_source = replace(DEFAULT_POLICY, permitted=frozenset({"feed", "scout"}))
    seen = [offer("LEFT", "18.00", hours=5, source="scout"), offer("R", "21.00", hours=1)]
    assert view_rivals(seen, OWN, AT, own_source).lowest == Decimal("18.00"), (
        "only the feed's rounds are whole"
    )


def test_of_a_seller_the_newest_observation_counts() -> None:
    """An older price of the same seller is superseded, whatever the order of the rows."""
    seen = [offer("R", "9.00", hours=6), offer("R", "21.00", hours=1)]
    for offers in (seen, seen[::-1]):
        view = view_rivals(offers, OWN, AT)
        assert (view.lowest, view.dropped) == (Decimal("21.00"), {"older_observation": 1})


@pytest.mark.parametrize(
    ("price", "drop"), [("0.00", "penny_price"), ("0.01", "penny_price"), ("0.50", "penny_price")]
)
def test_penny_prices_are_mistakes(price: str, drop: str) -> None:
    """RepricerExpress, December 2014: goods went for a penny. Nobody is followed there."""
    view = view_rivals([ours("20.00"), offer("R", price)], OWN, AT)
    assert (view.lowest, view.dropped[drop]) == (None, 1)


@pytest.mark.parametrize(
    ("price", "counts"), [("5.99", False), ("6.00", True), ("60.00", True), ("60.01", False)]
)
def test_a_price_far_from_ours_is_a_slip(price: str, counts: bool) -> None:
    """Below 30 % or above three times our own landed price, where there are too few for statistics."""
    assert view_rivals([ours("20.00"), offer("R", price)], OWN, AT).count == int(counts)


def test_where_most_of_the_feed_slipped_the_median_slipped_too() -> None:
    """Six offers in cents, one in dollars: the one that is near ours counts, the six do not."""
    crowd = [offer(f"R{n}", "1990") for n in range(6)]
    view = view_rivals([ours("20.00"), *crowd, offer("HONEST", "19.50")], OWN, AT)
    assert (view.lowest, view.count, view.dropped["outlier"]) == (Decimal("19.50"), 1, 6)


def test_with_many_offers_the_median_decides() -> None:
    """One absurd price of six is dropped, an honest discount of 15 % is not."""
    crowd = [offer(f"R{n}", price) for n, price in enumerate(["20", "20.10", "19.90", "20.05", "17", "4"])]
    view = view_rivals(crowd, OWN, AT)
    assert (view.lowest, view.count, view.dropped) == (Decimal(17), 5, {"outlier": 1})


def test_shipping_and_points_are_in_the_price() -> None:
    """Landed is price + shipping − points, on both sides."""
    own = replace(OWN, currency="JPY")
    mine = ours("2000", currency="JPY", points=Decimal(200), shipping=Decimal(0))
    rival = offer("R", "1700", currency="JPY", shipping=Decimal(500), points=Decimal(17))
    view = view_rivals([mine, rival], own, AT)
    assert (view.own_landed, view.lowest) == (Decimal(1800), Decimal(2183))


@pytest.mark.parametrize(("points", "counts"), [("-1", False), ("1000", True), ("1001", False)])
def test_implausible_points_are_not_believed(points: str, counts: bool) -> None:
    """More than half of the price in points breaches the policy and is a mistake more often than an offer."""
    own = replace(OWN, currency="JPY")
    rival = offer("R", "2000", currency="JPY", points=Decimal(points))
    view = view_rivals([rival], own, AT)
    assert (view.count, view.dropped) == ((1, {}) if counts else (0, {"points_implausible": 1}))


@pytest.mark.parametrize(
    ("changes", "drop"),
    [
        ({"currency": "MXN"}, "other_currency"),
        ({"pack_size": 2}, "other_pack"),
        ({"pack_size": None}, "pack_unknown"),
        ({"source": "scraper"}, "source_not_permitted"),
        ({"hours": -1}, "seen_in_future"),
    ],
)
def test_what_cannot_be_compared_is_named(changes: dict[str, Any], drop: str) -> None:
    """Another currency, pack or source, or an observation from the future, each by its own name."""
    view = view_rivals([offer("R", "20.00", **changes)], OWN, AT)
    assert (view.lowest, view.dropped) == (None, {drop: 1})


def test_featured_is_ours_a_sisters_a_rivals_or_nobodys() -> None:
    """A sister's win is ours; a fresh view without a featured offer says so; no view says nothing."""
    rival, mine = offer("R", "21.00", is_featured=True), ours("20.00", is_featured=True)
    assert view_rivals([rival, ours("20")], OWN, AT).is_own_featured is False
    assert view_rivals([rival, ours("20")], OWN, AT).featured == Decimal("21.00")
    assert view_rivals([offer("R", "21"), mine], OWN, AT).is_own_featured is True
    sister = offer("ME2", "19.00", is_own=True, is_featured=True)
    assert view_rivals([sister, ours("20")], OWN, AT).is_own_featured is True
    nobody = view_rivals([offer("R", "21"), ours("20")], OWN, AT)
    assert (nobody.featured, nobody.is_own_featured) == (None, False)
    assert view_rivals([], OWN, AT) == EMPTY_VIEW


_OFFERS = st.lists(
    st.builds(
        offer,
        st.sampled_from(["", "ME", "ME2", "A", "B", "C", "D", "E", "F"]),
        st.integers(1, 9000).map(lambda cents: str(Decimal(cents) / 100)),
        hours=st.integers(0, 30),
        condition=st.sampled_from(["new", "used", "renewed", ""]),
        pack_size=st.sampled_from([1, 1, 2, None]),
        is_featured=st.booleans(),
        source=st.sampled_from(["feed", "feed", "scraper"]),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(_OFFERS, st.integers())
def test_whatever_is_seen_no_offer_is_lost_and_none_counts_that_must_not(
    offers: list[Any], seed: int
) -> None:
    """Every offer counts or has a reason; the order of rows changes nothing; nothing forbidden counts."""
    found = find_rivals(offers, OWN, AT)
    assert found.view.count + sum(found.view.dropped.values()) == len(offers)
    for rival in found.rivals:
        assert rival.seller_id not in ("", "ME", "ME2")
        assert (rival.condition, rival.pack_size, rival.source) == ("new", 1, "feed")
        assert AT - rival.observed_at <= DEFAULT_POLICY.max_age
    assert found.view.lowest == min((rival.landed for rival in found.rivals), default=None)
    shuffled = list(offers)
    random.Random(seed).shuffle(shuffled)
    again = find_rivals(shuffled, OWN, AT).view
    assert (again.lowest, again.count, again.dropped) == (
        found.view.lowest,
        found.view.count,
        found.view.dropped,
    )


def test_every_reason_has_a_test() -> None:
    """A reason nobody tested would be one nobody has seen work."""
    text = Path(__file__).read_text("utf-8")
    assert [drop.value for drop in Drop if f'"{drop.value}"' not in text] == []
