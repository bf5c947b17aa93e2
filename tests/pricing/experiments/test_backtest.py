"""A replay of history: what must hold whatever the history, and a small one by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from pricing.engine.contribution import evaluate
from pricing.rules.backtest import PastDay, replay
from pricing.rules.museum.ground import AT, PRICE, STRUCTURE, is_below_break_even, listing
from pricing.rules.parse import parse_rule_set
from pricing.rules.presets import PRESETS
from pricing.types import RivalView

RULES = parse_rule_set(PRESETS["source_document"].document)


def _history(rival: str, days: int = 30) -> list[PastDay]:
    found = []
    for n in range(days):
        at = AT + timedelta(days=n)
        rivals = RivalView(Decimal(rival), Decimal(rival), PRICE, False, 1, at)
        found.append(PastDay(listing(at=at, on=at.date(), rivals=rivals), Decimal(10)))
    return found


def test_without_a_reason_to_move_the_replay_is_the_history() -> None:
    """A rival that is dearer: same prices, same contribution, no change."""
    found = replay(RULES, _history("31.00"), elasticity=Decimal("-2"))
    assert found.changes == 0
    assert found.contribution == found.actual_contribution
    assert {day.price for day in found.days} == {PRICE}


def test_a_cheaper_rival_is_followed_step_by_step_until_within_reach() -> None:
    """29.99 against 27.00: 3 % a day until less than 5 % is between them; the first days by hand."""
    found = replay(RULES, _history("27.00"))
    assert [str(day.price) for day in found.days[:5]] == ["29.99", "29.09", "28.22", "28.22", "28.22"]
    assert found.changes == 2
    first = found.days[1]
    assert first.contribution == 10 * evaluate(STRUCTURE, Decimal("29.09")).contribution
    assert first.actual_contribution == 10 * evaluate(STRUCTURE, PRICE).contribution


def test_demand_follows_the_elasticity_it_is_given() -> None:
    """Units × (price / actual price) to the power of −2."""
    day = replay(RULES, _history("27.00"), elasticity=Decimal("-2")).days[1]
    assert abs(day.units - 10 * (PRICE / Decimal("29.09")) ** 2) < Decimal("0.0001")


def test_no_replayed_price_is_below_break_even_even_against_a_ruinous_rival() -> None:
    """Thirty days against a rival at 9.99: the floor holds on every one of them."""
    found = replay(RULES, _history("9.99"))
    assert not any(is_below_break_even(day.price) for day in found.days)
    assert found.lowest is not None
    assert found.lowest < PRICE


def test_days_on_which_nothing_was_known_are_silent_and_counted() -> None:
    """A cost line missing: blocked, and the reason is in the tally."""
    history = [PastDay(replace(day.context, missing=("duty",)), day.units) for day in _history("27.00", 5)]
    found = replay(RULES, history)
    assert found.changes == 0
    assert sum(found.silent.values()) == 5
