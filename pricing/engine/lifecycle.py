"""The life of a recommendation as a table: which event leads from which state to which, and what it demands.

Nothing here is decided by code paths: a pair that is not in `TABLE` is refused. A partial or deviating
execution is corrected when the client puts the price right afterwards; everything else that is closed stays
closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from pricing.types import LIVE_STATES, RecommendationState

_S = RecommendationState


class Event(StrEnum):
    """What happens to a recommendation."""

    ESCALATE = "escalate"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"
    EXPIRE = "expire"
    OBSERVE_EXECUTED = "observe_executed"
    OBSERVE_PARTIAL = "observe_partial"
    OBSERVE_DEVIATED = "observe_deviated"
    OBSERVE_EXTERNAL = "observe_external"


class Guard(StrEnum):
    """What must hold for a move, checked by the service that makes it."""

    WITHIN_RANGE = "within_range"
    """The approver's level and capabilities cover the price (`pricing.engine.approval`)."""
    HOLDS_TODAY = "holds_today"
    """Floor, law, locks, cadence and the freshness of inputs hold with today's figures."""
    NOT_HALTED = "not_halted"
    """No halt covers the store or the rule set."""
    REASON_GIVEN = "reason_given"
    NEXT_LEVEL = "next_level"
    """Somebody of a higher level has to sign."""
    PRICE_DIFFERS = "price_differs"
    """The new proposal names another price."""
    TIME_OVER = "time_over"
    """The suggestion's, the window's or the execution's time has passed, or its inputs no longer hold."""
    SEEN_BY_SYNC = "seen_by_sync"
    """A sync observed the price; nobody's word counts."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where an event leads and what it demands."""

    to: RecommendationState
    guards: tuple[Guard, ...] = ()


RESULT: Mapping[Event, RecommendationState] = {
    Event.ESCALATE: _S.ESCALATED,
    Event.APPROVE: _S.APPROVED,
    Event.REJECT: _S.REJECTED,
    Event.WITHDRAW: _S.WITHDRAWN,
    Event.SUPERSEDE: _S.SUPERSEDED,
    Event.EXPIRE: _S.EXPIRED,
    Event.OBSERVE_EXECUTED: _S.EXECUTED,
    Event.OBSERVE_PARTIAL: _S.PARTIAL,
    Event.OBSERVE_DEVIATED: _S.DEVIATED,
    Event.OBSERVE_EXTERNAL: _S.EXTERNAL_CHANGE,
}
"""An event leads to one state, whatever the state before; `event_of` is the inverse."""

_GUARDS: Mapping[Event, tuple[Guard, ...]] = {
    Event.ESCALATE: (Guard.NEXT_LEVEL,),
    Event.APPROVE: (Guard.NOT_HALTED, Guard.WITHIN_RANGE, Guard.HOLDS_TODAY),
    Event.REJECT: (Guard.REASON_GIVEN,),
    Event.WITHDRAW: (Guard.REASON_GIVEN,),
    Event.SUPERSEDE: (Guard.PRICE_DIFFERS,),
    Event.EXPIRE: (Guard.TIME_OVER,),
    Event.OBSERVE_EXECUTED: (Guard.SEEN_BY_SYNC,),
    Event.OBSERVE_PARTIAL: (Guard.SEEN_BY_SYNC,),
    Event.OBSERVE_DEVIATED: (Guard.SEEN_BY_SYNC,),
    Event.OBSERVE_EXTERNAL: (Guard.SEEN_BY_SYNC,),
}

_PENDING = (_S.OPEN, _S.ESCALATED)
_FROM: Mapping[Event, tuple[RecommendationState, ...]] = {
    Event.ESCALATE: _PENDING,
    Event.APPROVE: _PENDING,
    Event.REJECT: _PENDING,
    Event.WITHDRAW: LIVE_STATES,
    Event.SUPERSEDE: LIVE_STATES,
    Event.EXPIRE: LIVE_STATES,
    Event.OBSERVE_EXECUTED: (_S.APPROVED, _S.PARTIAL, _S.DEVIATED),
    Event.OBSERVE_PARTIAL: (_S.APPROVED,),
    Event.OBSERVE_DEVIATED: (_S.APPROVED,),
    Event.OBSERVE_EXTERNAL: _PENDING,
}

TABLE: Mapping[tuple[RecommendationState, Event], Move] = {
    (state, event): Move(RESULT[event], _GUARDS[event]) for event, states in _FROM.items() for state in states
}

PENDING_STATES = _PENDING
CLOSED_STATES = tuple(state for state in RecommendationState if state not in LIVE_STATES)
EXECUTION_STATES = (_S.EXECUTED, _S.PARTIAL, _S.DEVIATED)
"""What an approved recommendation becomes when its price was seen to change."""


def step(state: RecommendationState, event: Event) -> Move | None:
    """What `event` does in `state`; None where it is not permitted."""
    return TABLE.get((state, event))


def event_of(to: RecommendationState) -> Event | None:
    """The event that leads to a state; None for `open`, in which every recommendation begins."""
    return next((event for event, result in RESULT.items() if result is to), None)
