"""The users' order of looking for a fault behind a figure, a verdict per step; pure.

The order is theirs: what stops early explains what comes later, so a person is sent to the first step that is
suspect, and a step of which nothing is known is never called fine.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class StepKey(StrEnum):
    """The steps, in their order."""

    API_STATUS = "api_status"
    RAW_DATA = "raw_data"
    FORMULA = "formula"
    RECENT_CHANGES = "recent_changes"
    OWNER_AND_TARGET = "owner_and_target"
    CONSISTENCY = "consistency"


class StepVerdict(StrEnum):
    """What a step found."""

    FINE = "fine"
    SUSPECT = "suspect"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure behind a verdict, and where it can be looked up."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step with its verdict, why, and the figures."""

    key: StepKey
    verdict: StepVerdict
    why: str
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """What is known of a stream: `rejected` rows of its last run, None before the first one."""

    stream: str
    is_fresh: bool
    ever: bool
    covered_through: date | None
    data_as_of: datetime | None
    problem: str
    rejected: int | None
    source: str


@dataclass(frozen=True, slots=True)
class NumberSeen:
    """The figure as it is told; `own_formula` is the client's, where it has one in place of ours."""

    value: str | None
    why_missing: str | None
    coverage: str | None
    is_final: bool
    formula: str
    source: str


@dataclass(frozen=True, slots=True)
class TargetSeen:
    """The target in force and who has not taken note of it; None where there is no target."""

    owners: tuple[str, ...]
    waiting_for: tuple[str, ...]
    is_live: bool
    source: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Two systems that do not agree: what they say, and the money between them in a month."""

    what: str
    says: Decimal
    other: Decimal
    exposure: Decimal


def first_suspect(steps: Sequence[Step]) -> StepKey | None:
    """Where to look first: the first step that is suspect; None if none is."""
    return next((step.key for step in steps if step.verdict is StepVerdict.SUSPECT), None)


def api_status(streams: Collection[StreamSeen], failed_calls: int, source: str) -> Step:
    """Are the platforms' interfaces answering, and lately enough?"""
    facts = [
        Fact(each.stream, each.problem or ("fresh" if each.is_fresh else "stale"), each.source)
        for each in streams
    ]
    facts.append(Fact("calls refused or failed in 24 hours", str(failed_calls), source))
    bad = [each.stream for each in streams if not each.is_fresh]
    if not streams:
        return Step(StepKey.API_STATUS, StepVerdict.UNKNOWN, "No stream feeds this figure.", tuple(facts))
    if bad:
        why = f"Not up to date: {', '.join(bad)}."
        return Step(StepKey.API_STATUS, StepVerdict.SUSPECT, why, tuple(facts))
    return Step(StepKey.API_STATUS, StepVerdict.FINE, "Every stream is up to date.", tuple(facts))


def raw_data(streams: Collection[StreamSeen], last: date) -> Step:
    """Are all days there, and was every row understood?"""
    known = [each for each in streams if each.ever]
    facts = [
        fact
        for each in known
        for fact in (
            Fact(f"{each.stream} known through", str(each.covered_through or "nothing"), each.source),
            Fact(
                f"{each.stream} rows rejected",
                "" if each.rejected is None else str(each.rejected),
                each.source,
            ),
        )
    ]
    if not known:
        return Step(StepKey.RAW_DATA, StepVerdict.UNKNOWN, "Nothing was ever read.")
    short = [each.stream for each in known if each.covered_through is None or each.covered_through < last]
    rejected = [each.stream for each in known if each.rejected]
    faults = [f"{name} ends before {last}" for name in short]
    faults += [f"{name} has rows that were not understood" for name in rejected]
    if faults:
        return Step(StepKey.RAW_DATA, StepVerdict.SUSPECT, f"{'; '.join(faults)}.", tuple(facts))
    return Step(StepKey.RAW_DATA, StepVerdict.FINE, f"All days through {last} are there.", tuple(facts))


def formula(seen: NumberSeen) -> Step:
    """Does the formula give a number from these data, and is it final?"""
    facts = (
        Fact("value", "" if seen.value is None else seen.value, seen.source),
        Fact("formula", seen.formula, seen.source),
        Fact("coverage", seen.coverage or "", seen.source),
    )
    if seen.value is None:
        why = f"The figure cannot be computed: {seen.why_missing or 'unknown'}."
        return Step(StepKey.FORMULA, StepVerdict.SUSPECT, why, facts)
    if not seen.is_final:
        return Step(
            StepKey.FORMULA, StepVerdict.SUSPECT, "The figure is not final: it may still change.", facts
        )
    return Step(StepKey.FORMULA, StepVerdict.FINE, "The figure follows from its inputs and is final.", facts)


def recent_changes(changes: Sequence[Fact], first: date, last: date) -> Step:
    """Did anybody change something in the period?"""
    if changes:
        why = f"{len(changes)} changes from {first} to {last} may have moved it."
        return Step(StepKey.RECENT_CHANGES, StepVerdict.SUSPECT, why, tuple(changes))
    return Step(StepKey.RECENT_CHANGES, StepVerdict.FINE, f"No change is on record from {first} to {last}.")


def owner_and_target(seen: TargetSeen | None) -> Step:
    """Does the owner know what the figure ought to be?"""
    if seen is None:
        return Step(StepKey.OWNER_AND_TARGET, StepVerdict.SUSPECT, "There is no target: nobody can miss it.")
    facts = (Fact("owners", ", ".join(seen.owners), seen.source),)
    if seen.is_live:
        return Step(StepKey.OWNER_AND_TARGET, StepVerdict.FINE, "Its owners took note of the target.", facts)
    who = ", ".join(seen.waiting_for) or "nobody is named"
    return Step(StepKey.OWNER_AND_TARGET, StepVerdict.SUSPECT, f"The target is not noted: {who}.", facts)


def consistency(gaps: Sequence[Gap] | None, source: str) -> Step:
    """Do the systems agree on what things cost?"""
    if gaps is None:
        return Step(StepKey.CONSISTENCY, StepVerdict.UNKNOWN, "There is nothing to compare it with.")
    facts = tuple(
        Fact(f"{each.what}: {each.says} against {each.other}", f"{each.exposure} a month", source)
        for each in gaps
    )
    if facts:
        why = f"Sources differ in {len(facts)} places."
        return Step(StepKey.CONSISTENCY, StepVerdict.SUSPECT, why, facts)
    return Step(StepKey.CONSISTENCY, StepVerdict.FINE, "Charges, estimates and tables agree.")
