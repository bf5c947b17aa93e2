"""Which size tier a parcel falls into, and by what weight it is charged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from pricing.fees.values import SizeLimits

CM_PER_INCH = Decimal("2.54")
GRAMS_PER_OUNCE = Decimal("28.349523125")
OUNCES_PER_POUND = 16
CM3_PER_FT3 = (CM_PER_INCH * 12) ** 3
# Bulky parcels count at least this much of width and height in the dimensional weight.
_BULKY_SIDE_IN = Decimal(2)
# The tiers of extra-large parcels by shipping weight in ounces, bounds included; heavier ones have their own.
_EXTRA_LARGE = (("xl_0_50", 800), ("xl_50_70", 1120), ("xl_70_150", 2400))
US_TIERS = ("small_standard", "large_standard", "small_bulky", "large_bulky")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A packed unit: sides in centimetres in any order, weight in grams."""

    length: Decimal
    width: Decimal
    height: Decimal
    grams: Decimal

    @classmethod
    def inches(cls, length: Decimal, width: Decimal, height: Decimal, ounces: Decimal) -> Parcel:
        """Make one from inches and ounces, exactly."""
        to_cm = CM_PER_INCH
        return cls(length * to_cm, width * to_cm, height * to_cm, ounces * GRAMS_PER_OUNCE)

    @property
    def sides(self) -> tuple[Decimal, Decimal, Decimal]:
        """The sides in centimetres, from long to short."""
        longest, median, shortest = sorted((self.length, self.width, self.height), reverse=True)
        return longest, median, shortest

    @property
    def sides_in(self) -> tuple[Decimal, Decimal, Decimal]:
        """The sides in inches, from long to short."""
        longest, median, shortest = (side / CM_PER_INCH for side in self.sides)
        return longest, median, shortest

    @property
    def ounces(self) -> Decimal:
        """The weight in ounces."""
        return self.grams / GRAMS_PER_OUNCE

    @property
    def cm3(self) -> Decimal:
        """The volume in cubic centimetres."""
        return self.length * self.width * self.height

    @property
    def ft3(self) -> Decimal:
        """The volume in cubic feet."""
        return self.cm3 / CM3_PER_FT3


def fits(limits: SizeLimits, sides: tuple[Decimal, Decimal, Decimal], weight: Decimal) -> bool:
    """Tell whether a parcel lies within limits, bounds included; everything in the limits' own units."""
    longest, median, shortest = sides
    return (
        weight <= limits.weight
        and all(side <= limit for side, limit in zip(sides, limits.sides, strict=bool(limits.sides)))
        and (limits.total is None or sum(sides) <= limits.total)
        and (limits.girth is None or longest + 2 * (median + shortest) <= limits.girth)
    )


def dimensional_ounces(parcel: Parcel, divisor: Decimal, *, is_bulky: bool) -> Decimal:
    """Return the dimensional weight in ounces: cubic inches / `divisor` pounds."""
    longest, median, shortest = parcel.sides_in
    if is_bulky:
        median, shortest = max(median, _BULKY_SIDE_IN), max(shortest, _BULKY_SIDE_IN)
    return longest * median * shortest / divisor * OUNCES_PER_POUND


def shipping_ounces(tier: str, parcel: Parcel, divisor: Decimal) -> Decimal:
    """Return the weight by which Amazon US charges, rounded up as it does.

    Small standard: the unit's weight. Others: the greater of that and the dimensional weight. Whole ounces
    up to a pound, quarters of a pound above, whole pounds from small bulky on.
    """
    is_bulky = tier not in ("small_standard", "large_standard")
    ounces = parcel.ounces
    if tier != "small_standard":
        ounces = max(ounces, dimensional_ounces(parcel, divisor, is_bulky=is_bulky))
    step = OUNCES_PER_POUND if is_bulky else 4 if ounces > OUNCES_PER_POUND else 1
    return (ounces / step).to_integral_value(rounding=ROUND_CEILING) * step


def classify_us(parcel: Parcel, limits: Callable[[str], SizeLimits], divisor: Decimal) -> str:
    """Return the size tier of Amazon US; `limits` gives those of the four tiers below extra large."""
    for tier in US_TIERS:
        weight = parcel.ounces
        if tier != "small_standard":
            is_bulky = tier.endswith("bulky")
            weight = max(weight, dimensional_ounces(parcel, divisor, is_bulky=is_bulky))
        if fits(limits(tier), parcel.sides_in, weight):
            return tier
    weight = max(parcel.ounces, dimensional_ounces(parcel, divisor, is_bulky=True))
    return next((tier for tier, upper in _EXTRA_LARGE if weight <= upper), "xl_150_plus")


def classify_jp(parcel: Parcel, tiers: Iterable[tuple[str, SizeLimits]], standard: SizeLimits) -> str | None:
    """Return the first tier of Amazon JP that holds the parcel, None if it is too large for all.

    `tiers` go from small to large; a parcel beyond `standard` is of no small or standard tier.
    """
    is_standard = fits(standard, parcel.sides, parcel.grams)
    for tier, limits in tiers:
        if tier.startswith(("small", "standard")) and not is_standard:
            continue
        if fits(limits, parcel.sides, parcel.grams):
            return tier
    return None
