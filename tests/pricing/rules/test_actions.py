"""Actions: what each proposes for a listing, before any limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pricing.engine.contribution import evaluate
from pricing.engine.optimum import best_price, constant_elasticity_price
from pricing.rules.actions import ACTIONS
from pricing.rules.actions.base import Direction, Follows
from pricing.rules.intervals import INFINITE, Interval, point
from pricing.types import RivalView
from tests.pricing.rules.worlds import AT, PLAIN, listing

D = Decimal
_STEPS = ((D(91), D("0.05")), (D(121), D("0.10")), (D(151), D("0.20")), (D(181), D("0.35")))


def _rivals(**changes: Any) -> RivalView:
    values: dict[str, Any] = {
        "lowest": D("28.50"),
        "featured": D("28.00"),
        "own_landed": D("30.00"),
        "is_own_featured": False,
        "count": 3,
        "as_of": AT,
    }
    return RivalView(**{**values, **changes})


@pytest.mark.parametrize(
    ("action", "values", "changes", "expected"),
    [
        ("percent", {"by": D("-0.03")}, {}, "29.10"),
        ("percent", {"by": D("0.02")}, {"price": D("19.99")}, "20.39"),
        ("percent", {"by": D("-0.03")}, {"price": D("0.01")}, "0.01"),
        ("match", {"against": "lowest"}, {}, "28.50"),
        ("match", {"against": "featured"}, {}, "28.00"),
        ("match", {"against": "lowest", "offset_amount": D("-0.01")}, {}, "28.49"),
        ("match", {"against": "lowest", "offset_share": D("-0.02")}, {}, "27.93"),
        # Buyers of ours pay 3.00 of shipping, so 25.50 + 3.00 is as cheap; points work the other way round.
        ("match", {"against": "lowest"}, {"rivals": _rivals(own_landed=D("33.00"))}, "25.50"),
        ("match", {"against": "lowest"}, {"rivals": _rivals(own_landed=D("29.50"))}, "29.00"),
        ("match", {"against": "lowest"}, {"rivals": _rivals(lowest=None)}, "no_rival"),
        ("match", {"against": "featured"}, {"rivals": _rivals(is_own_featured=True)}, "own_featured"),
        ("match", {"against": "lowest"}, {"rivals": _rivals(own_landed=D(60))}, "rival_out_of_reach"),
        ("target_margin", {"margin": D("0.20")}, {}, "19.39"),
        ("target_margin", {}, {}, "21.00"),
        ("target_margin", {"margin": D("0.90")}, {}, "margin_unreachable"),
        ("clearance_ladder", {"steps": _STEPS}, {"stock_age_days": 90}, "stock_young"),
        ("clearance_ladder", {"steps": _STEPS}, {"stock_age_days": 91, "regular_price": D(30)}, "28.50"),
        ("clearance_ladder", {"steps": _STEPS}, {"stock_age_days": 200, "regular_price": D(30)}, "19.50"),
        # The step counts from the regular price: once there, the same age cuts nothing more.
        (
            "clearance_ladder",
            {"steps": _STEPS},
            {"stock_age_days": 130, "regular_price": D(30), "price": D(27)},
            "on_step",
        ),
        ("clearance_ladder", {"steps": _STEPS}, {"stock_age_days": 91}, "19.95"),
        ("clearance_ladder", {"steps": _STEPS}, {"stock_age_days": None}, "stock_age_unknown"),
        ("hold", {}, {}, "rule_holds"),
        ("optimal", {}, {"elasticity": None}, "elasticity_unknown"),
        ("optimal", {}, {"elasticity": D("-0.8")}, "inelastic"),
        ("optimal", {}, {"price": D(10)}, "no_profit_within_cap"),
        ("optimal", {"cap": D("0.05")}, {}, "28.50"),
        ("optimal", {}, {"price": D(20)}, "22.00"),
    ],
)
def test_an_action_proposes_its_price_or_says_why_not(
    action: str, values: dict[str, Any], changes: dict[str, Any], expected: str
) -> None:
    """A price to the tick, or the code of the reason."""
    move = ACTIONS[action].propose(listing(**changes), values)
    if move.price is None:
        assert move.reason.code == expected
    else:
        assert move.price == D(expected)
    assert move.reason.text


def test_every_action_has_a_case_above() -> None:
    """A new action comes with its test."""
    marks = test_an_action_proposes_its_price_or_says_why_not.pytestmark
    assert {case[0] for case in marks[0].args[1]} == set(ACTIONS)


@pytest.mark.parametrize(
    ("action", "values", "direction", "follows"),
    [
        ("percent", {"by": D("-0.03")}, Direction.DOWN, Follows.NONE),
        ("percent", {"by": D("0.03")}, Direction.UP, Follows.NONE),
        ("match", {"against": "lowest"}, Direction.EITHER, Follows.RIVALS),
        ("clearance_ladder", {"steps": _STEPS}, Direction.DOWN, Follows.NONE),
        ("hold", {}, Direction.NONE, Follows.NONE),
    ],
)
def test_an_action_declares_where_it_goes(
    action: str, values: dict[str, Any], direction: Direction, follows: Follows
) -> None:
    """What the search for loops relies on."""
    assert ACTIONS[action].direction(values) is direction
    assert ACTIONS[action].follows(values) is follows


def test_the_best_price_is_that_of_a_scan_over_all_ticks() -> None:
    """Exact contributions times demand, on a structure whose fees jump; 25.02 of the reference by formula."""
    assert round(constant_elasticity_price(D("-2.5"), D("12.761"), D("0.85")) or D(0), 4) == D("25.0216")
    assert constant_elasticity_price(D("-1"), D(1), D(1)) is None
    found = best_price(PLAIN, D("-2.5"), low=D(20), high=D(30))

    def profit(price: Decimal) -> Decimal:
        return evaluate(PLAIN, price).contribution * price ** D("-2.5")

    best = max(profit(D(n) / 100) for n in range(2000, 3001))
    # A neighbour may earn more by what the rounding of one fee to a cent gives.
    assert found is not None
    assert profit(found) >= best * D("0.998")


def test_intervals_contain_every_result() -> None:
    """Sums, products over zero and without end, hulls and what they have in common."""
    wide, down = Interval(D(0), INFINITE), Interval(D("-0.5"), D("0.5"))
    assert wide * down == Interval(-INFINITE, INFINITE)
    assert Interval(D(-2), D(3)) * Interval(D(-1), D(4)) == Interval(D(-8), D(12))
    assert point(D(0)) * wide == point(D(0))
    assert down + point(D(1)) == Interval(D("0.5"), D("1.5"))
    assert Interval(D(1), D(2)).clamp(Interval(D(3), D(4))) is None
    assert Interval(D(1), D(2)).hull(Interval(D(3), D(4))) == Interval(D(1), D(4))
    assert D(2) in Interval(D(1), D(2))
    with pytest.raises(ValueError, match="no values"):
        Interval(D(2), D(1))
