"""Each check by itself: what makes a cause likely, what leaves it possible, and what it must not be blamed
for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kpis.engine.attribution.case import Case, Happening, SKUCase, SKUHistory, SKUWindow, StoreWindow
from kpis.engine.attribution.checklist import CHECKS, attribute
from kpis.engine.attribution.verdict import Cause, Evidence, Likelihood, judged

D = Decimal
MONDAY = date(2026, 7, 6)
NORMAL: dict[str, Any] = {
    "units": D(70),
    "net_sales": D(1400),
    "live_sales": D(1400),
    "fulfilment": D(210),
    "platform": D(210),
    "landed": D(490),
    "ad_spend": D(70),
    "ad_sales": D(350),
    "ad_clicks": D(140),
    "stocked_days": 7,
    "own_price": D(20),
    "rival_price": D(21),
}
STORE: dict[str, Any] = {
    "days": 7,
    "units": D(140),
    "net_sales": D(2800),
    "live_sales": D(2800),
    "profit": D(840),
    "ad_spend": D(140),
    "buy_box": D("0.95"),
}


def case(
    hero: dict[str, Any] | None = None,
    store: dict[str, Any] | None = None,
    events: tuple[Happening, ...] = (),
    both: dict[str, Any] | None = None,
    **kwargs: Any,
) -> Case:
    """Two SKUs of ten units a day; `hero` changes the first one's second week, `both` that of both SKUs."""
    usual = SKUWindow(**NORMAL)
    history = SKUHistory(D(280), 28)
    second = {**NORMAL, **(both or {})}
    return Case(
        before=StoreWindow(**STORE),
        after=StoreWindow(**{**STORE, **(store or {})}),
        after_from=MONDAY,
        skus={
            "HERO": SKUCase("HERO", usual, SKUWindow(**{**second, **(hero or {})}), history),
            "REST": SKUCase("REST", usual, SKUWindow(**second), history),
        },
        happenings=events,
        has_events=bool(events),
        **kwargs,
    )


FALLEN = {
    "units": D(20),
    "net_sales": D(400),
    "live_sales": D(400),
    "fulfilment": D(60),
    "platform": D(60),
    "landed": D(140),
}
EDIT = Happening("listing_edit", "HERO", MONDAY)


def verdict(cause: Cause, given: Case) -> Likelihood:
    """What the cause's own check says."""
    return CHECKS[cause](given).likelihood


def test_a_week_like_any_other_blames_nothing() -> None:
    """No cause is likely or possible, and the change is called unexplained."""
    found = attribute(case())
    assert not found.likely
    assert found.is_unexplained
    assert {v.cause for v in found.verdicts} == set(Cause)


@pytest.mark.parametrize(
    ("cause", "given"),
    [
        (Cause.STOCK_OUT, case({**FALLEN, "empty_days": 5})),
        (Cause.COMPETITOR, case({**FALLEN, "rival_price": D(17)})),
        (Cause.LISTING_EDIT, case(FALLEN, events=(EDIT,))),
        (Cause.FEE_CHANGE, case(both={"fulfilment": D(280)})),
        (Cause.FEE_CHANGE, case(both={"platform": D(252)})),
        (Cause.UNIT_COST, case(both={"landed": D(588)})),
        (Cause.ADS, case(both={"ad_spend": D(170), "ad_clicks": D(300)}, store={"ad_spend": D(340)})),
        (Cause.PRICE_GAP, case({**FALLEN, "units": D(20), "live_sales": D(480), "own_price": D(24)})),
        (Cause.REFUNDS, case(store={"refunds": D(-280)})),
        (Cause.SEASON, case(both=FALLEN, store={"net_sales": D(800)}, year_ago=D("-0.4"))),
        (
            Cause.LOGISTICS,
            replace(
                case(
                    store={"late": D("0.2"), "shipments": 100},
                    events=(Happening("carrier_switch", "", MONDAY),),
                ),
                before=StoreWindow(**STORE, late=D("0.05"), shipments=100),
            ),
        ),
        (
            Cause.EXCHANGE_RATE,
            replace(
                case(store={"rate": D("0.05")}),
                before=StoreWindow(**STORE, rate=D("0.055")),
                is_domestic=False,
            ),
        ),
    ],
)
def test_a_cause_with_two_reasons_is_likely_and_sized(cause: Cause, given: Case) -> None:
    """Twelve planted cases; each also has a direction: every one of them took away."""
    found = CHECKS[cause](given)
    assert found.likelihood is Likelihood.LIKELY
    assert len(found.evidence) >= 2
    assert min(size for size in (found.sales, found.profit) if size is not None) < 0


