"""Buy Box advice names what a price cannot mend and never promises that a lower one wins."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pricing.engine.buy_box import BuyBoxAdvice, SellerMetric, Standing, Verdict, advise
from pricing.types import RivalView

D = Decimal
VIEW = RivalView(D(19), D(20), D(22), False, 3, None)
FINE = Standing(listing_status="active", stock_units=5)


def asked(
    view: RivalView = VIEW, standing: Standing = FINE, price: str | None = "21", floor: str | None = "15"
) -> BuyBoxAdvice:
    """Advice on a listing shown at 21 that costs the buyer 22 with shipping."""
    return advise(
        view,
        standing,
        price=None if price is None else D(price),
        floor=None if floor is None else D(floor),
        tick=D("0.01"),
    )


def test_a_dearer_offer_without_obstacles_may_be_helped_by_its_price() -> None:
    """The matching price is the shown one at which ours lands at the featured offer's, shipping kept."""
    advice = asked()
    assert advice.verdict is Verdict.PRICE_CAN_HELP
    assert (advice.matching_price, advice.keeps_floor, advice.gap) == (D("19.00"), True, D("0.1"))
    assert "one factor" in advice.reasons[0].text


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (replace(FINE, listing_status="inactive"), "not_eligible"),
        (replace(FINE, stock_units=0), "out_of_stock"),
        (replace(FINE, metrics=(SellerMetric("odr", D("0.011"), D("0.01")),)), "seller_metrics"),
        (replace(FINE, metrics=(SellerMetric("odr", None, None, "BAD"),)), "seller_metrics"),
        (replace(FINE, external_price=D("21.99")), "external_price"),
    ],
)
def test_price_cannot_win_what_something_else_loses(standing: Standing, code: str) -> None:
    """Each obstacle is named; the matching price is shown all the same, as a fact."""
    advice = asked(standing=standing)
    assert advice.verdict is Verdict.PRICE_CANNOT_WIN
    assert [reason.code for reason in advice.reasons] == [code]
    assert advice.matching_price == D("19.00")


def test_good_metrics_and_an_equal_external_price_are_no_obstacles() -> None:
    """At the limit is not beyond it."""
    standing = replace(
        FINE, metrics=(SellerMetric("odr", D("0.01"), D("0.01"), "good"),), external_price=D(22)
    )
    assert asked(standing=standing).verdict is Verdict.PRICE_CAN_HELP


def test_being_the_lowest_already_is_said() -> None:
    """A still lower price would only cost margin; slower delivery is named as likely."""
    view = replace(VIEW, own_landed=D(19))
    slow = replace(FINE, is_platform_fulfilled=False, is_featured_platform_fulfilled=True)
    advice = asked(view, slow)
    assert (advice.verdict, advice.reasons[0].code) == (Verdict.PRICE_CANNOT_WIN, "already_lowest")
    assert advice.reasons[0].values["likely"] == "delivery"


def test_a_match_below_the_floor_is_not_advised() -> None:
    """The floor holds: the reason says what matching would take."""
    advice = asked(floor="19.01")
    assert (advice.verdict, advice.keeps_floor) == (Verdict.PRICE_CANNOT_WIN, False)
    assert [reason.code for reason in advice.reasons] == ["below_floor"]
    assert asked(floor="19.00").verdict is Verdict.PRICE_CAN_HELP


def test_without_a_featured_offer_there_is_nothing_to_match() -> None:
    """Nobody featured is known, and different from knowing nothing."""
    nobody = asked(replace(VIEW, featured=None))
    assert (nobody.verdict, nobody.reasons[0].code) == (Verdict.PRICE_CANNOT_WIN, "no_featured_offer")
    unknown = asked(replace(VIEW, featured=None, is_own_featured=None))
    assert (unknown.verdict, unknown.reasons[0].code) == (Verdict.UNKNOWN, "nothing_known")
    assert unknown.matching_price is None


def test_a_featured_offer_of_ours_needs_no_match() -> None:
    """Featured is featured, and what endangers it is still named."""
    view = replace(VIEW, is_own_featured=True, featured=D(22))
    advice = asked(view, replace(FINE, stock_units=0))
    assert advice.verdict is Verdict.FEATURED
    assert [reason.code for reason in advice.reasons] == ["featured", "out_of_stock"]
    assert advice.matching_price is None


def test_what_is_not_known_is_not_computed() -> None:
    """No price of ours, no matching price; no floor, no verdict on it; a match below zero is none."""
    assert asked(price=None).matching_price is None
    assert asked(floor=None).keeps_floor is None
    assert asked(replace(VIEW, featured=D("0.50"), own_landed=D(22))).matching_price is None
