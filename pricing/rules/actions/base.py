"""What an action is: its parameters, what it proposes for a listing, and what it can propose at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from pricing.rules.intervals import Interval
from pricing.rules.wording import percent
from pricing.types import PricingContext, Reason

Value = Decimal | str | tuple[tuple[Decimal, Decimal], ...]
Values = Mapping[str, Value]
"""Parameters of a call by name, as `pricing.rules.parse` has checked them; an optional one may be missing."""
Ranges = Mapping[str, tuple[Decimal, Decimal]]
"""What inputs may be: signal → lowest and highest value."""


class Direction(StrEnum):
    """Which way an action may move a price."""

    DOWN = "down"
    UP = "up"
    EITHER = "either"
    NONE = "none"


class Follows(StrEnum):
    """Whose prices an action reacts to."""

    RIVALS = "rivals"
    NONE = "none"


class ParameterType(StrEnum):
    """What kind of value a parameter takes."""

    FRACTION = "fraction"
    MONEY = "money"
    CHOICE = "choice"
    STEPS = "steps"
    """Pairs of a threshold and a fraction, the thresholds rising."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an action; numbers (and the fractions of steps) lie between `low` and `high`."""

    name: str
    meaning: str
    type: ParameterType
    is_required: bool = True
    low: Decimal | None = None
    high: Decimal | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """Where an action would put the price, before any limit; None: nowhere, for the reason given."""

    price: Decimal | None
    reason: Reason


def _no_fault(values: Values) -> tuple[str, str] | None:
    return None


@dataclass(frozen=True, slots=True)
class Action:
    """An action of the rule language.

    `propose` is only called with a price, complete costs and checked values. `interval` contains every price
    that `propose` can give for a price of the interval it gets, when the signals stay within the ranges.
    `fault` says what is wrong with a combination of values: (parameter, what is wrong).
    """

    key: str
    meaning: str
    parameters: tuple[Parameter, ...]
    propose: Callable[[PricingContext, Values], Move]
    interval: Callable[[Interval, Values, Ranges], Interval]
    direction: Callable[[Values], Direction]
    follows: Callable[[Values], Follows]
    fault: Callable[[Values], tuple[str, str] | None] = _no_fault


def number(values: Values, name: str, default: Decimal = Decimal(0)) -> Decimal:
    """Return a number parameter, or `default` where it was left out."""
    value = values.get(name, default)
    if not isinstance(value, Decimal):
        raise TypeError(f"{name} is not a number")
    return value


def to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """Return the tick nearest to a price, half of one upwards; at least one tick."""
    return max((price / tick).quantize(Decimal(1), rounding=ROUND_HALF_UP) * tick, tick)


def money(price: Decimal) -> str:
    """Write a price for a reason, without the zeros that a column of the database adds."""
    whole, _, part = f"{price:f}".partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part:0<2}" if part else whole


def share(fraction: Decimal) -> str:
    """Write a fraction as a percentage with its sign: "-3 %"."""
    return f"{'' if fraction < 0 else '+'}{percent(fraction)}"
