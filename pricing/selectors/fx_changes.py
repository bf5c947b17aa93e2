"""What a move of a cost currency does to a store's listings since each was priced, or would do (P13)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from config.lib.calendars import business_day
from config.lib.errors import BadRequest
from config.lib.fx import FXRateMissing, FXRateStale, FXTable
from pricing.engine.contribution import Contribution, evaluate
from pricing.engine.fx_moves import HedgeView, Level, hedge, ladder, trigger
from pricing.engine.keep_margin import KeptMargin, keep_margin
from pricing.engine.optimum import best_price
from pricing.selectors.context import Loaded, context_of, load
from pricing.selectors.price_moves import held_back
from pricing.structure import CostStructure
from pricing.types import PricingContext
from tenants.selectors.fx import fx_table

DAYS_A_MONTH = 30
# How far back a price counts as set where no change of it was ever observed.
UNSEEN_DAYS = 30
DEVIATION_DAYS = 90
_STEP = Decimal("0.00000001")
_QUARTER = 90


@dataclass(frozen=True, slots=True)
class FXChange:
    """A listing with costs in the currency. `move` is its rise since `since` (or the supposed one).

    `share` is the cost in the currency over net revenue, `trigger` the rise that uses up what lies between
    margin and floor margin. `balanced` earns most between the present and the keeping price where the
    elasticity is known. `is_due`: the ladder suggests a new price, or the trigger is passed.
    """

    context: PricingContext
    structure: CostStructure
    since: date | None
    move: Decimal
    level: Level
    share: Decimal
    trigger: Decimal | None
    kept: KeptMargin
    balanced: Contribution | None
    monthly_exposure: Decimal | None
    is_due: bool
    held_back: tuple[str, ...]

    @property
    def price(self) -> Decimal | None:
        """The price to propose: the balanced one where there is one, else that which keeps the margin."""
        chosen = self.balanced or self.kept.kept
        return None if chosen is None else chosen.price


@dataclass(frozen=True, slots=True)
class FXChanges:
    """The listings with costs in a currency, the largest loss first, and the store's position in it."""

    currency: str
    on: date
    rate: Decimal
    rate_on: date
    changes: tuple[FXChange, ...]
    hedge: HedgeView | None


def preview_fx_change(
    *,
    store_id: int,
    currency: str,
    move: Decimal | None = None,
    skus: Collection[str] | None = None,
) -> FXChanges:
    """Return what a currency did since each price was last changed, or what a `move` from now on would do.

    A move of 0.05 makes the currency 5 % dearer in the store's money. `NotFound` for an unknown store,
    `FXRateMissing` or `FXRateStale` without a rate of today, `BadRequest` for the store's own currency.
    """
    loaded = load(store_id=store_id, skus=skus)
    own = loaded.store.currency
    if currency == own:
        raise BadRequest(f"{currency} is the store's own currency: it does not move against itself")
    first = loaded.on - timedelta(days=400)
    table = fx_table([currency, own, "EUR"], first, loaded.on)
    rate, rate_on = table.rate(currency, own, loaded.on)
    changes = []
    for sku in loaded.listings:
        if (change := _change(loaded, table, sku, currency, move)) is not None:
            changes.append(change)
    changes.sort(key=lambda each: (each.kept.contribution_move, each.context.sku))
    return FXChanges(
        currency, loaded.on, rate, rate_on, tuple(changes), _hedge(table, loaded, currency, changes)
    )


def foreign_costs(loaded: Loaded, context: PricingContext, currency: str) -> Mapping[str, Decimal]:
    """Return the cost lines of a listing that are stated in a currency, in the store's money per unit."""
    sheet = loaded.costs.sheets.get(context.sku)
    names = {line.value for line, money in sheet.lines.items() if money.currency == currency} if sheet else ()
    return {cost.name: cost.amount for cost in context.structure.costs if cost.name in names}


