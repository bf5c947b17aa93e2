"""No order of checks, mutes, people and time loses a resolve or tells anything twice: two searches for one.

What people believe is kept by an observer who sees notices alone, and is compared with what is so.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alerts.engine.lifecycle import (
    LAST_LEVEL,
    Decision,
    Snapshot,
    acknowledge,
    decide,
    next_due,
    reset,
    resolve,
)
from alerts.types import AlertState, Check, Notice, Policy, Severity
from tests.alerts.lifecycle.making import NOW, breach, clear, no_data

OPEN = (AlertState.FIRING, AlertState.ACKNOWLEDGED)
MINUTE = timedelta(minutes=1)
POLICIES = [
    Policy(),
    Policy(breaches=2, of_checks=3, clear_checks=2, pending_minutes=60, flap_hold_minutes=120),
    Policy(repeat_hours=1, flap_hold_minutes=90, escalate_after_hours=Decimal(1)),
    Policy(is_once=True, repeat_hours=1, flap_hold_minutes=60, escalate_after_hours=Decimal(2)),
    Policy(repeat_hours=0, flap_hold_minutes=0, pending_minutes=30),
]


@dataclass(frozen=True)
class World:
    """An alert, whether it is muted, and what somebody believes who heard every notice of it."""

    snapshot: Snapshot
    is_muted: bool
    believes: bool
    sequence: int
    climbs: int


START = World(Snapshot(), is_muted=False, believes=False, sequence=0, climbs=0)


def hear(world: World, decision: Decision) -> World:
    """What the observer makes of a decision; refuses a notice that cannot follow what was heard before."""
    believes, sequence, climbs = world.believes, world.sequence, world.climbs
    if decision.is_new:
        assert not believes, "another alert while the former one is believed to fire"
        sequence, climbs = 0, 0
    assert len(decision.notices) <= 1
    for notice in decision.notices:
        sequence += 1
        if notice is Notice.FIRED:
            assert not believes, "fired, told twice"
            believes, climbs = True, 0
        elif notice is Notice.RESOLVED:
            assert believes, "an end of what was never told, or told twice"
            believes = False
        else:
            assert believes, "still firing, of what was never told"
            climbs += notice is Notice.ESCALATED
    assert climbs < LAST_LEVEL, "a level told twice"
    assert decision.snapshot.sequence == sequence, "numbers follow each other without a gap"
    return replace(world, snapshot=decision.snapshot, believes=believes, sequence=sequence, climbs=climbs)


def holds(world: World, now: datetime, policy: Policy) -> None:
    """What must be so after each step."""
    snapshot = world.snapshot
    assert not world.believes or snapshot.state in OPEN, "a resolve was lost"
    assert (snapshot.told is not None) == world.believes, "what was told is what is believed"
    again = decide(snapshot, None, now, policy, is_muted=world.is_muted)
    settled = again.snapshot
    if settled.state is AlertState.FIRING and not world.is_muted and not settled.is_blind:
        hold = settled.told_resolved_at
        is_held = hold is not None and now < hold + timedelta(minutes=policy.flap_hold_minutes)
        assert settled.told is not None or is_held, "it fires and nobody hears of it"
    twice = decide(settled, None, now, policy, is_muted=world.is_muted)
    assert twice.notices == (), "told twice at one moment"
    due = next_due(settled, policy)
    early = now + MINUTE if due is None else min(due - timedelta(seconds=1), now + timedelta(days=3))
    if early > now:
        quiet = decide(settled, None, early, policy, is_muted=world.is_muted)
        assert quiet.notices == (), "something happened before it was due"
        assert quiet.snapshot.state is settled.state


def by_check(world: World, check: Check | None, now: datetime, policy: Policy) -> World:
    """A check, or time."""
    return hear(world, decide(world.snapshot, check, now, policy, is_muted=world.is_muted))


def by_hand(world: World, decision: Decision | None, *, knows: bool) -> World:
    """What a person did; whoever acknowledges it knows of it without being told."""
    if decision is None:
        return world
    return hear(replace(world, believes=world.believes or knows), decision)


def moves(world: World, now: datetime, policy: Policy) -> list[World]:
    """Everything that can happen next."""
    checks = [breach(severity=Severity.WARNING), breach(severity=Severity.CRITICAL), clear(), no_data(), None]
    shot = world.snapshot
    return [
        *(by_check(world, check, now, policy) for check in checks),
        by_check(replace(world, is_muted=not world.is_muted), None, now, policy),
        by_hand(world, acknowledge(shot, now, now + 90 * MINUTE), knows=True),
        by_hand(world, resolve(shot, now), knows=False),
        by_hand(world, reset(shot), knows=False),
    ]


def essence(world: World, now: datetime) -> tuple[Any, ...]:
    """A world without its date: what lies further back than a day, or is only remembered, is all the same."""
    remembered = {"fired_at", "acknowledged_at", "resolved_at", "sequence", "level"}
    parts: list[Any] = [world.is_muted, world.believes, min(world.climbs, LAST_LEVEL), world.snapshot.level]
    for field in fields(Snapshot):
        value = getattr(world.snapshot, field.name)
        if field.name in remembered:
            value = value is not None
        elif isinstance(value, datetime):
            value = max(value - now, timedelta(days=-1))
        elif field.name == "clears":
            value = min(value, 3)
        parts.append(value)
    return tuple(parts)


def test_every_row_of_five_events_half_an_hour_apart() -> None:
    """For five policies, everything that five events can lead to, the same situations looked at once."""
    seen_in_all = 0
    for policy in POLICIES:
        seen: set[tuple[Any, ...]] = set()
        front, now = [START], NOW
        for _ in range(5):
            now += 30 * MINUTE
            following: dict[tuple[Any, ...], World] = {}
            for world in front:
                for after in moves(world, now, policy):
                    key = essence(after, now)
                    if key not in seen and key not in following:
                        holds(after, now, policy)
                        following[key] = after
            seen.update(following)
            front = list(following.values())
        seen_in_all += len(seen)
    assert seen_in_all > 1000, "the search went nowhere"


class Life(RuleBasedStateMachine):
    """Any policy, any spacing in time, any order."""

    @initialize(
        breaches=st.integers(1, 3),
        more=st.integers(0, 3),
        clears=st.integers(1, 3),
        pending=st.sampled_from([0, 10, 120]),
        repeat=st.sampled_from([0, 1, 24]),
        hold=st.sampled_from([0, 30, 240]),
        escalate=st.sampled_from([None, Decimal("0.5"), Decimal(4)]),
        once=st.booleans(),
    )
    def begin(
        self,
        breaches: int,
        more: int,
        clears: int,
        pending: int,
        repeat: int,
        hold: int,
        escalate: Decimal | None,
        once: bool,
    ) -> None:
        """Choose a policy."""
        self.policy = Policy(breaches, breaches + more, clears, pending, repeat, hold, escalate, once)
        self.world, self.now = START, NOW

    @rule(minutes=st.sampled_from([0, 1, 29, 30, 31, 60, 240, 1441]))
    def wait(self, minutes: int) -> None:
        """Time passes, and the clock is asked."""
        self.now += minutes * MINUTE
        self.world = by_check(self.world, None, self.now, self.policy)

    @rule(
        check=st.sampled_from(
            [breach(severity=Severity.INFO), breach(severity=Severity.CRITICAL), clear(), no_data()]
        ),
        minutes=st.sampled_from([1, 10, 60]),
    )
    def look(self, check: Check, minutes: int) -> None:
        """A check."""
        self.now += minutes * MINUTE
        self.world = by_check(self.world, check, self.now, self.policy)

    @rule()
    def mute(self) -> None:
        """A silence begins or ends."""
        self.world = replace(self.world, is_muted=not self.world.is_muted)
        self.world = by_check(self.world, None, self.now, self.policy)

    @rule(hours=st.sampled_from([1, 30]))
    def take(self, hours: int) -> None:
        """Somebody acknowledges."""
        done = acknowledge(self.world.snapshot, self.now, self.now + hours * 60 * MINUTE)
        self.world = by_hand(self.world, done, knows=True)

    @rule()
    def end(self) -> None:
        """Somebody resolves it by hand."""
        self.world = by_hand(self.world, resolve(self.world.snapshot, self.now), knows=False)

    @rule()
    def arm(self) -> None:
        """Somebody resets it."""
        self.world = by_hand(self.world, reset(self.world.snapshot), knows=False)

    @invariant()
    def all_holds(self) -> None:
        """Belief and truth fit, after everything."""
        if hasattr(self, "world"):
            holds(self.world, self.now, self.policy)


Life.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
