"""The table of a recommendation's life, exhaustively: every state with every event."""

from __future__ import annotations

import pytest

from pricing.engine.lifecycle import (
    CLOSED_STATES,
    PENDING_STATES,
    TABLE,
    Event,
    Guard,
    event_of,
    step,
)
from pricing.types import LIVE_STATES, RecommendationState

# Written out by hand, not read from the product: a row per state, a letter per event in the order below
# (a: permitted, -: refused).
EVENTS = [
    Event.ESCALATE,
    Event.APPROVE,
    Event.REJECT,
    Event.WITHDRAW,
    Event.SUPERSEDE,
    Event.EXPIRE,
    Event.OBSERVE_EXECUTED,
    Event.OBSERVE_PARTIAL,
    Event.OBSERVE_DEVIATED,
    Event.OBSERVE_EXTERNAL,
]
EXPECTED = {
    "open": "aaaaaa---a",
    "escalated": "aaaaaa---a",
    "approved": "---aaaaaa-",
    "rejected": "----------",
    "executed": "----------",
    "partial": "------a---",
    "deviated": "------a---",
    "external_change": "----------",
    "expired": "----------",
    "superseded": "----------",
    "withdrawn": "----------",
}
LEADS_TO = {
    Event.ESCALATE: "escalated",
    Event.APPROVE: "approved",
    Event.REJECT: "rejected",
    Event.WITHDRAW: "withdrawn",
    Event.SUPERSEDE: "superseded",
    Event.EXPIRE: "expired",
    Event.OBSERVE_EXECUTED: "executed",
    Event.OBSERVE_PARTIAL: "partial",
    Event.OBSERVE_DEVIATED: "deviated",
    Event.OBSERVE_EXTERNAL: "external_change",
}


def test_the_expectation_covers_everything() -> None:
    """No state and no event is left out of the table below."""
    assert set(EXPECTED) == {state.value for state in RecommendationState}
    assert set(EVENTS) == set(Event)


@pytest.mark.parametrize("state", list(RecommendationState))
def test_every_event_in_every_state(state: RecommendationState) -> None:
    """What is permitted leads where it must; everything else is refused."""
    for event, letter in zip(EVENTS, EXPECTED[state.value], strict=True):
        found = step(state, event)
        assert (found is not None) is (letter == "a"), (state, event)
        if found is not None:
            assert found.to == LEADS_TO[event]


def test_each_state_has_the_one_event_that_leads_to_it() -> None:
    """`event_of` inverts the table; nothing leads back to open."""
    assert event_of(RecommendationState.OPEN) is None
    for event, state in LEADS_TO.items():
        assert event_of(RecommendationState(state)) is event


def test_an_approval_demands_range_and_todays_check() -> None:
    """The guards that a service has to check are named by the table."""
    for state in PENDING_STATES:
        found = step(state, Event.APPROVE)
        assert found is not None
        assert set(found.guards) == {Guard.WITHIN_RANGE, Guard.HOLDS_TODAY, Guard.NOT_HALTED}


def test_what_is_closed_stays_closed_but_for_corrected_executions() -> None:
    """From a closed state only a partial or deviating execution moves, and only to executed."""
    moves = {(state, event) for state, event in TABLE if state in CLOSED_STATES}
    assert moves == {
        (RecommendationState.PARTIAL, Event.OBSERVE_EXECUTED),
        (RecommendationState.DEVIATED, Event.OBSERVE_EXECUTED),
    }
    assert set(LIVE_STATES) | set(CLOSED_STATES) == set(RecommendationState)
