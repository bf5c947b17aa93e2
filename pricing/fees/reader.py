"""Reads parameters for a quote, and keeps which were used and which are not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from config.lib.dated import NotInForce
from pricing.fees.parameters import PARAMETERS
from pricing.fees.query import FeeLine, FeeQuery, Gap, ParameterUse
from pricing.fees.values import FeeValue, Range, RateTiers, SizeLimits, WeightTable
from pricing.structure import ONE, Band, BandFee, Fee, FeeTax, FixedFee, RateFee, Tier, TierMode
from pricing.types import Truth

_V = TypeVar("_V", Decimal, str, RateTiers, WeightTable, SizeLimits)


class Reader:
    """The parameters of one query on its day; what a client states goes before the table.

    Fees are made in the platform's tax basis, see `quote_in`.
    """

    def __init__(self, query: FeeQuery) -> None:
        self.query = query
        self.uses: dict[str, ParameterUse] = {}
        self.gaps: list[Gap] = []
        self._tax = FeeTax.EX
        self._factor = ONE

    def wants(self, line: FeeLine) -> bool:
        """Is the line to be quoted?"""
        return line not in self.query.skip

    def ask(self, line: FeeLine, key: str, why: str) -> None:
        """Note that something is not known."""
        self.gaps.append(Gap(line, key, why))

    def number(self, line: FeeLine, key: str) -> Decimal | None:
        """Return an amount or share, None (and a gap) where it is not known."""
        return self._typed(line, key, Decimal)

    def word(self, line: FeeLine, key: str) -> str | None:
        """Return a word, None (and a gap) where it is not known."""
        return self._typed(line, key, str)

    def tiers(self, line: FeeLine, key: str) -> RateTiers | None:
        """Return shares by price, None (and a gap) where they are not known."""
        return self._typed(line, key, RateTiers)

    def weights(self, line: FeeLine, key: str) -> WeightTable | None:
        """Return a table by weight and price, None (and a gap) where it is not known."""
        return self._typed(line, key, WeightTable)

    def limits(self, line: FeeLine, key: str) -> SizeLimits | None:
        """Return the limits of a size tier, None (and a gap) where they are not known."""
        return self._typed(line, key, SizeLimits)

    def bands(self, line: FeeLine, key: str) -> tuple[Band, ...] | None:
        """Return amounts by band, None (and a gap) where they are not known."""
        value = self._value(line, key)
        return value if isinstance(value, tuple) else None

    def quote_in(self, *, is_included: bool, price_tax: Decimal, fee_tax: Decimal) -> None:
        """Say how the platform quotes its fees; what of the tax on them cannot be reclaimed is a cost.

        `price_tax` is the tax in the price, by which a structure divides included fee tax; where the tax on
        fees is another (food in Japan), fees are made ex tax here.
        """
        query = self.query
        is_creditable = query.is_fee_tax_creditable and not query.is_tax_exempt
        if not is_creditable:
            self._tax = FeeTax.INCLUDED_NOT_CREDITABLE
            self._factor = ONE if is_included else 1 + fee_tax
        elif is_included and price_tax == fee_tax:
            self._tax = FeeTax.INCLUDED_CREDITABLE
        elif is_included:
            self._factor = 1 / (1 + fee_tax)

    def rate_fee(self, name: str, tiers: RateTiers, *, base_multiplier: Decimal = ONE) -> RateFee:
        """Return a fee by share of the price."""
        return RateFee(
            name,
            tuple(Tier(tier.upper, self._in_basis(tier.rate)) for tier in tiers.tiers),
            tiers.mode,
            None if tiers.minimum is None else self._in_basis(tiers.minimum),
            self._tax,
            base_multiplier,
        )

    def flat_fee(self, name: str, rate: Decimal, *, is_on_net: bool = False) -> RateFee:
        """Return a fee of one share of the price, or of net revenue."""
        fee = self.rate_fee(name, RateTiers(TierMode.FLAT, (Tier(None, rate),)))
        return replace(fee, is_on_net=is_on_net)

    def band_fee(self, name: str, bands: Iterable[Band], *, base_multiplier: Decimal = ONE) -> BandFee:
        """Return a fee by band of the price."""
        made = tuple(replace(band, amount=self._in_basis(band.amount)) for band in bands)
        return BandFee(name, made, self._tax, base_multiplier)

    def fixed_fee(self, name: str, amount: Decimal) -> FixedFee:
        """Return a fee of the same amount at every price."""
        return FixedFee(name, self._in_basis(amount), self._tax)

    def cost_of(self, amount: Decimal, fee_tax: Decimal) -> Decimal:
        """Return what a quoted amount costs, for lines that are costs and not fees."""
        creditable = self._tax is FeeTax.INCLUDED_CREDITABLE
        return amount / (1 + fee_tax) if creditable else self._in_basis(amount)

    def surcharge_tax(self) -> FeeTax:
        """Return the basis of a fee on a fee."""
        return self._tax

    def _in_basis(self, number: Decimal) -> Decimal:
        return number if self._factor == ONE else number * self._factor

    def _typed(self, line: FeeLine, key: str, kind: type[_V]) -> _V | None:
        value = self._value(line, key)
        return value if isinstance(value, kind) else None

    def _value(self, line: FeeLine, key: str) -> FeeValue | None:
        stated = self._stated(line, key)
        if stated is not None:
            return stated
        parameter, on = PARAMETERS.get(key), self.query.on
        try:
            value, since = parameter.at(on), parameter.since(on)
        except NotInForce as error:
            self.ask(line, key, error.detail)
            return None
        if value is None:
            self.ask(line, key, parameter.note or f"{parameter.description}: not found")
            return None
        if isinstance(value, Range):
            self.ask(line, key, f"only known to be {parameter.text(value)}: state the value that applies")
            return None
        self.uses[key] = ParameterUse(
            key=key,
            line=line,
            value=parameter.text(value),
            unit=parameter.unit.key,
            reference=parameter.reference,
            confidence=parameter.confidence,
            checked_on=parameter.checked_on,
            in_force_since=since,
            warnings=parameter.warnings(on),
            truth=Truth.TABLE,
        )
        return value

    def _stated(self, line: FeeLine, key: str) -> FeeValue | None:
        override = self.query.overrides.get(key)
        if override is None or override.effective_on > self.query.on:
            return None
        parameter = PARAMETERS.get(key)
        self.uses[key] = ParameterUse(
            key=key,
            line=line,
            value=parameter.text(override.value),
            unit=parameter.unit.key,
            reference=f"stated by {override.author}: {override.reason}",
            confidence=None,
            checked_on=None,
            in_force_since=override.effective_on,
            warnings=(),
            truth=Truth.OVERRIDE,
        )
        return override.value


def first_rate(fees: Iterable[Fee]) -> int:
    """Return the position behind the first fee by share, where other shares of revenue are written."""
    return next((n + 1 for n, fee in enumerate(fees) if isinstance(fee, RateFee)), 0)
