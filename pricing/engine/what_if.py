"""What a listing would cost and keep if a line, a rate, an exchange rate or the tax were another one.

Pure, and nothing is written: facts in, facts and structure out. What is stated replaces whatever the order of
truth had chosen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from pricing.engine.build import Built, build, frame_of, line_of, with_amounts
from pricing.engine.landed import Converter
from pricing.engine.listing_facts import ListingFacts, TaxRate
from pricing.structure import AdsByShare, Cost, CostStructure, Fee, FixedFee, RateFee, Returns, Tier
from pricing.types import Truth, UsedLine

REFERENCE = "what if"
ADS, RETURNS = "advertising", "returns"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What is to be supposed. `amounts` are per unit in the store's currency and `rates` shares, by line;
    `fx` gives the store's currency for one unit of another; the rest replaces what the facts say."""

    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    fx: Mapping[str, Decimal] = field(default_factory=dict)
    tax_rate: Decimal | None = None
    target_margin: Decimal | None = None
    floor_margin: Decimal | None = None


@dataclass(slots=True)
class SupposedConverter(Converter):
    """Converts some currencies by supposed rates, whatever the day; the FX buffer stays that of the facts."""

    supposed: Mapping[str, Decimal] = field(default_factory=dict)

    def rate(self, currency: str, on: date | None = None) -> tuple[Decimal, date] | None:
        """The supposed rate of a currency today, else the known one."""
        if currency in self.supposed and on is None:
            return self.supposed[currency], self.on
        return Converter.rate(self, currency, on)


def suppose(facts: ListingFacts, what: WhatIf, target_margin: Decimal) -> Built:
    """Build the cost structure of a listing under what is supposed."""
    if what.fx:
        known = facts.convert
        facts = replace(
            facts, convert=SupposedConverter(known.currency, known.on, known.rates, supposed=what.fx)
        )
    if what.tax_rate is not None:
        facts = replace(facts, table=replace(facts.table, tax=TaxRate(what.tax_rate, REFERENCE)))
    built = build(facts, target_margin)
    structure, lines = built.structure, {line.name: line for line in built.lines}
    for name, amount in what.amounts.items():
        structure = _with_amount(structure, name, amount, facts)
        lines[name] = UsedLine(name, amount, None, Truth.STATED, REFERENCE, facts.on)
    for name, rate in what.rates.items():
        structure = _with_rate(structure, name, rate, facts, built.landed)
        lines[name] = UsedLine(name, None, rate, Truth.STATED, REFERENCE, facts.on)
    supposed = {*what.amounts, *what.rates}
    return replace(
        built,
        structure=structure,
        lines=with_amounts(structure, lines.values(), facts.price),
        missing=tuple(name for name in built.missing if name not in supposed),
    )


def _with_amount(structure: CostStructure, name: str, amount: Decimal, facts: ListingFacts) -> CostStructure:
    """The structure with one line as the same amount at every price."""
    if name == ADS:
        structure = replace(structure, ads=None)
    if name == RETURNS:
        structure = replace(structure, returns=None)
    own = [fee for fee in structure.fees if line_of(fee.name) == name]
    if own:
        return _with_fee(structure, name, FixedFee(name, amount, own[0].tax))
    costs = [cost for cost in structure.costs if cost.name != name]
    return replace(structure, costs=(*costs, Cost(name, amount)))


def _with_rate(
    structure: CostStructure, name: str, rate: Decimal, facts: ListingFacts, landed: Decimal
) -> CostStructure:
    """The structure with one line as the same share at every price."""
    if name == ADS:
        return replace(structure, ads=AdsByShare(rate))
    if name == RETURNS:
        known = structure.returns
        returns = Returns(rate, landed=landed) if known is None else replace(known, rate=rate)
        return replace(structure, returns=returns)
    own = [fee for fee in structure.fees if line_of(fee.name) == name]
    tax = own[0].tax if own else frame_of(facts).fee_tax
    costs = tuple(cost for cost in structure.costs if cost.name != name)
    return _with_fee(replace(structure, costs=costs), name, RateFee(name, (Tier(None, rate),), tax=tax))


def _with_fee(structure: CostStructure, name: str, fee: Fee) -> CostStructure:
    """The structure with one fee in place of those of its line, where the first of them stood."""
    fees: list[Fee] = []
    is_placed = False
    for each in structure.fees:
        if line_of(each.name) != name:
            fees.append(each)
        elif not is_placed:
            fees.append(fee)
            is_placed = True
    return replace(structure, fees=tuple(fees if is_placed else [*fees, fee]))
