"""Evaluation: what each gate, rule and limit says, one at a time; the source document's rule at its edges."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pricing.engine.contribution import keeps
from pricing.rules.cases import rule_case
from pricing.rules.evaluate import run
from pricing.rules.limits import GATES, PIPELINE
from pricing.rules.syntax import ActionCall, AllOf, Condition, Operator, Rule
from pricing.structure import Cost, CostStructure, RateFee, TierMode
from pricing.structure import Tier as RateTier
from pricing.types import (
    Bounds,
    InputAge,
    Lock,
    LockKind,
    Outcome,
    PriceCheck,
    PricingContext,
    RivalView,
    Tier,
)
from tests.pricing.rules.worlds import AT, listing, percent, rule_set

D = Decimal
_CASE = {"price": 30, "competitor": 28.5, "bsr": 8, "price_at_20pct": 25, "hours_since_change": 6}


@pytest.mark.parametrize(
    ("changes", "action", "reason", "price"),
    [
        ({}, "suggest", "-3 %", "29.1"),
        ({"competitor": 27, "bsr": 11}, "hold", "condition false", "30"),
        ({"competitor": 27, "bsr": 5, "price_at_20pct": 30.2}, "hold", "floor >= current", "30"),
        # The edges: a competitor at exactly 95 %, one cent more, rank ten and eleven, the clamp, 3.9 hours.
        ({"competitor": 28.51}, "hold", "condition false", "30"),
        ({"bsr": 10}, "suggest", "-3 %", "29.1"),
        ({"price_at_20pct": 29.5}, "suggest", "clamped to floor", "29.5"),
        ({"price_at_20pct": 29.1}, "suggest", "-3 %", "29.1"),
        ({"price_at_20pct": 29.11}, "suggest", "clamped to floor", "29.11"),
        ({"price_at_20pct": 30}, "hold", "floor >= current", "30"),
        ({"hours_since_change": 3.9}, "hold", "< 4 h since last change", "30"),
        ({"hours_since_change": 4}, "suggest", "-3 %", "29.1"),
    ],
)
def test_the_rule_of_the_source_document(
    changes: dict[str, Any], action: str, reason: str, price: str
) -> None:
    """The section `rule` of the method examples and the edges the reference names, by the real rule set."""
    assert rule_case({**_CASE, **changes}) == {"action": action, "reason": reason, "price": D(price)}


_GATED: list[tuple[dict[str, Any], Outcome, str]] = [
    ({"price": None}, Outcome.BLOCKED, "no_price"),
    ({"ages": (InputAge("fees", AT - timedelta(hours=800), 720, False),)}, Outcome.BLOCKED, "stale_data"),
    ({"ages": (InputAge("fees", None, 720, False),)}, Outcome.BLOCKED, "stale_data"),
    ({"missing": ("duty", "first_leg")}, Outcome.BLOCKED, "missing_costs"),
    ({"stock_units": 0}, Outcome.HOLD, "no_stock"),
    ({"stock_units": None}, Outcome.HOLD, "stock_unknown"),
    ({"last_changed_at": AT - timedelta(hours=4) + timedelta(microseconds=1)}, Outcome.HOLD, "cadence"),
    ({"last_changed_at": AT + timedelta(hours=1)}, Outcome.HOLD, "cadence"),
    ({"changes_today": 2}, Outcome.HOLD, "changes_per_day"),
    *(
        ({"locks": (Lock(kind, 7, AT + timedelta(days=1), "busy"),)}, Outcome.HOLD, f"locked_{kind.value}")
        for kind in LockKind
    ),
]


@pytest.mark.parametrize(("changes", "outcome", "code"), _GATED)
def test_a_gate_stops_a_listing_before_any_rule(changes: dict[str, Any], outcome: Outcome, code: str) -> None:
    """BLOCKED where an input is missing or stale, HOLD where it is not the time; no rule is asked."""
    found = run(listing(**changes), rule_set(percent("-0.03")))
    assert (found.outcome, found.price, found.reasons[0].code) == (outcome, None, code)
    assert {step.stage for step in found.trace} == {"gate"}
    assert {step.name for step in found.trace} == {gate.key for gate in GATES}


@pytest.mark.parametrize(
    "changes",
    [
        {"last_changed_at": AT - timedelta(hours=4)},
        {"last_changed_at": None},
        {"changes_today": 1},
        {"locks": (Lock(LockKind.TEST, 1, AT, "just over"),)},
        {"stock_units": 1},
    ],
)
def test_a_gate_lets_pass_at_its_edge(changes: dict[str, Any]) -> None:
    """Exactly four hours, one change of two, a lock that ends now, one unit."""
    assert run(listing(**changes), rule_set(percent("-0.03"))).price == D("29.10")


def test_what_blocks_weighs_more_than_what_holds_and_all_of_it_is_told() -> None:
    """A listing with stale inputs and a lock is blocked, each stale input by name and age."""
    ages = (
        InputAge("fees", AT - timedelta(hours=800), 720, False),
        InputAge("competitor_offers", AT - timedelta(hours=30), 24, False),
    )
    found = run(listing(ages=ages, locks=(Lock(LockKind.TEST, 1, None, "x"),)), rule_set(percent("-0.03")))
    assert found.outcome is Outcome.BLOCKED
    assert [reason.text for reason in found.reasons] == [
        "fees is 800 h old, 720 h are allowed",
        "competitor_offers is 30 h old, 24 h are allowed",
    ]
    assert found.reasons[0].values["age_hours"] == "800"


_LIMITED: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    # by, listing, limits, expected price or reason, limit that says it
    ("-0.03", {}, {}, "29.10", ""),
    ("-0.20", {}, {}, "27.00", "max_step"),
    ("0.20", {}, {"max_step": D("0.05")}, "31.50", "max_step"),
    ("-0.08", {"day_start_price": D(31)}, {"max_day_move": D("0.05")}, "29.45", "max_day_move"),
    ("-0.08", {"day_start_price": D(40)}, {}, "max_day_move", "max_day_move"),
    ("-0.05", {"family_below": D("28.90")}, {}, "28.90", "family_order"),
    ("0.05", {"family_above": D("30.50")}, {}, "30.50", "family_order"),
    ("0.05", {"family_below": D("35")}, {}, "family_order", "family_order"),
    ("-0.05", {"bounds": Bounds(lowest=D("29.00"))}, {}, "29.00", "bounds"),
    ("0.05", {"bounds": Bounds(highest=D("31.00"))}, {}, "31.00", "bounds"),
    ("-0.05", {"bounds": Bounds(lowest=D("29.00"))}, {"lowest": D("29.20")}, "29.20", "bounds"),
    ("-0.05", {"bounds": Bounds(D(32), D(31))}, {}, "bounds_contradict", "bounds"),
    ("-0.05", {"bounds": Bounds(lowest=D(40))}, {}, "bounds_out_of_reach", "bounds"),
    ("-0.05", {"bounds": Bounds(advertised=D("29.50"))}, {}, "29.50", "advertised_price"),
    ("-0.05", {"bounds": Bounds(advertised=D("29.50"))}, {"keeps_map": False}, "28.50", ""),
    ("-0.05", {"bounds": Bounds(advertised=D("29.50")), "market": "JP"}, {}, "28.50", ""),
    ("-0.05", {"bounds": Bounds(advertised=D("29.50")), "market": "MX"}, {}, "28.50", ""),
    ("-0.05", {"bounds": Bounds(advertised=D(40))}, {}, "advertised_out_of_reach", "advertised_price"),
    ("-0.05", {"floor_margin": D("0.41")}, {}, "28.63", "floor"),
    ("-0.05", {}, {"floor_margin": D("0.41")}, "28.63", "floor"),
    ("-0.05", {"floor_margin": D("0.50")}, {}, "floor_out_of_reach", "floor"),
    ("-0.05", {"floor_margin": D("0.90")}, {}, "floor_unreachable", "floor"),
    ("0.05", {"price": D("14.50"), "day_start_price": D("14.50")}, {}, "15.23", ""),
    ("-0.05", {"price": D("14.50"), "day_start_price": D("14.50")}, {}, "14.82", "floor"),
    # However small, a move that ends a price below the floor is worth it.
    ("-0.05", {"price": D("14.80"), "day_start_price": D("14.80")}, {}, "14.82", "floor"),
    ("-0.003", {}, {}, "too_small", "least_move"),
    ("-0.003", {}, {"least_move": D(0)}, "29.91", ""),
    ("-0.03", {"bounds": Bounds(lowest=D(30))}, {}, "unchanged", "least_move"),
]


@pytest.mark.parametrize(("by", "changes", "limits", "expected", "limit"), _LIMITED)
def test_a_limit_clamps_or_holds(
    by: str, changes: dict[str, Any], limits: dict[str, Any], expected: str, limit: str
) -> None:
    """Each limit alone, its edge and where it is out of reach; what it did is a step of the trace."""
    found = run(listing(**changes), rule_set(percent(by), **limits))
    if found.price is None:
        assert (found.outcome, found.reasons[0].code) == (Outcome.HOLD, expected)
    else:
        assert found.price == D(expected)
    moving = [
        step.name
        for step in found.trace
        if step.stage not in ("gate", "rule") and step.before is not None and step.after != step.before
    ]
    assert moving[-1:] == ([limit] if limit else [])


def test_every_limit_is_tested_above_or_below() -> None:
    """A new limit comes with its test."""
    here = {case[4] for case in _LIMITED} | {"dead_zone", "ending", "until_margin"}
    assert {limit.key for limit in PIPELINE} == here - {""}


@pytest.mark.parametrize(
    ("by", "until", "price", "expected"),
    [
        ("-0.10", "0.42", "30.00", "29.32"),
        ("-0.10", "0.43", "30.00", "until_margin_reached"),
        ("-0.10", "0.90", "30.00", "until_margin_reached"),
        # Upwards the margin holds nothing back: 5 % more is on the way to it.
        ("0.05", "0.90", "30.00", "31.50"),
    ],
)
def test_a_rule_goes_down_to_its_margin_and_no_further(
    by: str, until: str, price: str, expected: str
) -> None:
    """UNTIL is a stop of downward moves; at it, the price stays."""
    found = run(listing(price=D(price)), rule_set(percent(by, until=until)))
    if found.price is None:
        assert found.reasons[0].code == expected
    else:
        assert found.price == D(expected)


def _cliff(after: str = "20") -> CostStructure:
    """8 % up to a price, 15 % on all of it beyond: between 20.00 and 21.65 less is left than at 20.00."""
    return CostStructure(
        currency="USD",
        tax_rate=D(0),
        tick=D("0.01"),
        billing_unit=D("0.01"),
        highest=D(500),
        fees=(
            RateFee("referral", (RateTier(D(after), D("0.08")), RateTier(None, D("0.15"))), TierMode.WHOLE),
        ),
        costs=(Cost("landed", D(9)),),
    )


@pytest.mark.parametrize(
    ("price", "by", "step", "expected"),
    [
        # Up into the zone: back to its lower end where that is still a move up.
        ("19.50", "0.05", "0.10", "20.00"),
        # From its lower end: to the first price behind it that leaves as much, or held where that is too far.
        ("20.00", "0.03", "0.10", "21.65"),
        ("20.00", "0.03", "0.05", "dead_zone"),
        # Down into it: on to its lower end, which leaves as much.
        ("21.80", "-0.03", "0.10", "20.00"),
        # Over it, where the step reaches.
        ("20.00", "0.10", "0.10", "22.00"),
    ],
)
def test_no_price_is_suggested_where_a_tier_eats_it_up(price: str, by: str, step: str, expected: str) -> None:
    """Dead zones of the listing's own costs."""
    context = listing(price=D(price), day_start_price=D(price), structure=_cliff())
    found = run(context, rule_set(percent(by), max_step=D(step)))
    if found.price is None:
        assert found.reasons[0].code == expected
    else:
        assert found.price == D(expected)


