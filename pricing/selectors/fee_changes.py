"""What a change of fees does to a store's listings, and which price would keep each one's margin (P14)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.engine.divergence import Divergence
from pricing.engine.fee_shift import LINES, move_line, shift_fees
from pricing.engine.keep_margin import KeptMargin, keep_margin
from pricing.fees.query import FeeQuote, Override
from pricing.selectors.context import Loaded, context_of, load
from pricing.selectors.divergence import find_divergences
from pricing.selectors.fee_overrides import hypothetical, load_overrides
from pricing.selectors.listing_fees import ListingFees
from pricing.selectors.price_moves import held_back
from pricing.structure import CostStructure, Fee
from pricing.types import PricingContext, Truth

DAYS_A_MONTH = 30


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """A parameter that changes: what it was and will be, as a person reads it (None: not known)."""

    key: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class FeeChange:
    """A listing whose fees change. `structure` is what it costs afterwards.

    `exposure` is what the change takes (negative) or brings per month at the present price and pace; None
    where the pace is not known. `held_back` says why the price may not be proposed now.
    """

    context: PricingContext
    structure: CostStructure
    kept: KeptMargin
    cause: str
    values: tuple[ChangedValue, ...]
    divergences: tuple[Divergence, ...]
    exposure: Decimal | None
    held_back: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeeChanges:
    """The listings that a change moves, the largest exposure first; `unknown` are SKUs with lines whose
    value afterwards nobody knows, by the parameters that lack it."""

    effective_on: date
    changes: tuple[FeeChange, ...]
    unknown: Mapping[str, tuple[str, ...]]

    @property
    def exposure(self) -> Decimal:
        """What all of it takes (negative) or brings per month."""
        return sum((each.exposure for each in self.changes if each.exposure is not None), Decimal(0))


def preview_fee_change(
    *,
    store_id: int,
    effective_on: date,
    skus: Collection[str] | None = None,
    supposed: Mapping[str, Override] | None = None,
) -> FeeChanges:
    """Return what the tables (and the client's own values) of a later day do to listings (None: all active).

    `supposed` are values put in place of every other, for a what-if. `NotFound` for an unknown store.
    """
    loaded = load(store_id=store_id, skus=skus)
    fees = ListingFees(
        loaded.store,
        {sku: row.channel for sku, row in loaded.listings.items()},
        loaded.profiles,
        loaded.terms,
    )
    now, then = load_overrides(store_id, loaded.on), load_overrides(store_id, effective_on)
    for key, override in (supposed or {}).items():
        then = hypothetical(then, key, override)
    changes: list[FeeChange] = []
    unknown: dict[str, tuple[str, ...]] = {}
    for sku in loaded.listings:
        before, after = fees.quote(sku, loaded.on, now), fees.quote(sku, effective_on, then)
        lost = tuple(key for key in after.missing if key not in before.missing)
        if lost:
            unknown[sku] = lost
        if before.fees != after.fees and (change := _of_tables(loaded, sku, before, after)) is not None:
            changes.append(change)
    return FeeChanges(effective_on, _sorted(changes), unknown)


def preview_divergences(*, store_id: int, skus: Collection[str] | None = None) -> FeeChanges:
    """Return the listings whose charges left what they were priced by, with the price that mends it."""
    loaded = load(store_id=store_id, skus=skus)
    by_sku: dict[str, list[Divergence]] = {}
    for each in find_divergences(store_id, loaded.on, None if skus is None else list(loaded.listings)):
        if each.stronger is Truth.CHARGED:
            by_sku.setdefault(each.sku, []).append(each)
    found = (_of_divergence(loaded, sku, own) for sku, own in by_sku.items() if sku in loaded.listings)
    return FeeChanges(loaded.on, _sorted(each for each in found if each is not None), {})


def _of_tables(loaded: Loaded, sku: str, before: FeeQuote, after: FeeQuote) -> FeeChange | None:
    context = context_of(loaded, sku)
    if not context.price:
        return None
    lines = {gap.line.value for gap in (*before.gaps, *after.gaps)}
    old, new = _known(before.fees, lines), _known(after.fees, lines)
    structure = shift_fees(context.structure, old, new, context.price)
    kept = keep_margin(context.structure, structure, context.price)
    return _change(context, structure, kept, "parameter", _values(before, after), ())


def _known(fees: Iterable[Fee], unknown: Collection[str]) -> tuple[Fee, ...]:
    """The fees of lines that are wholly known: half a line would look like a fall."""
    return tuple(fee for fee in fees if LINES.get(fee.name, fee.name) not in unknown)


def _values(before: FeeQuote, after: FeeQuote) -> tuple[ChangedValue, ...]:
    was, will = ({use.key: use.value for use in quote.uses} for quote in (before, after))
    keys = sorted(key for key in was.keys() | will.keys() if was.get(key) != will.get(key))
    return tuple(ChangedValue(key, was.get(key), will.get(key)) for key in keys)


def _of_divergence(loaded: Loaded, sku: str, found: list[Divergence]) -> FeeChange | None:
    """One weaker source per line: the one the price was made by, the table before the estimate."""
    context = context_of(loaded, sku)
    if not context.price:
        return None
    truths = {line.name: line.truth for line in context.lines}
    chosen = {each.line: each for each in sorted(found, key=lambda each: each.weaker is Truth.TABLE)}
    before = after = context.structure
    for each in chosen.values():
        moved = each.difference * context.price / each.price if each.line != "fulfilment" else each.difference
        if truths.get(each.line) is Truth.CHARGED:
            before = move_line(before, each.line, -moved, context.price)
        else:
            after = move_line(after, each.line, moved, context.price)
    kept = keep_margin(before, after, context.price)
    return _change(context, after, kept, "divergence", (), tuple(chosen.values()))


def _change(
    context: PricingContext,
    structure: CostStructure,
    kept: KeptMargin,
    cause: str,
    values: tuple[ChangedValue, ...],
    divergences: tuple[Divergence, ...],
) -> FeeChange:
    pace = context.units_per_day
    exposure = None if pace is None else kept.contribution_move * pace * DAYS_A_MONTH
    held = ("unreachable",) if kept.kept is None else held_back(context, structure, kept.kept.price)
    return FeeChange(context, structure, kept, cause, values, divergences, exposure, held)


def _sorted(changes: Iterable[FeeChange]) -> tuple[FeeChange, ...]:
    return tuple(sorted(changes, key=lambda each: (-abs(each.exposure or Decimal(0)), each.context.sku)))
