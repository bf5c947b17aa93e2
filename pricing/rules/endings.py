"""Price endings per market, chosen near a target and never below the floor (docs/pricing-rules.md, Endings).

US: .99 nearest to the target within 2 %, else .49 or .95 within 2 %, else the target itself.
JP: a target less than 5 % above 1,000, 2,000, 3,000, 5,000 or 10,000 steps below it (1,005 → 980). Otherwise
the nearest …80; below 1,000 only within 10 %, else the nearest …8.
MX: on Mercado Libre a target where the seller pays the shipping in vain (299 up to the end of the dead zone)
becomes 298.99. Otherwise the nearest whole …9 within 5 %, else the nearest .90 or .00.

Of two endings equally near, the lower. Where the floor forbids an ending the next one is tried. Other markets
know no endings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import ROUND_FLOOR, Decimal

Allows = Callable[[Decimal], bool]
"""Whether a price may be chosen: it keeps the floor and every other limit."""

MERCADO_LIBRE = "mercado_libre"
BELOW_FREE_SHIPPING = Decimal("298.99")
"""The highest price at which Mercado Libre does not ship free at the seller's expense."""
MERCADO_LIBRE_DEAD_ZONE = (BELOW_FREE_SHIPPING, Decimal("357.68"))
"""Do not price between these: the planning values of 33 fixed fee and 82 shipping (pricing reference,
section 2). Where the costs of a listing are known its own dead zones are used instead."""

_NEAR_US = Decimal("0.02")
_NEAR_MX = Decimal("0.05")
_NEAR_JP = Decimal("0.10")
_THRESHOLDS_JP = (Decimal(1000), Decimal(2000), Decimal(3000), Decimal(5000), Decimal(10000))
_ABOVE_THRESHOLD = Decimal("1.05")
_BELOW_THRESHOLD = Decimal(20)
_MOST_TRIED = 12


def charm(
    market: str,
    target: Decimal,
    floor: Allows | Decimal,
    *,
    platform: str = "",
    dead_zone: tuple[Decimal, Decimal] | None = MERCADO_LIBRE_DEAD_ZONE,
) -> Decimal:
    """Return the ending nearest to a target that the floor allows; the target itself where there is none.

    `floor` is the lowest price, or says of any price whether it is allowed (profit does not always grow with
    the price). A target below a floor that is a price is first lifted to it. `dead_zone` is Mercado Libre's;
    None where the caller sees to dead zones.
    """
    if isinstance(floor, Decimal):
        lowest = floor
        return charm(
            market, max(target, lowest), lambda price: price >= lowest, platform=platform, dead_zone=dead_zone
        )
    if market == "US":
        return _us(target, floor)
    if market == "JP":
        return _jp(target, floor)
    if market == "MX":
        if platform != MERCADO_LIBRE:
            return _nines(target, floor)
        return target if target == BELOW_FREE_SHIPPING else _mercado_libre(target, floor, dead_zone)
    return target


def _us(target: Decimal, allows: Allows) -> Decimal:
    for endings in (("0.99",), ("0.49", "0.95")):
        found = _nearest(target, _grid(target, Decimal(1), endings), allows, _NEAR_US)
        if found is not None:
            return found
    return target


def _jp(target: Decimal, allows: Allows) -> Decimal:
    for threshold in _THRESHOLDS_JP:
        below = threshold - _BELOW_THRESHOLD
        if threshold <= target < threshold * _ABOVE_THRESHOLD and allows(below):
            return below
    near = _NEAR_JP if target < _THRESHOLDS_JP[0] else None
    found = _nearest(target, _grid(target, Decimal(100), ("80",)), allows, near)
    if found is None:
        found = _nearest(target, _grid(target, Decimal(10), ("8",)), allows, None)
    return target if found is None else found


def _mercado_libre(target: Decimal, allows: Allows, dead_zone: tuple[Decimal, Decimal] | None) -> Decimal:
    if dead_zone is not None:
        last, until = dead_zone
        if last < target < until and allows(last):
            return last
        if target <= last:
            # An ending must not carry a price into the zone from below.
            return _nines(target, lambda price: price <= last and allows(price))
    return _nines(target, allows)


def _nines(target: Decimal, allows: Allows) -> Decimal:
    found = _nearest(target, _grid(target, Decimal(10), ("9",)), allows, _NEAR_MX)
    if found is None:
        found = _nearest(target, _grid(target, Decimal(1), ("0.00", "0.90")), allows, _NEAR_MX)
    return target if found is None else found


def _grid(target: Decimal, step: Decimal, endings: Iterable[str]) -> list[Decimal]:
    """Prices that end so, around a target: `endings` are added to multiples of `step`."""
    base = (target / step).to_integral_value(rounding=ROUND_FLOOR)
    around = range(-_MOST_TRIED // 2, _MOST_TRIED // 2 + 1)
    return [(base + n) * step + Decimal(ending) for n in around for ending in endings]


def _nearest(
    target: Decimal, prices: Iterable[Decimal], allows: Allows, near: Decimal | None
) -> Decimal | None:
    """Return the nearest price above 0 that is allowed, within a share of the target; the lower of two."""
    for price in sorted(prices, key=lambda each: (abs(each - target), each)):
        if near is not None and abs(price - target) > near * target:
            return None
        if price > 0 and allows(price):
            return price
    return None
