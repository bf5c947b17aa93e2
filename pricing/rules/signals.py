"""What a condition may ask for: every signal with its meaning, its unit and how it is read of a listing.

Numbers are read exactly (`Fraction`), so that an edge is an edge: 28.50 against 30 is a gap of 0.05, not of
0.0499…. A signal of which nothing is known is None; it makes every condition on it false.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from pricing.engine.contribution import evaluate
from pricing.types import Objective, PricingContext, Tier

Known = Fraction | str | bool | frozenset[str]


class SignalType(StrEnum):
    """What kind of value a signal has, and so how it may be compared."""

    FRACTION = "fraction"
    COUNT = "count"
    NUMBER = "number"
    HOURS = "hours"
    DAYS = "days"
    MONEY = "money"
    CHOICE = "choice"
    """One word of a list (of any list, where `choices` is empty)."""
    TAGS = "tags"
    """Any number of words at once; equal to each of them."""
    FLAG = "flag"


NUMERIC = frozenset(
    {
        *(SignalType.FRACTION, SignalType.COUNT, SignalType.NUMBER),
        *(SignalType.HOURS, SignalType.DAYS, SignalType.MONEY),
    }
)


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal: `low` and `high` end its natural range (None: it has no end); `choices` are its words."""

    key: str
    meaning: str
    type: SignalType
    read: Callable[[PricingContext], Known | None]
    low: Decimal | None = None
    high: Decimal | None = None
    choices: tuple[str, ...] = ()

    @property
    def is_numeric(self) -> bool:
        """Is it compared as a number?"""
        return self.type in NUMERIC


def read_signals(context: PricingContext, keys: frozenset[str]) -> dict[str, Known | None]:
    """Return the value of each of the signals for a listing; a KeyError for one that does not exist."""
    return {key: SIGNALS[key].read(context) for key in sorted(keys)}


