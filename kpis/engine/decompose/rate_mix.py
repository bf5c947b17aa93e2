"""Rate and mix: did a ratio move because the parts got better, or because other parts weigh more now?

R = Σw_i·r_i with w_i the part's share of the denominator. Half-way weights make the split symmetric and exact
(Marshall–Edgeworth form): rate_i = ½(w_i0 + w_i1)(r_i1 − r_i0),
mix_i = (w_i1 − w_i0)(½(r_i0 + r_i1) − ½(R0 + R1)). Subtracting the total's mean changes no sum and lets a
part that is better than the rest help when it grows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kpis.engine.decompose.numbers import Number, Undecomposable, to_fraction


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a ratio in a period: numerator / denominator."""

    denominator: Number
    numerator: Number


@dataclass(frozen=True, slots=True)
class RateMix:
    """The ratio before and after, and each part's effect by rate and by mix."""

    before: Fraction
    after: Fraction
    rate: Mapping[str, Fraction]
    mix: Mapping[str, Fraction]

    @property
    def rate_total(self) -> Fraction:
        """What changed inside the parts."""
        return sum(self.rate.values(), Fraction(0))

    @property
    def mix_total(self) -> Fraction:
        """What changed because the parts' weights did."""
        return sum(self.mix.values(), Fraction(0))


def rate_mix(s0: Mapping[str, Part], s1: Mapping[str, Part]) -> RateMix:
    """Split the change of Σ numerator / Σ denominator.

    A part that is absent in one period (or has a denominator of 0) keeps its other rate, so that all of it is
    mix. `Undecomposable` where a whole period has no denominator or a part has a numerator without one.
    """
    d0, d1 = _denominator(s0), _denominator(s1)
    if not d0 or not d1:
        raise Undecomposable("a ratio without a denominator has no change to split")
    r0, r1 = _numerator(s0) / d0, _numerator(s1) / d1
    rate: dict[str, Fraction] = {}
    mix: dict[str, Fraction] = {}
    for name in {**s0, **s1}:
        w0, own0 = _weighed(name, s0.get(name), d0)
        w1, own1 = _weighed(name, s1.get(name), d1)
        first = own0 if own0 is not None else own1
        last = own1 if own1 is not None else own0
        if first is None or last is None:
            rate[name] = mix[name] = Fraction(0)
            continue
        rate[name] = (w0 + w1) / 2 * (last - first)
        mix[name] = (w1 - w0) * ((first + last) / 2 - (r0 + r1) / 2)
    return RateMix(r0, r1, rate, mix)


def _weighed(name: str, part: Part | None, total: Fraction) -> tuple[Fraction, Fraction | None]:
    """The part's weight, and its rate where it has one."""
    if part is None or not part.denominator:
        if part is not None and part.numerator:
            raise Undecomposable(f"{name} has a numerator without a denominator")
        return Fraction(0), None
    denominator = to_fraction(part.denominator)
    return denominator / total, to_fraction(part.numerator) / denominator


def _denominator(parts: Mapping[str, Part]) -> Fraction:
    return sum((to_fraction(part.denominator) for part in parts.values()), Fraction(0))


def _numerator(parts: Mapping[str, Part]) -> Fraction:
    return sum((to_fraction(part.numerator) for part in parts.values()), Fraction(0))
