"""Which of several sayings about a fee counts, and how it follows the price.

Charged goes before the platform's estimate, that before the tables, those before a planning value. What was
charged or estimated is one amount at one price; a price suggestion needs the fee at every price. So:

- agrees it with the table at that price (within one point of the price and five per cent of the fee), the
  table's shape is used, tiers, bands and minimum included, and the line says "charged";
- does it not, the observed rate is used at every price (a share: referral, payment) or the observed amount
  (fulfilment), and the line's note says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from pricing.engine.contribution import evaluate
from pricing.engine.listing_facts import FeeGroup, Observed, Source
from pricing.engine.terms import Planned
from pricing.structure import CostStructure, Fee, FeeTax, FixedFee, RateFee, Tier
from pricing.types import Truth

POINTS = Decimal("0.01")
SHARE = Decimal("0.05")
_RATE_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Frame:
    """What fees are computed in: the parts of a cost structure that are not a listing's own."""

    currency: str
    tax_rate: Decimal
    tick: Decimal
    billing_unit: Decimal
    fee_tax: FeeTax

    def structure(self, fees: Sequence[Fee]) -> CostStructure:
        """A structure of nothing but these fees."""
        highest = Decimal(10) ** 9
        return CostStructure(
            self.currency, self.tax_rate, self.tick, self.billing_unit, highest, fees=tuple(fees)
        )


@dataclass(frozen=True, slots=True)
class ChosenFee:
    """The fees of a line as they count, with their source."""

    fees: tuple[Fee, ...]
    source: Source


def choose_fee(
    name: str,
    *,
    observed: Sequence[Observed],
    table: FeeGroup | None,
    planned: Planned | None,
    frame: Frame,
    is_share: bool,
) -> ChosenFee | None:
    """Return what counts for one line; `observed` is in the order of truth. None: nobody knows the fee."""
    for each in observed:
        return _by_observation(name, each, table, frame, is_share=is_share)
    if table is not None:
        return ChosenFee(table.fees, table.source)
    if planned is not None:
        return ChosenFee((_planned_fee(name, planned, frame),), Source(Truth.PLANNED, "the store's policy"))
    return None


def agrees(observed: Observed, fees: Sequence[Fee], frame: Frame) -> bool:
    """Is the observed amount what these fees say at that price?"""
    gap = abs(observed.amount - quoted(fees, observed.price, frame))
    return gap <= POINTS * observed.price and gap <= SHARE * observed.amount


def quoted(fees: Sequence[Fee], price: Decimal, frame: Frame) -> Decimal:
    """What fees come to at a price as the platform quotes them, before any tax is taken out."""
    as_quoted = [replace(fee, tax=FeeTax.EX) for fee in fees]
    lines = evaluate(frame.structure(as_quoted), price).fees
    return sum((amount for _, amount in lines), Decimal(0))


def _by_observation(
    name: str, observed: Observed, table: FeeGroup | None, frame: Frame, *, is_share: bool
) -> ChosenFee:
    if table is not None and agrees(observed, table.fees, frame):
        note = f"follows the price as in {table.source.reference}"
        return ChosenFee(table.fees, replace(observed.source, note=note))
    tax = table.fees[0].tax if table is not None and table.fees else frame.fee_tax
    how = "rate" if is_share else "amount"
    note = f"no table to follow: the same {how} at every price"
    if table is not None:
        tabled = quoted(table.fees, observed.price, frame)
        note = (
            f"differs from {table.source.reference} ({tabled} at {observed.price}): "
            f"the same {how} at every price"
        )
    fee: Fee = FixedFee(name, observed.amount, tax)
    if is_share:
        fee = RateFee(name, (Tier(None, rate_of(observed.amount, observed.price)),), tax=tax)
    return ChosenFee((fee,), replace(observed.source, note=note))


def rate_of(amount: Decimal, base: Decimal) -> Decimal:
    """A share to six decimals, half up."""
    return (amount / base).quantize(_RATE_STEP, rounding=ROUND_HALF_UP)


def _planned_fee(name: str, planned: Planned, frame: Frame) -> Fee:
    if planned.rate is not None:
        return RateFee(name, (Tier(None, planned.rate),), tax=frame.fee_tax)
    return FixedFee(name, planned.amount or Decimal(0), frame.fee_tax)