def daily_fixes(table: FXTable, frm: str, to: str, first: date, last: date) -> list[Decimal]:
    """Return the published rates from `first` to `last`, one per day of publication."""
    found: dict[date, Decimal] = {}
    for back in range((last - first).days, -1, -1):
        try:
            rate, day = table.rate(frm, to, last - timedelta(days=back))
        except (FXRateMissing, FXRateStale):
            continue
        found[day] = rate
    return [found[day] for day in sorted(found)]


def _change(
    loaded: Loaded, table: FXTable, sku: str, currency: str, supposed: Decimal | None
) -> FXChange | None:
    context = context_of(loaded, sku)
    costs = foreign_costs(loaded, context, currency)
    if not context.price or not sum(costs.values()):
        return None
    if supposed is None:
        since = _priced_on(loaded, context)
        fixes = daily_fixes(table, currency, loaded.store.currency, since, loaded.on)
        if not fixes:
            return None
        moves = [(rate / fixes[0] - 1).quantize(_STEP) for rate in fixes]
        move, level = moves[-1], ladder(moves)
        before, after = _scaled(context.structure, costs, 1 / (1 + move)), context.structure
    else:
        # A supposed move is taken as confirmed.
        since, move, level = None, supposed, ladder([supposed, supposed])
        before, after = context.structure, _scaled(context.structure, costs, 1 + supposed)
    kept = keep_margin(before, after, context.price)
    share = _share(costs, before, kept)
    limit = trigger(kept.before.margin or Decimal(0), context.floor_margin, share)
    pace = context.units_per_day
    change = FXChange(
        context=context,
        structure=after,
        since=since,
        move=move,
        level=level,
        share=share,
        trigger=limit,
        kept=kept,
        balanced=_balanced(context, after, kept),
        monthly_exposure=None if pace is None else sum(costs.values(), Decimal(0)) * pace * DAYS_A_MONTH,
        is_due=level >= Level.SUGGEST or (limit is not None and move > 0 and move >= limit),
        held_back=(),
    )
    held = ("unreachable",) if change.price is None else held_back(context, after, change.price)
    return replace(change, held_back=held)


def _priced_on(loaded: Loaded, context: PricingContext) -> date:
    if context.last_changed_at is None:
        return loaded.on - timedelta(days=UNSEEN_DAYS)
    return business_day(context.last_changed_at, loaded.store.time_zone)


def _scaled(structure: CostStructure, costs: Mapping[str, Decimal], factor: Decimal) -> CostStructure:
    scaled = tuple(
        replace(cost, amount=(cost.amount * factor).quantize(_STEP)) if cost.name in costs else cost
        for cost in structure.costs
    )
    return replace(structure, costs=scaled)


def _share(costs: Mapping[str, Decimal], before: CostStructure, kept: KeptMargin) -> Decimal:
    """Return s: the cost in the currency, before the move, over net revenue."""
    was = sum((cost.amount for cost in before.costs if cost.name in costs), Decimal(0))
    return was / kept.before.base if kept.before.base else Decimal(0)


def _balanced(context: PricingContext, structure: CostStructure, kept: KeptMargin) -> Contribution | None:
    if context.elasticity is None or kept.kept is None or not context.price:
        return None
    low, high = sorted((context.price, kept.kept.price))
    best = best_price(structure, -abs(context.elasticity), low=low, high=high)
    return None if best is None else evaluate(structure, best)


def _hedge(table: FXTable, loaded: Loaded, currency: str, changes: Collection[FXChange]) -> HedgeView | None:
    """Return the position of a quarter's purchases, by the daily moves of the last 90 days."""
    first = loaded.on - timedelta(days=DEVIATION_DAYS)
    fixes = daily_fixes(table, currency, loaded.store.currency, first, loaded.on)
    moves = [float(later / earlier - 1) for earlier, later in pairwise(fixes)]
    exposure = sum((each.monthly_exposure or Decimal(0) for each in changes), Decimal(0)) * 3
    paces = [(each.kept.after.contribution, each.context.units_per_day) for each in changes]
    quarter = sum((left * pace * _QUARTER for left, pace in paces if pace is not None), Decimal(0))
    return hedge(exposure, moves, quarter if quarter > 0 else None)
