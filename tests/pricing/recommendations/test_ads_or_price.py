"""Advertising or price: figures of the reference's formulas, computed here by hand once more."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from pricing.engine.ads_or_price import Way, compare
from pricing.engine.contribution import evaluate
from pricing.structure import AdsByClick
from tests.pricing.recommendations.listings import STRUCTURE, context

CLICKS = AdsByClick(D("0.90"), D("0.10"), D("0.40"))
BARE = replace(STRUCTURE, ads=None)


def listing(ads: AdsByClick = CLICKS, **changes: Any) -> Any:
    """A listing with click figures and a known elasticity; its ACoS follows from the figures."""
    given = {"acos": None, "elasticity": D("1.5"), "target_margin": D("0.20"), **changes}
    return context(structure=replace(STRUCTURE, ads=ads), **given)


def test_the_ways_are_judged_by_what_they_leave_per_day() -> None:
    """As it is, with the highest bid that keeps the margin, and with the best raise up to a tenth."""
    found = compare(listing(), bid_elasticity=D("0.7"))
    before = evaluate(BARE, D("29.99"))
    units, advertised = D(5), D("2.00")
    spend = advertised * D("0.90") / D("0.10")
    as_is, lower, higher = found.choices
    assert as_is.contribution_per_day == units * before.contribution - spend
    assert found.acos == spend / (advertised * before.base)
    assert found.break_even_acos == before.contribution / before.base
    bid = D("0.10") * (before.contribution - D("0.20") * before.base)
    assert found.highest_bid == lower.cost_per_click == bid
    kept = (bid / D("0.90")) ** D("0.7")
    sold = units - advertised + advertised * kept
    assert lower.units_per_day == sold
    left = sold * before.contribution - advertised * kept * bid / D("0.10")
    assert lower.contribution_per_day == left
    assert D("29.99") < higher.price <= D("32.98")
    then = evaluate(BARE, higher.price)
    part = (higher.price / D("29.99")) ** D("-1.5")
    assert higher.contribution_per_day == units * part * then.contribution - spend
    best = max(found.choices, key=lambda each: each.contribution_per_day)
    assert found.best is best.way


def test_the_best_raise_is_the_best_of_all_ticks_looked_at() -> None:
    """With buyers that hardly answer the raise goes to its limit; with ones that do it stays small."""
    firm = compare(listing(elasticity=D("0.5"))).choices[-1]
    fickle = compare(listing(elasticity=D("4.0"))).choices[-1]
    assert (firm.way, firm.price) == (Way.HIGHER_PRICE, D("32.98"))
    assert fickle.price < firm.price
    bounded = compare(listing(elasticity=D("0.5"), bounds=replace(context().bounds, highest=D("31.00"))))
    assert bounded.choices[-1].price == D("31.00")


def test_without_an_elasticity_it_says_how_much_may_be_lost() -> None:
    """No guess at the buyers: no raise among the ways, but the share of units that 5 % more may cost."""
    found = compare(listing(elasticity=None))
    assert [each.way for each in found.choices] == [Way.AS_IS, Way.LOWER_BID]
    assert found.probe == D("31.48")
    now, then = evaluate(BARE, D("29.99")).contribution, evaluate(BARE, D("31.48")).contribution
    assert found.units_may_fall == 1 - now / then
    assert [reason.code for reason in found.reasons] == ["elasticity_unknown"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (context(acos=D("0.50")), "no_click_data"),
        (listing(price=None), "no_price"),
        (listing(units_per_day=None), "no_sales"),
        (listing(ads=AdsByClick(D("0.9"), D(0), D("0.4"))), "no_click_data"),
    ],
)
def test_what_is_not_known_is_not_compared(given: Any, code: str) -> None:
    """No ways, no advice, and the reason; break-even is still told where there is a price."""
    found = compare(given)
    assert (found.choices, found.best, [each.code for each in found.reasons]) == ((), None, [code])
    assert (found.break_even_acos is None) == (given.price is None)


def test_above_break_even_is_said() -> None:
    """ACoS of the platform's own report against what an ad sale leaves before advertising."""
    limit = compare(listing()).break_even_acos
    assert limit is not None
    assert compare(listing(acos=limit + D("0.01"))).is_too_dear is True
    assert compare(listing(acos=limit)).is_too_dear is False