@pytest.mark.parametrize(
    ("changes", "by", "expected"),
    [
        ({}, "-0.03", "28.99"),
        ({"price": D("21.90"), "day_start_price": D("21.90")}, "-0.03", "20.99"),
        # An ending may not undo the move: 20.99 again would be none.
        ({"price": D("20.99"), "day_start_price": D("20.99")}, "-0.008", "20.49"),
        # Nor pass a bound or the floor: 28.99 is forbidden, 29.49 is near.
        ({"bounds": Bounds(lowest=D("29.05"))}, "-0.03", "29.49"),
        ({"floor_margin": D("0.4210")}, "-0.03", "29.49"),
    ],
)
def test_an_ending_is_chosen_among_prices_that_pass_every_limit(
    changes: dict[str, Any], by: str, expected: str
) -> None:
    """The ending of the market beside the price that would stand without it."""
    found = run(listing(**changes), rule_set(percent(by), uses_endings=True))
    assert found.price == D(expected)


def test_the_first_rule_that_holds_acts_alone() -> None:
    """A rule that holds the price keeps later ones away; one whose condition is false does not."""
    never = Condition("rank", Operator.GT, D(100))
    hold = Rule("calm", AllOf(()), ActionCall("hold"))
    second = percent("-0.02", key="second")
    assert run(listing(), rule_set(percent("-0.03", when=never), second)).price == D("29.40")
    assert run(listing(), rule_set(percent("-0.03"), second)).price == D("29.10")
    held = run(listing(), rule_set(hold, second))
    assert (held.outcome, held.reasons[0].code) == (Outcome.HOLD, "rule_holds")
    none = run(listing(), rule_set(percent("-0.03", when=never)))
    assert (none.outcome, none.reasons[0].text) == (Outcome.HOLD, "condition false")
    asked = [step for step in none.trace if step.stage == "rule"]
    assert asked[0].reason.values == {"rank": "8"}


