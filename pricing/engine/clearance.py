"""Getting rid of old stock: the ladder of cuts, the floor that forgets sunk cost, and what other ways bring.

Stock that lies in a warehouse has cost what it cost; that money is spent whichever way is chosen. So the
clearance floor counts only what a sale causes (fees, fulfilment, after-sales) and takes off what a sale
avoids (storage, aged fees, a removal): the lowest price at which selling beats having to keep and remove.

The ways are compared by what they bring from today on, day by day: contribution without sunk cost, less
storage of what is left, discounted; what is left at the end is removed. Units are expected values; money is
`Decimal` throughout, rounded to the currency's smallest unit at the end alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from connectors.types import LANDED_LINES
from pricing.engine.contribution import evaluate, keeps
from pricing.engine.solve import lowest_price, next_keeping
from pricing.structure import Cost, CostStructure

ZERO = Decimal(0)
ONE = Decimal(1)
DAYS_IN_YEAR = Decimal(365)
DAYS_IN_MONTH = DAYS_IN_YEAR / 12
HORIZON_DAYS = 365

SUNK = frozenset(line.value for line in LANDED_LINES) | {"landed", "storage", "fx_buffer"}
"""Costs that are spent, or (storage) counted by the day instead."""


@dataclass(frozen=True, slots=True)
class Band:
    """Stock of `first` to `last` days (None: and older) is cut by `cut`; None: it is removed."""

    first: int
    last: int | None
    cut: Decimal | None


LADDER: tuple[Band, ...] = (
    Band(91, 120, Decimal("0.05")),
    Band(121, 150, Decimal("0.10")),
    Band(151, 180, Decimal("0.20")),
    Band(181, 270, Decimal("0.35")),
    Band(271, None, None),
)
"""The proposed steps. The cut of 20 % comes before day 181, from which the United States charge for age."""


class Way(StrEnum):
    """What can be done with old stock."""

    LADDER = "ladder"
    HOLD = "hold"
    REMOVAL = "removal"
    DISPOSAL = "disposal"
    LIQUIDATION = "liquidation"


@dataclass(frozen=True, slots=True)
class Avoided:
    """What selling one unit now saves later, per unit and not negative."""

    storage: Decimal = ZERO
    aged: Decimal = ZERO
    removal: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class AgedFee:
    """What a unit older than `from_day` costs per month, beside storage."""

    from_day: int
    monthly: Decimal


@dataclass(frozen=True, slots=True)
class Stock:
    """The old stock of a listing and how it sells.

    `age_days` is the age of the stock, `units_per_day` the sales at `price`, `elasticity` the percentage
    change of units per percent of price (negative; None: nobody knows, units then stay as they are),
    `regular_price` the price from which cuts are counted.
    """

    units: int
    age_days: int
    price: Decimal
    regular_price: Decimal
    units_per_day: Decimal | None
    elasticity: Decimal | None


@dataclass(frozen=True, slots=True)
class Charges:
    """What keeping or getting rid of a unit costs; None is "not known" and never taken for nothing.

    `storage` is per unit and month, `removal` and `disposal` per unit; `liquidation` is what a liquidator
    pays per unit after its own fees (it may be negative). `yearly_rate` discounts what comes later.
    """

    storage: Decimal | None = None
    aged: tuple[AgedFee, ...] | None = None
    removal: Decimal | None = None
    disposal: Decimal | None = None
    liquidation: Decimal | None = None
    yearly_rate: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class WayResult:
    """What a way brings from today on.

    `value` is discounted, `cash` is not; both None where `missing` names what nobody knows. `fees` is what
    storage and removal take of the cash. `days` is how long it lasts until nothing is left (None: something
    is left after the horizon, and removed then). `break_even_day` is the first day at whose end having sold
    until then and getting rid of the rest is at least as good as getting rid of everything at once.
    """

    way: Way
    value: Decimal | None
    cash: Decimal | None
    fees: Decimal | None
    sold: Decimal | None
    left: Decimal | None
    days: int | None
    break_even_day: int | None
    missing: tuple[str, ...] = ()


def band_of(age_days: int, ladder: Sequence[Band] = LADDER) -> Band | None:
    """The step of the ladder for an age; None for stock that is too young for it."""
    for band in ladder:
        if band.first <= age_days and (band.last is None or age_days <= band.last):
            return band
    return None


def clearance_structure(structure: CostStructure, avoided: Avoided) -> CostStructure:
    """The structure of a sale from old stock: sunk costs gone, what the sale avoids as negative costs.

    A returned unit is worth nothing here: its landed cost is sunk too, and it is old stock again.
    """
    if min(avoided.storage, avoided.aged, avoided.removal) < 0:
        raise ValueError("what a sale avoids is not negative")
    saved = (
        ("avoided_storage", avoided.storage),
        ("avoided_aged_fee", avoided.aged),
        ("avoided_removal", avoided.removal),
    )
    kept = tuple(cost for cost in structure.costs if cost.name not in SUNK)
    returns = structure.returns
    return replace(
        structure,
        costs=kept + tuple(Cost(name, -amount) for name, amount in saved if amount),
        returns=None if returns is None else replace(returns, salvage=ZERO, landed=ZERO),
    )


def clearance_floor(structure: CostStructure, avoided: Avoided) -> Decimal | None:
    """The lowest tick at which selling a unit beats keeping it; None where no price does."""
    return lowest_price(clearance_structure(structure, avoided), ZERO)


def ladder_price(
    structure: CostStructure,
    regular_price: Decimal,
    age_days: int,
    avoided: Avoided,
    *,
    ladder: Sequence[Band] = LADDER,
) -> Decimal | None:
    """The price of the ladder's step: the regular price less the cut, to the tick, never below the floor.

    Cuts are counted from the regular price, so repeating a step changes nothing. Where the cut price does not
    keep the clearance floor, the next tick above that does. None: the stock is too young or to be removed, or
    no price keeps the floor.
    """
    band = band_of(age_days, ladder)
    if band is None or band.cut is None:
        return None
    wanted = _to_tick(regular_price * (1 - band.cut), structure.tick)
    return next_keeping(clearance_structure(structure, avoided), wanted, ZERO, upward=True)


def compare_ways(
    structure: CostStructure,
    stock: Stock,
    charges: Charges,
    avoided: Avoided,
    *,
    minor: Decimal,
    ladder: Sequence[Band] = LADDER,
    horizon: int = HORIZON_DAYS,
) -> tuple[WayResult, ...]:
    """What each way brings, the best first and those that cannot be computed last.

    The ladder and holding need `units_per_day`, storage, aged fees and a way to get rid of what is left; each
    names what it misses. `avoided` is what sets the floor of the ladder's prices.
    """
    rest = _best_rest(charges)
    missing = _missing(stock, charges, rest)
    selling = [_unknown(way, missing) for way in (Way.LADDER, Way.HOLD)]
    if not missing:
        known = _Known(stock, charges, rest or ZERO, minor, horizon)
        plain = clearance_structure(structure, Avoided())
        prices = {
            Way.LADDER: _ladder_prices(structure, stock, avoided, ladder),
            Way.HOLD: lambda age: stock.price,
        }
        selling = [_sell(way, plain, known, price_at) for way, price_at in prices.items()]
    results = [*selling, *(_at_once(way, amount, stock.units, minor) for way, amount in _rests(charges))]
    return tuple(sorted(results, key=lambda each: (each.value is None, -(each.value or ZERO))))


def _ladder_prices(
    structure: CostStructure, stock: Stock, avoided: Avoided, ladder: Sequence[Band]
) -> Callable[[int], Decimal | None]:
    """The ladder's price by age; None from the removal on or where no price beats it. It never raises a price
    that keeps the floor, and stock that is too young for it keeps its price."""
    keeps_floor = keeps(clearance_structure(structure, avoided), stock.price, ZERO)
    by_band: dict[Band, Decimal | None] = {}

    def price_at(age: int) -> Decimal | None:
        band = band_of(age, ladder)
        if band is None:
            return stock.price
        if band not in by_band:
            found = ladder_price(structure, stock.regular_price, age, avoided, ladder=ladder)
            by_band[band] = min(found, stock.price) if found is not None and keeps_floor else found
        return by_band[band]

    return price_at


def _unknown(way: Way, missing: tuple[str, ...]) -> WayResult:
    return WayResult(way, None, None, None, None, None, None, None, missing)


def _rests(charges: Charges) -> tuple[tuple[Way, Decimal | None], ...]:
    return (
        (Way.REMOVAL, None if charges.removal is None else -charges.removal),
        (Way.DISPOSAL, None if charges.disposal is None else -charges.disposal),
        (Way.LIQUIDATION, charges.liquidation),
    )


def _best_rest(charges: Charges) -> Decimal | None:
    """What getting rid of one unit at once brings, by the best way that is known."""
    return max((amount for _, amount in _rests(charges) if amount is not None), default=None)


def _at_once(way: Way, amount: Decimal | None, units: int, minor: Decimal) -> WayResult:
    if amount is None:
        return _unknown(way, (way.value,))
    total = (amount * units).quantize(minor, ROUND_HALF_UP)
    return WayResult(way, total, total, max(-total, ZERO), ZERO, ZERO, 0, None)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a way of selling is computed from; `rest` is what getting rid of a unit brings."""

    stock: Stock
    charges: Charges
    rest: Decimal
    minor: Decimal
    horizon: int


