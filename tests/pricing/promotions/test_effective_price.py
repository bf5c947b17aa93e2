"""Effective prices: how base, promotion, deal, coupon, points and bundle stack: a table and properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.engine.effective_price import DatedFact, effective_price
from pricing.engine.price_history import PriceKind

D = Decimal
AT = datetime(2026, 10, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def fact(number: int, kind: str, **values: Any) -> DatedFact:
    """A fact in force now."""
    return DatedFact(number, PriceKind(kind), AT - HOUR, None, **values)


PROMOTION = fact(1, "promotion", amount=D("24.00"))
DEAL = fact(2, "deal", amount=D("22.00"))
COUPON = fact(3, "coupon", share=D("0.10"), fee_amount=D("0.60"), use_share=D("0.25"))
MONEY_OFF = fact(4, "coupon", amount=D("5.00"), fee_share=D("0.025"))
POINTS = fact(5, "points", share=D("0.05"))
BUNDLE = fact(6, "bundle", amount=D("50.00"), quantity=3)


@pytest.mark.parametrize(
    ("facts", "shown", "paid", "effective", "kept", "used"),
    [
        ([], "30", "30", "30", "30", ()),
        ([PROMOTION], "24", "24", "24", "24", (1,)),
        ([PROMOTION, DEAL], "22", "22", "22", "22", (2,)),
        ([fact(7, "promotion", amount=D(31))], "30", "30", "30", "30", ()),
        ([fact(8, "deal", amount=D(31))], "31", "31", "31", "31", (8,)),
        ([COUPON], "30", "27", "27", "26.40", (3,)),
        ([COUPON, MONEY_OFF], "30", "25", "25", "24.37", (4,)),
        ([DEAL, COUPON], "22", "19.80", "19.80", "19.20", (2, 3)),
        ([POINTS], "30", "30", "28.50", "28.50", (5,)),
        ([DEAL, COUPON, POINTS], "22", "19.80", "18.81", "18.21", (2, 3, 5)),
        ([BUNDLE, COUPON], "30", "27", "27", "26.40", (3, 6)),
        ([fact(9, "coupon", amount=D(99))], "30", "0", "0", "0", (9,)),
        ([fact(10, "base", amount=D(35))], "30", "30", "30", "30", ()),
    ],
)
def test_how_prices_stack(
    facts: list[DatedFact], shown: str, paid: str, effective: str, kept: str, used: tuple[int, ...]
) -> None:
    """A listing of 30.00: what stands on the page, what is paid, what it comes to, what stays, and why."""
    found = effective_price(facts, AT, base=D(30), minor=D("0.01"))
    assert found is not None
    assert (found.shown, found.paid, found.effective, found.seller_keeps) == (
        D(shown),
        D(paid),
        D(effective),
        D(kept),
    )
    assert found.used == used
    assert found.bundle_unit == (D("16.67") if BUNDLE in facts else None)


def test_japanese_points_are_whole_and_rounded_down() -> None:
    """1 % of 1,980 yen are 19 points; they lower the effective price and not what is paid."""
    found = effective_price([fact(1, "points", share=D("0.01"))], AT, base=D(1980), minor=D(1))
    assert found is not None
    assert (found.paid, found.points, found.effective) == (D(1980), D(19), D(1961))


def test_averages_weigh_the_coupon_with_its_use() -> None:
    """A quarter of the buyers uses 10 % of 30.00: 29.25 is paid on average, 29.10 is kept (fee 0.60)."""
    found = effective_price([COUPON], AT, base=D(30), minor=D("0.01"))
    assert found is not None
    assert (found.average_paid, found.average_kept) == (D("29.25"), D("29.10"))


@pytest.mark.parametrize(("hours", "holds"), [(-1, False), (0, True), (2, True), (3, False)])
def test_a_fact_holds_from_its_start_to_just_before_its_end(hours: int, holds: bool) -> None:
    """A deal of three hours."""
    deal = DatedFact(1, PriceKind.DEAL, AT, AT + 3 * HOUR, amount=D(20))
    found = effective_price([deal], AT + hours * HOUR, base=D(30), minor=D("0.01"))
    assert found is not None
    assert found.shown == (D(20) if holds else D(30))


def test_without_any_price_there_is_none() -> None:
    """A coupon alone says no price; a stated base price does where the listing shows none."""
    assert effective_price([COUPON], AT, base=None, minor=D("0.01")) is None
    found = effective_price([fact(1, "base", amount=D(35))], AT, base=None, minor=D("0.01"))
    assert found is not None
    assert (found.shown, found.used) == (D(35), (1,))


facts_of = st.lists(
    st.builds(
        lambda number, kind, cents, percent, in_money: DatedFact(
            number,
            kind,
            AT - HOUR,
            None,
            amount=D(cents) / 100 if in_money or kind not in (PriceKind.COUPON, PriceKind.POINTS) else None,
            share=D(percent) / 100,
        ),
        st.integers(1, 99),
        st.sampled_from(PriceKind),
        st.integers(1, 9_999),
        st.integers(0, 100),
        st.booleans(),
    ),
    max_size=8,
)


@given(facts=facts_of, base=st.integers(1, 9_999))
@settings(max_examples=150, deadline=None)
def test_order_never_matters_and_nothing_is_negative(facts: list[DatedFact], base: int) -> None:
    """Any facts in any order: the same prices, shown ≥ paid ≥ effective ≥ 0."""
    price = D(base) / 100
    found = effective_price(facts, AT, base=price, minor=D("0.01"))
    other = effective_price(facts[::-1], AT, base=price, minor=D("0.01"))
    assert found is not None
    assert other is not None
    assert (found.shown, found.paid, found.points) == (other.shown, other.paid, other.points)
    assert found.shown >= found.paid >= found.effective >= 0
    if not any(each.kind is PriceKind.DEAL for each in facts):
        assert found.shown <= price