def test_a_check_that_blocks_refuses_the_price() -> None:
    """Law and platform are asked about the price that would be suggested, after everything else."""
    asked: list[Decimal] = []

    def checks(context: PricingContext, price: Decimal) -> tuple[PriceCheck, ...]:
        asked.append(price)
        return (
            PriceCheck("note", False, "a note", "the platform's help"),
            PriceCheck("gouging", True, "an emergency is declared", "the law"),
        )

    found = run(listing(), rule_set(percent("0.03")), checks=checks)
    assert (found.outcome, found.price, asked) == (Outcome.REFUSED, None, [D("30.90")])
    assert [reason.code for reason in found.reasons] == ["gouging"]
    assert [step.name for step in found.trace if step.stage == "check"] == ["note", "gouging"]


def test_only_cleared_products_may_lose_what_their_stock_cost() -> None:
    """The same price below break-even: held for a regular product, suggested for one that is cleared."""
    call = ActionCall("clearance_ladder", {"steps": ((D(91), D("0.35")),)})
    rules = rule_set(Rule("clear", AllOf(()), call), max_step=D("0.5"), max_day_move=D("0.9"))
    old: dict[str, Any] = {
        "price": D("16.00"),
        "day_start_price": D("16.00"),
        "regular_price": D("16.00"),
        "stock_age_days": 200,
    }
    regular = run(listing(**old), rules)
    assert regular.price is not None
    assert keeps(listing().structure, regular.price, D(0))
    assert run(listing(**old, tier=Tier.CLEARANCE), rules).price == D("10.40")
    assert run(listing(**old, tier=Tier.TAIL), rules).price == regular.price


def test_our_own_offer_is_never_followed() -> None:
    """Complaint 1 and 2: where no other seller's offer is known, or ours is featured, nothing is undercut."""
    follow = rule_set(Rule("follow", AllOf(()), ActionCall("match", {"against": "featured"})))
    own = RivalView(None, D("30.00"), D("30.00"), True, 0, AT)
    assert run(listing(rivals=own), follow).reasons[0].code == "own_featured"
    unknown = RivalView(None, None, None, None, 0, None)
    assert run(listing(rivals=unknown), follow).reasons[0].code == "no_rival"