def _sell(
    way: Way, structure: CostStructure, known: _Known, price_at: Callable[[int], Decimal | None]
) -> WayResult:
    stock, charges, rest = known.stock, known.charges, known.rest
    storage, daily = charges.storage or ZERO, _discount(charges.yearly_rate)
    left, factor = Decimal(stock.units), ONE
    value = cash = fees = sold = ZERO
    break_even: int | None = None
    days: int | None = None
    unit: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for day in range(1, known.horizon + 1):
        age = stock.age_days + day - 1
        price = price_at(age)
        if price is None:
            days = day - 1
            break
        if price not in unit:
            unit[price] = (_pace(stock, price), evaluate(structure, price).contribution)
        units = min(unit[price][0], left)
        left, sold = left - units, sold + units
        keep = left * (storage + _aged(charges, age)) / DAYS_IN_MONTH
        flow = units * unit[price][1] - keep
        factor *= daily
        cash, fees, value = cash + flow, fees + keep, value + flow * factor
        if break_even is None and value + left * rest * factor >= rest * stock.units:
            break_even = day
        if left == 0:
            days = day
            break
    end = left * rest
    tenth = Decimal("0.1")

    def money(amount: Decimal) -> Decimal:
        return amount.quantize(known.minor, ROUND_HALF_UP)

    return WayResult(
        way=way,
        value=money(value + end * factor),
        cash=money(cash + end),
        fees=money(fees + max(-end, ZERO)),
        sold=sold.quantize(tenth),
        left=left.quantize(tenth),
        days=days,
        break_even_day=break_even,
    )