def told(value: Known | None) -> str:
    """Write a signal's value for a trace: numbers with at most six decimals, "unknown" where nobody knows."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Fraction):
        text = f"{Decimal(value.numerator) / Decimal(value.denominator):.6f}"
        return text.rstrip("0").rstrip(".")
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else value


def _number(value: Decimal | int | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _gap_to(context: PricingContext, rival: Decimal | None) -> Fraction | None:
    """Return the share of our price by which it would have to fall to be as cheap landed as `rival`."""
    if rival is None or not context.price:
        return None
    own = context.rivals.own_landed if context.rivals.own_landed is not None else context.price
    return (Fraction(own) - Fraction(rival)) / Fraction(context.price)


def _margin(context: PricingContext) -> Fraction | None:
    if context.price is None or context.missing:
        return None
    kept = evaluate(context.structure, context.price)
    return Fraction(kept.contribution) / Fraction(kept.base) if kept.base > 0 else None


def _acos_gap(context: PricingContext) -> Fraction | None:
    """ACoS less the ACoS at which an advertised sale breaks even: the margin before advertising."""
    if context.acos is None or context.price is None or context.missing:
        return None
    kept = evaluate(context.structure, context.price)
    if kept.base <= 0:
        return None
    return Fraction(context.acos) - (Fraction(kept.contribution) + Fraction(kept.ads)) / Fraction(kept.base)


def _hours_since_change(context: PricingContext) -> Fraction | None:
    if context.last_changed_at is None:
        return None
    passed = context.at - context.last_changed_at
    return Fraction(passed // timedelta(microseconds=1), 3_600_000_000)


_ONE, _ZERO = Decimal(1), Decimal(0)
_TYPE = SignalType

SIGNALS: Mapping[str, Signal] = {
    signal.key: signal
    for signal in (
        Signal(
            "competitor_gap",
            "Share of our price by which the lowest comparable offer is cheaper landed; negative: dearer",
            _TYPE.FRACTION,
            lambda c: _gap_to(c, c.rivals.lowest),
            high=_ONE,
        ),
        Signal(
            "featured_gap",
            "Share of our price by which the featured offer of another seller is cheaper landed",
            _TYPE.FRACTION,
            lambda c: None if c.rivals.is_own_featured else _gap_to(c, c.rivals.featured),
            high=_ONE,
        ),
        Signal(
            "own_featured",
            "Whether our offer is the featured one",
            _TYPE.FLAG,
            lambda c: c.rivals.is_own_featured,
        ),
        Signal(
            "rival_count",
            "Comparable offers of others",
            _TYPE.COUNT,
            lambda c: None if c.rivals.as_of is None else Fraction(c.rivals.count),
            low=_ZERO,
        ),
        Signal("rank", "Best-seller rank", _TYPE.COUNT, lambda c: _number(c.rank), low=_ONE),
        Signal("price", "Our price now", _TYPE.MONEY, lambda c: _number(c.price), low=_ZERO),
        Signal(
            "margin",
            "Contribution at the price now, as a share of net revenue",
            _TYPE.FRACTION,
            _margin,
            high=_ONE,
        ),
        Signal(
            "stock_age_days",
            "Age which the oldest tenth of the stock has passed",
            _TYPE.DAYS,
            lambda c: _number(c.stock_age_days),
            low=_ZERO,
        ),
        Signal(
            "cover_days",
            "Days for which the stock lasts at the present pace",
            _TYPE.DAYS,
            lambda c: _number(c.cover_days),
            low=_ZERO,
        ),
        Signal("stock_units", "Units in stock", _TYPE.COUNT, lambda c: _number(c.stock_units), low=_ZERO),
        Signal(
            "units_per_day",
            "Units sold a day of late",
            _TYPE.NUMBER,
            lambda c: _number(c.units_per_day),
            low=_ZERO,
        ),
        Signal("acos", "Advertising cost of sale", _TYPE.FRACTION, lambda c: _number(c.acos), low=_ZERO),
        Signal(
            "acos_gap",
            "ACoS less the break-even ACoS (the margin before advertising); positive: advertised sales lose",
            _TYPE.FRACTION,
            _acos_gap,
        ),
        Signal(
            "fx_move",
            "Move of the purchase currency since the price was set, as a share; positive: costs rose",
            _TYPE.FRACTION,
            lambda c: _number(c.fx_move),
            low=Decimal(-1),
        ),
        Signal(
            "fee_change",
            "Change of the fees since the price was set, in points of the price; positive: they rose",
            _TYPE.FRACTION,
            lambda c: _number(c.fee_change),
            low=Decimal(-1),
            high=_ONE,
        ),
        Signal("stage", "Stage of the store", _TYPE.CHOICE, lambda c: c.stage or None),
        Signal(
            "tier",
            "Part the product plays",
            _TYPE.CHOICE,
            lambda c: c.tier.value,
            choices=tuple(tier.value for tier in Tier),
        ),
        Signal(
            "objective",
            "What the product's price is to serve",
            _TYPE.CHOICE,
            lambda c: c.objective.value,
            choices=tuple(objective.value for objective in Objective),
        ),
        Signal(
            "weekday",
            "Day of the week of the shop day: 1 is Monday, 7 Sunday",
            _TYPE.COUNT,
            lambda c: Fraction(c.on.isoweekday()),
            low=_ONE,
            high=Decimal(7),
        ),
        Signal(
            "month_day",
            "Day of the month of the shop day",
            _TYPE.COUNT,
            lambda c: Fraction(c.on.day),
            low=_ONE,
            high=Decimal(31),
        ),
        Signal(
            "event",
            "Events of the calendar that the shop day belongs to",
            _TYPE.TAGS,
            lambda c: frozenset(c.events),
        ),
        Signal(
            "hours_since_change",
            "Hours since the price was last seen to change",
            _TYPE.HOURS,
            _hours_since_change,
            low=_ZERO,
        ),
        Signal(
            "family_rank",
            "Place of the variation in its family, the cheapest first",
            _TYPE.COUNT,
            lambda c: _number(c.family_rank),
            low=_ONE,
        ),
    )
}
