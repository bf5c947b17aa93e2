"""The approval matrix as tables: whose signature which price needs, and who may give it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest

from pricing.engine.approval import (
    DEFAULT_RANGES,
    Case,
    Decider,
    Level,
    Needed,
    Range,
    level_for,
    may_decide,
)
from pricing.engine.approval_policy import Policy, dump, load
from pricing.engine.windows import Window

CASE = Case(
    price=D("30.00"),
    current=D("30.00"),
    margin=D("0.25"),
    target_margin=D("0.20"),
    keeps_floor=True,
    is_clearance=False,
    units_per_day=D(5),
)


@pytest.mark.parametrize(
    ("price", "margin", "level"),
    [
        ("31.50", "0.25", "operator"),
        ("28.50", "0.20", "operator"),
        ("31.51", "0.25", "account_manager"),
        ("28.49", "0.25", "account_manager"),
        ("33.00", "0.25", "account_manager"),
        ("27.00", "0.20", "account_manager"),
        ("33.01", "0.25", "client"),
        ("26.99", "0.25", "client"),
        ("30.00", "0.1999", "client"),
        ("29.99", None, "client"),
    ],
)
def test_the_defaults_are_those_of_the_reference(price: str, margin: str | None, level: str) -> None:
    """±5 % and ±10 % with both ends, at the target margin and below it, to the cent."""
    case = replace(CASE, price=D(price), margin=None if margin is None else D(margin))
    assert level_for(DEFAULT_RANGES, case).levels == (Level(level),)


def test_below_the_floor_only_clearance_goes_and_with_two_signatures() -> None:
    """Without clearance nobody may; with it, who may clear stock and then the client."""
    below = replace(CASE, keeps_floor=False)
    assert level_for(DEFAULT_RANGES, below).levels == ()
    needed = level_for(DEFAULT_RANGES, replace(below, is_clearance=True))
    assert needed.levels == (Level.CLEARANCE, Level.CLIENT)


@pytest.mark.parametrize(
    ("limit", "case", "is_within"),
    [
        (Range(Level.OPERATOR, largest_unit_value=D("1.50")), replace(CASE, price=D("31.50")), True),
        (Range(Level.OPERATOR, largest_unit_value=D("1.49")), replace(CASE, price=D("31.50")), False),
        (Range(Level.OPERATOR, largest_month_value=D(225)), replace(CASE, price=D("31.50")), True),
        (Range(Level.OPERATOR, largest_month_value=D("224.99")), replace(CASE, price=D("31.50")), False),
        (Range(Level.OPERATOR, largest_month_value=D(10**9)), replace(CASE, units_per_day=None), False),
        (Range(Level.OPERATOR, least_margin=D("0.25")), CASE, True),
        (Range(Level.OPERATOR, least_margin=D("0.2501")), CASE, False),
        (Range(Level.OPERATOR, largest_change=D(1)), replace(CASE, current=None), False),
    ],
)
def test_each_limit_holds_to_the_last_unit(limit: Range, case: Case, is_within: bool) -> None:
    """Values per unit and per month (30 days), margins, and what is not known is outside the limit."""
    assert level_for((limit,), case).levels == ((Level.OPERATOR,) if is_within else (Level.CLIENT,))


def test_what_was_exceeded_is_said() -> None:
    """The reasons name level and limit of every range that was too narrow."""
    needed = level_for(DEFAULT_RANGES, replace(CASE, price=D("40.00"), margin=D("0.10")))
    assert [reason.code for reason in needed.why] == [
        "operator_change",
        "operator_target_margin",
        "account_manager_change",
        "account_manager_target_margin",
    ]


# Rows: level needed; columns: operator, manager, client, nobody's role.
MAY = {"operator": "aaa-", "account_manager": "-aa-", "client": "--a-"}


@pytest.mark.parametrize("needed", list(MAY))
@pytest.mark.parametrize("index", range(4))
def test_who_may_sign_what(needed: str, index: int) -> None:
    """A higher level may sign for a lower one, never the other way round."""
    level = [Level.OPERATOR, Level.MANAGER, Level.CLIENT, None][index]
    refusal = may_decide(Needed((Level(needed),)), Decider(1, level), (), four_eyes=True, author_id=None)
    assert (refusal is None) is (MAY[needed][index] == "a")


def test_clearing_stock_takes_the_capability_and_then_the_client() -> None:
    """The client cannot give the first signature, who may clear cannot give the second."""
    needed = Needed((Level.CLEARANCE, Level.CLIENT))
    clearer, client = Decider(1, Level.MANAGER, can_clear=True), Decider(2, Level.CLIENT)
    assert may_decide(needed, clearer, (), four_eyes=True, author_id=None) is None
    assert may_decide(needed, client, (), four_eyes=True, author_id=None) is not None
    assert may_decide(needed, client, (1,), four_eyes=True, author_id=None) is None
    third = Decider(3, Level.MANAGER, can_clear=True)
    assert may_decide(needed, third, (1,), four_eyes=True, author_id=None) is not None


def test_four_eyes() -> None:
    """Nobody signs twice; the author does not give the deciding signature, where the policy says so."""
    two = Needed((Level.MANAGER, Level.CLIENT))
    boss = Decider(7, Level.CLIENT)
    assert may_decide(two, boss, (7,), four_eyes=False, author_id=None) is not None
    assert may_decide(two, boss, (8,), four_eyes=True, author_id=7) is not None
    assert may_decide(two, boss, (8,), four_eyes=False, author_id=7) is None
    assert may_decide(two, boss, (), four_eyes=True, author_id=7) is None
    assert may_decide(Needed((Level.CLIENT,)), boss, (), four_eyes=True, author_id=7) is not None


def test_a_policy_survives_its_json() -> None:
    """What is stored is what was meant."""
    policy = Policy(
        (
            Range(Level.OPERATOR, D("0.03"), D("0.1"), True, D("2.50"), None, Level.CLIENT),
            Range(Level.CLIENT),
        ),
        four_eyes=False,
        execution_hours=6,
        window=Window("Asia/Tokyo"),
    )
    assert load(dump(policy)) == policy
    assert load(dump(Policy())) == Policy()
