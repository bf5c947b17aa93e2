"""What a rule set says, once it has been read: conditions, actions, limits, declared ranges.

Of the rules of a set the first whose condition holds acts, and only that one: moves never add up. Limits, the
price ending, bounds and the floor come after it, always in the same order. Shares are fractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Operator(StrEnum):
    """How a signal is compared."""

    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    EQ = "eq"
    NE = "ne"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of a signal (a key of `pricing.rules.signals.SIGNALS`) with a value of its type.

    A signal nobody knows makes the condition false, whatever the operator.
    """

    signal: str
    op: Operator
    value: Decimal | str | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of the clauses; none at all is always true."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the clauses."""

    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a clause whose signals are all known; false where one is not."""

    clause: Clause


Clause = Condition | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class ActionCall:
    """An action (a key of `pricing.rules.actions.ACTIONS`) with its parameters, checked and parsed."""

    action: str
    values: Mapping[str, Decimal | str | tuple[tuple[Decimal, Decimal], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when, then, and the margin (of net revenue) below which it goes no further."""

    key: str
    when: Clause
    then: ActionCall
    until_margin: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What no rule of the set may pass.

    `max_step` is the largest move of one change and `max_day_move` of a shop day, as shares of the price;
    `cadence_hours` is at least 4. `lowest` and `highest` are prices, None: only those of the listing.
    """

    floor_margin: Decimal = Decimal(0)
    max_step: Decimal = Decimal("0.10")
    max_day_move: Decimal = Decimal("0.15")
    cadence_hours: int = 4
    changes_per_day: int = 2
    lowest: Decimal | None = None
    highest: Decimal | None = None
    keeps_map: bool = True
    least_move: Decimal = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A whole set in the order in which its rules are asked. `ranges` declare what inputs may be (signal →
    lowest, highest); the proof that no rule passes the floor holds within them."""

    name: str
    rules: tuple[Rule, ...]
    limits: Limits
    ranges: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    uses_endings: bool = True