@pytest.mark.parametrize(
    ("cause", "given", "expected"),
    [
        # Undercut, but the SKU sells as ever: nothing was lost to the rival.
        (Cause.COMPETITOR, case({"rival_price": D(17)}), Likelihood.UNLIKELY),
        # A SKU that sells nothing because it is empty was not taken by a rival, nor by an edit.
        (
            Cause.COMPETITOR,
            case({**FALLEN, "units": D(0), "empty_days": 7, "rival_price": D(17)}),
            Likelihood.UNLIKELY,
        ),
        (Cause.LISTING_EDIT, case({**FALLEN, "rival_price": D(17)}, events=(EDIT,)), Likelihood.UNLIKELY),
        (Cause.LISTING_EDIT, case(FALLEN), Likelihood.NO_DATA),
        # One SKU's odd charge is no new schedule.
        (Cause.FEE_CHANGE, case({"fulfilment": D(240), "units": D(20)}), Likelihood.POSSIBLE),
        # Spend that stopped with the stock is the stock-out's doing.
        (
            Cause.ADS,
            case({**FALLEN, "empty_days": 7, "ad_spend": D(0), "ad_clicks": D(0)}),
            Likelihood.UNLIKELY,
        ),
        (Cause.STOCK_OUT, case({"stocked_days": 0}, both={"stocked_days": 0}), Likelihood.NO_DATA),
        (Cause.UNIT_COST, case(both={"landed": None}), Likelihood.NO_DATA),
        (Cause.RANK, case(FALLEN), Likelihood.NO_DATA),
        (Cause.SEASON, case(both=FALLEN, store={"net_sales": D(800)}), Likelihood.NO_DATA),
        (Cause.SEASON, case(events=(Happening("holiday", "", MONDAY),)), Likelihood.POSSIBLE),
        (Cause.LOGISTICS, case(events=(Happening("carrier_switch", "", MONDAY),)), Likelihood.POSSIBLE),
        (Cause.EXCHANGE_RATE, case(), Likelihood.UNLIKELY),
        (Cause.REFUNDS, case(store={"refunds": D(-56)}), Likelihood.UNLIKELY),
        # Three refunds after none are 3.5 points in a small shop, and chance.
        (
            Cause.REFUNDS,
            case(store={"refunds": D(-60), "units": D(86), "live_sales": D(1720)}),
            Likelihood.UNLIKELY,
        ),
    ],
)
def test_half_a_reason_is_not_enough(cause: Cause, given: Case, expected: Likelihood) -> None:
    """What looks like a cause and is not, or cannot be told."""
    assert verdict(cause, given) is expected


def test_a_stock_out_costs_what_would_have_been_sold() -> None:
    """Five empty days at ten units a day and 20 each: 1,000; never more than what was missing."""
    assert CHECKS[Cause.STOCK_OUT](case({**FALLEN, "empty_days": 5})).sales == -1000
    assert CHECKS[Cause.STOCK_OUT](case({**NORMAL, "units": D(60), "empty_days": 5})).sales == -200


def test_a_fee_rise_costs_units_times_the_rise() -> None:
    """140 units × 1: like is compared with like, whatever the mix."""
    assert CHECKS[Cause.FEE_CHANGE](case(both={"fulfilment": D(280)})).profit == -140


def test_one_piece_of_evidence_never_makes_a_cause_likely() -> None:
    """However large the effect (domain reference, §5.5)."""
    one = [Evidence("units", D(1), D(0))]
    found = judged(Cause.ADS, base=D(1), sales=D(-1), profit=None, evidence=one, acted=True)
    assert found.likelihood is Likelihood.POSSIBLE
