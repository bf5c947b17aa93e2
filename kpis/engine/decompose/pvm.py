"""Price–volume–mix–cost(–FX): why a sum of unit margins moved, exactly and SKU by SKU.

The margin of a SKU is u·((p − l)·fx − c): u units, p price and l cost per unit in the shop's money, fx what
one unit of that money is worth in the money of the report, c cost per unit in the latter. Marked 0 and 1:

    volume = (U1 − U0)·m̄0              mix_i  = (u_i1 − u_i0·U1/U0)·m_i0
    price_i = u_i1·(p_i1 − p_i0)·fx_i0  cost_i = −u_i1·((l_i1 − l_i0)·fx_i0 + c_i1 − c_i0)
    fx_i = u_i1·(p_i1 − l_i1)·(fx_i1 − fx_i0)

A new SKU takes its own margin as the former one, so all of it is mix ("new"); what a gone SKU leaves behind
is mix too ("lost"). Without any unit before, there is no mean margin and everything is new.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kpis.engine.decompose.numbers import Number, to_fraction


@dataclass(frozen=True, slots=True)
class Sale:
    """What was sold of a SKU in a period, per unit: price and local cost times `fx`, less `cost`."""

    units: Number
    price: Number
    cost: Number
    fx: Number = 1
    local_cost: Number = 0

    @property
    def unit_margin(self) -> Fraction:
        """What one unit leaves."""
        local = to_fraction(self.price) - to_fraction(self.local_cost)
        return local * to_fraction(self.fx) - to_fraction(self.cost)

    @property
    def margin(self) -> Fraction:
        """What all units leave."""
        return to_fraction(self.units) * self.unit_margin


class Presence(StrEnum):
    """Whether a SKU was sold in both periods."""

    KEPT = "kept"
    NEW = "new"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class SKUEffects:
    """What one SKU adds to the change, besides the volume of all."""

    presence: Presence
    mix: Fraction = Fraction(0)
    price: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    fx: Fraction = Fraction(0)

    @property
    def total(self) -> Fraction:
        """The SKU's whole effect."""
        return self.mix + self.price + self.cost + self.fx


@dataclass(frozen=True, slots=True)
class PVM:
    """The split: volume, and what the SKUs add."""

    before: Fraction
    after: Fraction
    volume: Fraction
    skus: Mapping[str, SKUEffects]

    @property
    def mix(self) -> Fraction:
        """Mix of all SKUs, new and lost ones included."""
        return self._sum("mix")

    @property
    def price(self) -> Fraction:
        """Effect of prices."""
        return self._sum("price")

    @property
    def cost(self) -> Fraction:
        """Effect of unit costs; negative where they rose."""
        return self._sum("cost")

    @property
    def fx(self) -> Fraction:
        """Effect of exchange rates."""
        return self._sum("fx")

    @property
    def total(self) -> Fraction:
        """All effects together: after − before, exactly."""
        return self.volume + self.mix + self.price + self.cost + self.fx

    def mix_of(self, presence: Presence) -> Fraction:
        """The part of the mix that comes from kept, new or lost SKUs."""
        return sum((e.mix for e in self.skus.values() if e.presence is presence), Fraction(0))

    def _sum(self, effect: str) -> Fraction:
        return sum((getattr(effects, effect) for effects in self.skus.values()), Fraction(0))


def price_volume_mix(period0: Mapping[str, Sale], period1: Mapping[str, Sale]) -> PVM:
    """Split the change of Σ units × unit margin from period 0 to period 1."""
    before = sum((sale.margin for sale in period0.values()), Fraction(0))
    after = sum((sale.margin for sale in period1.values()), Fraction(0))
    u0, u1 = _units(period0), _units(period1)
    volume = (u1 - u0) * before / u0 if u0 else Fraction(0)
    growth = u1 / u0 if u0 else Fraction(0)
    if not u0 and before:
        raise ValueError("a period without units has no margin of units")
    skus = {sku: _effects(period0.get(sku), period1.get(sku), growth) for sku in {**period0, **period1}}
    return PVM(before, after, volume, skus)


def _units(period: Mapping[str, Sale]) -> Fraction:
    return sum((to_fraction(sale.units) for sale in period.values()), Fraction(0))


def _effects(old: Sale | None, new: Sale | None, growth: Fraction) -> SKUEffects:
    if old is None:
        assert new is not None
        return SKUEffects(Presence.NEW, mix=new.margin)
    if new is None:
        return SKUEffects(Presence.LOST, mix=-growth * old.margin)
    units, fx0 = to_fraction(new.units), to_fraction(old.fx)
    local_cost_rise = to_fraction(new.local_cost) - to_fraction(old.local_cost)
    cost_rise = to_fraction(new.cost) - to_fraction(old.cost)
    local_margin = to_fraction(new.price) - to_fraction(new.local_cost)
    return SKUEffects(
        Presence.KEPT,
        mix=(units - to_fraction(old.units) * growth) * old.unit_margin,
        price=units * (to_fraction(new.price) - to_fraction(old.price)) * fx0,
        cost=-units * (local_cost_rise * fx0 + cost_rise),
        fx=units * local_margin * (to_fraction(new.fx) - fx0),
    )