def _pace(stock: Stock, price: Decimal) -> Decimal:
    """Units a day at a price by constant elasticity; unchanged where nobody knows the elasticity."""
    pace = stock.units_per_day or ZERO
    if stock.elasticity is None or price == stock.price:
        return pace
    return pace * ((price / stock.price).ln() * stock.elasticity).exp()


def _missing(stock: Stock, charges: Charges, rest: Decimal | None) -> tuple[str, ...]:
    needed = (
        ("units_per_day", stock.units_per_day),
        ("storage", charges.storage),
        ("aged_fees", charges.aged),
        ("removal", rest),
    )
    return tuple(name for name, value in needed if value is None)


def _aged(charges: Charges, age: int) -> Decimal:
    """The monthly aged fee of a unit of an age: that of the last step it has reached."""
    reached = [fee for fee in charges.aged or () if fee.from_day <= age]
    return max(reached, key=lambda fee: fee.from_day).monthly if reached else ZERO


def _discount(yearly_rate: Decimal) -> Decimal:
    """What one day later is worth of today: (1 + r) ** (−1/365)."""
    return (-(1 + yearly_rate).ln() / DAYS_IN_YEAR).exp() if yearly_rate else ONE


def _to_tick(price: Decimal, tick: Decimal) -> Decimal:
    return (price / tick).quantize(ONE, ROUND_HALF_UP) * tick
