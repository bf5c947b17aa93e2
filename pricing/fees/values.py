"""What the value of a parameter can be, beside a number or a word, and how it reads in a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from pricing.structure import Band, Tier, TierMode


@dataclass(frozen=True, slots=True)
class RateTiers:
    """Shares by price: what a `RateFee` needs. `minimum` is in the fee's own quoting basis."""

    mode: TierMode
    tiers: tuple[Tier, ...]
    minimum: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """Only the bounds are known; which value applies depends on a contract or a category we cannot see."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """The largest parcel of a size tier, bounds included: `sides` from long to short, or their `total`.

    `girth` bounds the longest side plus the girth. Lengths and weight are in the parameter's unit.
    """

    weight: Decimal
    sides: tuple[Decimal, ...] = ()
    total: Decimal | None = None
    girth: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WeightRow:
    """Amounts by price band for weights above `over` up to `up_to` (None: without end).

    Above `step_from` every begun `step` adds `per_step` to each amount.
    """

    over: Decimal
    up_to: Decimal | None
    amounts: tuple[Decimal, ...]
    step: Decimal | None = None
    per_step: Decimal | None = None
    step_from: Decimal | None = None


@dataclass(frozen=True, slots=True)
class WeightTable:
    """A fulfilment table: price bounds as (upper, is inclusive), and a row per range of weight."""

    prices: tuple[tuple[Decimal | None, bool], ...]
    rows: tuple[WeightRow, ...]


Bands = tuple[Band, ...]
FeeValue = Decimal | str | RateTiers | Range | Bands | SizeLimits | WeightTable


def plain(number: Decimal) -> str:
    """Return a number without exponent and without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: Decimal) -> str:
    """Return a share as a percentage."""
    return f"{plain(share * 100)} %"


def describe(value: FeeValue | None, *, is_share: bool) -> str:
    """Return a value as a person reads it; "not found" for None."""
    show = percent if is_share else plain
    if value is None:
        return "not found"
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return show(value)
    if isinstance(value, Range):
        return f"{show(value.low)} to {show(value.high)}"
    if isinstance(value, RateTiers):
        return _tiers(value)
    if isinstance(value, SizeLimits):
        return _limits(value)
    if isinstance(value, WeightTable):
        return f"{len(value.rows)} weight rows × {len(value.prices)} price bands"
    return "; ".join(f"{_bound(band.upper, band.is_inclusive)} {show(band.amount)}" for band in value)


def describe_row(row: WeightRow) -> str:
    """Return one row of a weight table without its range."""
    amounts = " / ".join(format(amount, "f") for amount in row.amounts)
    if row.step is None or row.per_step is None or row.step_from is None:
        return amounts
    return f"{amounts} + {plain(row.per_step)} per {plain(row.step)} over {plain(row.step_from)}"


def _tiers(value: RateTiers) -> str:
    if value.mode is TierMode.FLAT:
        text = percent(value.tiers[0].rate)
    else:
        parts = (f"{percent(tier.rate)} {_bound(tier.upper, True)}" for tier in value.tiers)
        text = f"{value.mode.value}: {', '.join(parts)}"
    return text if value.minimum is None else f"{text}, at least {plain(value.minimum)}"


def _limits(value: SizeLimits) -> str:
    parts = []
    if value.sides:
        parts.append(" × ".join(plain(side) for side in value.sides))
    if value.total is not None:
        parts.append(f"sides together ≤ {plain(value.total)}")
    if value.girth is not None:
        parts.append(f"length + girth ≤ {plain(value.girth)}")
    return f"{', '.join(parts)}; weight ≤ {plain(value.weight)}"


def _bound(upper: Decimal | None, is_inclusive: bool) -> str:
    if upper is None:
        return "above"
    return f"{'≤' if is_inclusive else '<'} {plain(upper)}"
