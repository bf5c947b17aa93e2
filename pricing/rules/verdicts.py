"""What is said of a rule set before it is activated: problems, the proof of its floor, museum, wars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pricing.engine.price_war import Ending


class Severity(StrEnum):
    """An error refuses activation; a warning is something a person should know."""

    ERROR = "error"
    WARNING = "warning"


class ProofStatus(StrEnum):
    """Whether the floor holds for all inputs in the declared ranges."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a rule set; `pointer`: where in its document, `witness`: inputs that show it."""

    severity: Severity
    code: str
    pointer: str
    text: str
    remedy: str
    witness: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleReach:
    """How far one rule goes within the declared ranges, and whether the floor has to stop it there."""

    rule: str
    lowest: Decimal
    highest: Decimal
    needs_floor: bool


@dataclass(frozen=True, slots=True)
class FloorProof:
    """Whether no combination of rules passes the floor, in which ranges, and why; else inputs that do."""

    status: ProofStatus
    because: str
    ranges: Mapping[str, tuple[Decimal, Decimal]]
    reaches: tuple[RuleReach, ...]
    cells: int
    counter_example: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ExhibitVerdict:
    """Whether the rule set survives one historical disaster, and how it does not."""

    key: str
    title: str
    source: str
    survived: bool
    how: str


@dataclass(frozen=True, slots=True)
class Museum:
    """The ten disasters; `score` of `of` survived."""

    exhibits: tuple[ExhibitVerdict, ...]

    @property
    def score(self) -> int:
        """How many were survived."""
        return sum(each.survived for each in self.exhibits)

    @property
    def of(self) -> int:
        """How many there are."""
        return len(self.exhibits)


@dataclass(frozen=True, slots=True)
class WarVerdict:
    """How a month against one bot ended, from the start that ended worst."""

    bot: str
    title: str
    ending: Ending
    start: Decimal
    rival: Decimal
    cycle: int | None
    lowest: Decimal
    changes: int
    lost: Decimal | None


@dataclass(frozen=True, slots=True)
class Verification:
    """Everything that was found; a rule set is sound when nothing of it is an error."""

    problems: tuple[Problem, ...]
    proof: FloorProof
    museum: Museum
    wars: tuple[WarVerdict, ...]

    @property
    def is_sound(self) -> bool:
        """May it be activated?"""
        return all(problem.severity is not Severity.ERROR for problem in self.problems)


def document(verification: Verification) -> dict[str, Any]:
    """Write a verification so that it can be stored and shown; amounts are decimal strings."""
    proof, museum = verification.proof, verification.museum
    return {
        "is_sound": verification.is_sound,
        "problems": [
            {
                "severity": each.severity.value,
                "code": each.code,
                "pointer": each.pointer,
                "text": each.text,
                "remedy": each.remedy,
                "witness": dict(each.witness),
            }
            for each in verification.problems
        ],
        "proof": {
            "status": proof.status.value,
            "because": proof.because,
            "ranges": {key: [f"{low:f}", f"{high:f}"] for key, (low, high) in sorted(proof.ranges.items())},
            "cells": proof.cells,
            "reaches": [
                {
                    "rule": each.rule,
                    "lowest": f"{each.lowest:f}",
                    "highest": f"{each.highest:f}",
                    "needs_floor": each.needs_floor,
                }
                for each in proof.reaches
            ],
            "counter_example": dict(proof.counter_example) if proof.counter_example else None,
        },
        "museum": {
            "score": museum.score,
            "of": museum.of,
            "exhibits": [
                {
                    "key": each.key,
                    "title": each.title,
                    "source": each.source,
                    "survived": each.survived,
                    "how": each.how,
                }
                for each in museum.exhibits
            ],
        },
        "wars": [
            {
                "bot": each.bot,
                "title": each.title,
                "ending": each.ending.value,
                "start": f"{each.start:f}",
                "rival": f"{each.rival:f}",
                "cycle": each.cycle,
                "lowest": f"{each.lowest:f}",
                "changes": each.changes,
                "lost": None if each.lost is None else f"{each.lost:.2f}",
            }
            for each in verification.wars
        ],
    }
