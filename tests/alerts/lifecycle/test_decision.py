"""The decision on an alert: every state with every input, then each part of the policy alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from alerts.engine.lifecycle import Decision, Snapshot, acknowledge, decide, next_due, reset, resolve
from alerts.types import AlertState, Check, Notice, Policy, Severity
from tests.alerts.lifecycle.making import NOW, breach, clear, no_data

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Two of three breaches fire after ten minutes, two clear ones end it; told again every six hours.
POLICY = Policy(
    breaches=2,
    of_checks=3,
    clear_checks=2,
    pending_minutes=10,
    repeat_hours=6,
    flap_hold_minutes=60,
    escalate_after_hours=Decimal(4),
)
WORSE = Severity.CRITICAL

PENDING = Snapshot(AlertState.PENDING, recent=(True,), since=NOW - HOUR)
FIRING = Snapshot(
    AlertState.FIRING,
    recent=(True, True),
    since=NOW - 2 * HOUR,
    told=Severity.WARNING,
    told_at=NOW - HOUR,
    fired_at=NOW - HOUR,
    escalate_at=NOW + 3 * HOUR,
    sequence=1,
)
RESOLVED = Snapshot(
    AlertState.RESOLVED,
    fired_at=NOW - 9 * HOUR,
    resolved_at=NOW - 2 * HOUR,
    told_resolved_at=NOW - 2 * HOUR,
    told_before=Severity.WARNING,
    sequence=2,
)
STATES: dict[str, Snapshot] = {
    "none": Snapshot(),
    "pending": PENDING,
    "pending, blind": replace(PENDING, is_blind=True),
    "firing": FIRING,
    "firing, clear once": replace(FIRING, recent=(True, True, False), clears=1),
    "firing, muted": replace(FIRING, is_muted=True, is_owed=True, escalate_at=None),
    "firing, never told": replace(
        FIRING, told=None, told_at=None, escalate_at=None, is_muted=True, is_owed=True, sequence=0
    ),
    "firing, held": replace(
        FIRING, told=None, told_at=None, escalate_at=None, told_resolved_at=NOW - HOUR / 2, sequence=2
    ),
    "firing, repeat due": replace(FIRING, told_at=NOW - 7 * HOUR),
    "firing, escalation due": replace(FIRING, escalate_at=NOW),
    "acknowledged": replace(
        FIRING, state=AlertState.ACKNOWLEDGED, acknowledged_until=NOW + HOUR, escalate_at=None
    ),
    "acknowledged, run out": replace(
        FIRING, state=AlertState.ACKNOWLEDGED, acknowledged_until=NOW, escalate_at=None
    ),
    "resolved": RESOLVED,
    "resolved, in the hold": replace(RESOLVED, told_resolved_at=NOW - HOUR / 2),
    "resolved, spent": replace(RESOLVED, is_spent=True),
}
INPUTS: list[tuple[str, Check | None, bool]] = [
    ("breach", breach(), False),
    ("worse", breach(severity=WORSE), False),
    ("clear", clear(), False),
    ("no data", no_data(), False),
    ("clock", None, False),
    ("breach, muted", breach(), True),
    ("clear, muted", clear(), True),
    ("clock, muted", None, True),
]
# By hand, a row per state, a cell per input in the order above: state after (p, f, a, r, - for none) and what
# is told (F fired, S still firing, E escalated, R resolved, . nothing).
EXPECTED = {
    "none": "p. p. -. -. -. p. -. -.",
    "pending": "fF fF p. p. p. f. p. p.",
    "pending, blind": "fF fF p. p. p. f. p. p.",
    "firing": "f. fS f. f. f. f. f. f.",
    "firing, clear once": "f. fS rR f. f. f. rR f.",
    "firing, muted": "fS fS fS f. fS f. f. f.",
    "firing, never told": "fF fF fF f. fF f. f. f.",
    "firing, held": "f. f. f. f. f. f. f. f.",
    "firing, repeat due": "fS fS fS f. fS f. f. f.",
    "firing, escalation due": "fE fS fE fE fE f. f. f.",
    "acknowledged": "a. fS a. a. a. a. a. a.",
    "acknowledged, run out": "fS fS fS f. fS f. f. f.",
    "resolved": "p. p. r. r. r. p. r. r.",
    "resolved, in the hold": "p. p. r. r. r. p. r. r.",
    "resolved, spent": "p. p. r. r. r. p. r. r.",
}
_LETTERS = {
    AlertState.PENDING: "p",
    AlertState.FIRING: "f",
    AlertState.ACKNOWLEDGED: "a",
    AlertState.RESOLVED: "r",
    None: "-",
}
_NOTICES = {Notice.FIRED: "F", Notice.STILL_FIRING: "S", Notice.ESCALATED: "E", Notice.RESOLVED: "R"}


def cell(decision: Decision) -> str:
    """A decision as a cell of the table."""
    told = "".join(_NOTICES[notice] for notice in decision.notices) or "."
    return _LETTERS[decision.snapshot.state] + told


def test_the_table_leaves_out_no_state_and_no_notice() -> None:
    """Every state of an alert is a row, every notice is in some cell."""
    assert set(EXPECTED) == set(STATES)
    assert {snapshot.state for snapshot in STATES.values()} == {None, *AlertState}
    assert set("".join(EXPECTED.values())) >= set(_NOTICES.values())


@pytest.mark.parametrize("name", STATES)
def test_every_input_in_every_state(name: str) -> None:
    """A check of each kind, and time alone, muted and not: what is so and what is told."""
    found = [
        cell(decide(STATES[name], check, NOW, POLICY, is_muted=is_muted)) for _, check, is_muted in INPUTS
    ]
    assert " ".join(found) == EXPECTED[name], name


@pytest.mark.parametrize("name", STATES)
def test_deciding_twice_tells_once(name: str) -> None:
    """The same moment looked at again by the clock finds nothing left to tell."""
    for _, check, is_muted in INPUTS:
        first = decide(STATES[name], check, NOW, POLICY, is_muted=is_muted)
        again = decide(first.snapshot, None, NOW, POLICY, is_muted=is_muted)
        assert again.notices == (), (name, check)
        assert again.snapshot.state is first.snapshot.state


# What people can do: acknowledge, resolve, reset; "x" where it is refused.
BY_HAND = {
    "none": "x x x",
    "pending": "x r. x",
    "pending, blind": "x r. x",
    "firing": "a. rR x",
    "firing, clear once": "a. rR x",
    "firing, muted": "a. rR x",
    "firing, never told": "a. r. x",
    "firing, held": "a. r. x",
    "firing, repeat due": "a. rR x",
    "firing, escalation due": "a. rR x",
    "acknowledged": "a. rR x",
    "acknowledged, run out": "a. rR x",
    "resolved": "x x x",
    "resolved, in the hold": "x x x",
    "resolved, spent": "x x r.",
}


@pytest.mark.parametrize("name", STATES)
def test_every_hand_in_every_state(name: str) -> None:
    """What a person may do in each state, and who hears of it."""
    snapshot = STATES[name]
    made = [acknowledge(snapshot, NOW, NOW + HOUR), resolve(snapshot, NOW), reset(snapshot)]
    assert " ".join("x" if one is None else cell(one) for one in made) == BY_HAND[name]


def run(policy: Policy, checks: str, *, step: timedelta = 5 * MINUTE) -> str:
    """What is told at each of a row of checks (b, c, n), as letters."""
    snapshot, told = Snapshot(), ""
    for index, letter in enumerate(checks):
        check = {"b": breach(), "c": clear(), "n": no_data()}[letter]
        decision = decide(snapshot, check, NOW + index * step, policy)
        snapshot = decision.snapshot
        told += "".join(_NOTICES[notice] for notice in decision.notices) or "."
    return told


@pytest.mark.parametrize(
    ("policy", "checks", "told"),
    [
        (Policy(), "bbcc", "F.R."),
        (Policy(), "bnnc", "F..R"),
        (Policy(), "nnnb", "...F"),
        (Policy(breaches=3, of_checks=5), "bcbcb", "....F"),
        (Policy(breaches=3, of_checks=5), "bccccbccccb", "..........."),
        (Policy(breaches=2, of_checks=2), "bnb", "..F"),
        (Policy(pending_minutes=10), "bbb", "..F"),
        (Policy(pending_minutes=10), "bcbb", "...."),
        (Policy(pending_minutes=10), "bnnn", "...."),
        (Policy(clear_checks=3), "bccbccc", "F.....R"),
        (Policy(clear_checks=2), "bcnc", "F..R"),
        (Policy(flap_hold_minutes=30), "bcbcbcbbb", "F" + "R" + "....." + "F" + "."),
        (Policy(flap_hold_minutes=0), "bcbc", "FRFR"),
        (Policy(is_once=True, flap_hold_minutes=0), "bcbcb", "FR..."),
    ],
)
def test_the_parts_of_a_policy(policy: Policy, checks: str, told: str) -> None:
    """N of M, pending, hysteresis, the hold and once, each over a row of checks five minutes apart."""
    assert run(policy, checks) == told


def test_a_once_alert_fires_again_when_it_was_reset() -> None:
    """Spent until somebody resets it (complaint 16), and not repeated either; the reset ends the hold."""
    policy = Policy(is_once=True, repeat_hours=1)
    fired = decide(Snapshot(), breach(), NOW, policy).snapshot
    assert decide(fired, breach(), NOW + 9 * HOUR, policy).notices == ()
    over = decide(fired, clear(), NOW + 10 * HOUR, policy).snapshot
    later = NOW + 30 * HOUR
    assert decide(over, breach(), later, policy).reason == "fired once already; it waits to be reset"
    armed = reset(over)
    assert armed is not None
    again = decide(armed.snapshot, breach(), NOW + 10 * HOUR + MINUTE, policy)
    assert (again.notices, again.is_new) == ((Notice.FIRED,), True)


def test_a_silence_that_ends_tells_what_still_fires_at_once() -> None:
    """Not only when the repeat is due (complaint 19); what is over by then is not told as firing."""
    policy = Policy(repeat_hours=24)
    fired = decide(Snapshot(), breach(), NOW, policy).snapshot
    silenced = decide(fired, breach(), NOW + HOUR, policy, is_muted=True).snapshot
    assert decide(silenced, None, NOW + 2 * HOUR, policy).notices == (Notice.STILL_FIRING,)
    during = decide(silenced, clear(), NOW + 2 * HOUR, policy, is_muted=True)
    assert during.notices == (Notice.RESOLVED,), "whoever was told that it fires hears that it ended"
    unheard = decide(Snapshot(), breach(), NOW, policy, is_muted=True).snapshot
    assert decide(unheard, clear(), NOW + HOUR, policy, is_muted=True).notices == ()
    assert decide(unheard, None, NOW + HOUR, policy).notices == (Notice.FIRED,)


def test_an_acknowledgement_runs_out_or_ends_with_the_alert() -> None:
    """While it holds nothing is repeated or escalated; then it is told again and the clock starts anew."""
    policy = Policy(repeat_hours=1, escalate_after_hours=Decimal(4))
    fired = decide(Snapshot(), breach(), NOW, policy).snapshot
    done = acknowledge(fired, NOW + HOUR / 2, NOW + 8 * HOUR)
    assert done is not None
    held = done.snapshot
    assert next_due(held, policy) == NOW + 8 * HOUR
    assert decide(held, breach(), NOW + 7 * HOUR, policy).notices == ()
    out = decide(held, None, NOW + 8 * HOUR, policy)
    assert (out.notices, out.snapshot.state) == ((Notice.STILL_FIRING,), AlertState.FIRING)
    assert out.snapshot.escalate_at == NOW + 12 * HOUR
    ended = decide(held, clear(), NOW + HOUR, policy)
    assert ended.notices == (Notice.RESOLVED,)
    assert ended.snapshot.acknowledged_until is None


def test_escalation_climbs_to_the_last_level_and_stops() -> None:
    """A level at a time, each once; repeats go on above it and do not put the climb off."""
    policy = Policy(repeat_hours=3, escalate_after_hours=Decimal(4))
    snapshot = decide(Snapshot(), breach(), NOW, policy).snapshot
    heard = []
    for hours in range(1, 16):
        decision = decide(snapshot, None, NOW + hours * HOUR, policy)
        snapshot = decision.snapshot
        heard += [(hours, notice.value, snapshot.level) for notice in decision.notices]
    assert heard == [
        (3, "still_firing", 1),
        (4, "escalated", 2),
        (7, "still_firing", 2),
        (8, "escalated", 3),
        (11, "still_firing", 3),
        (14, "still_firing", 3),
    ]


def test_severity_up_is_told_down_is_not() -> None:
    """Worse breaks an acknowledgement and the flap hold; better is shown with the next notice."""
    policy = Policy()
    fired = decide(Snapshot(), breach(severity=Severity.WARNING), NOW, policy).snapshot
    done = acknowledge(fired, NOW, NOW + 9 * HOUR)
    assert done is not None
    worse = decide(done.snapshot, breach(severity=Severity.CRITICAL), NOW + HOUR, policy)
    assert (worse.notices, worse.snapshot.state) == ((Notice.STILL_FIRING,), AlertState.FIRING)
    better = decide(worse.snapshot, breach(severity=Severity.INFO), NOW + 2 * HOUR, policy)
    assert (better.notices, better.snapshot.severity) == ((), Severity.INFO)
    over = decide(fired, clear(), NOW + HOUR, policy).snapshot
    mild = decide(over, breach(severity=Severity.WARNING), NOW + HOUR + MINUTE, policy)
    assert (mild.notices, mild.reason) == ((), "back within the flap hold")
    grave = decide(over, breach(severity=Severity.CRITICAL), NOW + HOUR + MINUTE, policy)
    assert grave.notices == (Notice.FIRED,)


def test_what_was_ended_by_hand_and_still_breaches_comes_back_after_the_hold() -> None:
    """Held even if nobody but the one who ended it had heard of it."""
    policy = Policy(flap_hold_minutes=60)
    unheard = decide(Snapshot(), breach(), NOW, policy, is_muted=True).snapshot
    ended = resolve(unheard, NOW)
    assert ended is not None
    back = decide(ended.snapshot, breach(), NOW + 5 * MINUTE, policy)
    assert (back.notices, back.snapshot.state) == ((), AlertState.FIRING)
    assert next_due(back.snapshot, policy) == NOW + HOUR
    assert decide(back.snapshot, None, NOW + HOUR, policy).notices == (Notice.FIRED,)
