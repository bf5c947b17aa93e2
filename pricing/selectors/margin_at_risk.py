"""Which margins of a store are at risk from exchange rates, duties, fees and returns (moonshot 8)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import stdev

from connectors.types import CostLine
from pricing.engine.contribution import evaluate
from pricing.engine.margin_at_risk import AtRisk, Position, Shocks, assess, market_margins
from pricing.selectors.context import Loaded, context_of, load
from pricing.selectors.fx_changes import DEVIATION_DAYS, daily_fixes, foreign_costs
from pricing.types import PricingContext
from tenants.selectors.fx import fx_table

DAYS_A_MONTH = 30
_IMPORTED = (CostLine.PURCHASE.value,)
_LEAST_FIXES = 20


@dataclass(frozen=True, slots=True)
class StoreRisk:
    """The margins at risk of a store's listings, the lowest first, and of the market as a whole.

    `left_out` counts listings without a price, a pace or all of their costs.
    """

    on: date
    currency: str
    shocks: Shocks
    seed: int
    listings: tuple[AtRisk, ...]
    market: tuple[Decimal, Decimal] | None
    left_out: int


def assess_store(
    *,
    store_id: int,
    currency: str,
    skus: Collection[str] | None = None,
    days: int = 90,
    seed: int = 1,
    hedge_cost: Decimal | None = None,
) -> StoreRisk:
    """Return what may become of the margins of listings (None: all active) within `days`.

    The deviation of the currency is that of the last 90 days; without 20 fixes it counts as not moving.
    `NotFound` for an unknown store.
    """
    loaded = load(store_id=store_id, skus=skus)
    contexts = [context_of(loaded, sku) for sku in loaded.listings]
    positions = [found for each in contexts if (found := _position(loaded, each, currency)) is not None]
    shocks = Shocks(fx_daily=_deviation(loaded, currency), days=days)
    elasticity = {each.sku: each.elasticity for each in contexts if each.elasticity is not None}
    listings = assess(positions, shocks, seed=seed, elasticity=elasticity, hedge_cost=hedge_cost)
    market = market_margins(positions, shocks, seed=seed).get(loaded.store.market)
    return StoreRisk(
        loaded.on, currency, shocks, seed, tuple(listings), market, len(contexts) - len(positions)
    )


def _position(loaded: Loaded, context: PricingContext, currency: str) -> Position | None:
    if not context.price or context.units_per_day is None or context.missing:
        return None
    now = evaluate(context.structure, context.price)
    costs = {cost.name: cost.amount for cost in context.structure.costs}
    returns = context.structure.returns
    # What a sold unit brings beyond its costs is lost with it, and handling is paid on top.
    per_return = now.net_revenue + returns.processing - returns.salvage * returns.landed if returns else None
    return Position(
        sku=context.sku,
        market=context.market,
        net=now.base,
        contribution=now.contribution,
        in_currency=sum(foreign_costs(loaded, context, currency).values(), Decimal(0)),
        duty_value=sum((costs.get(name, Decimal(0)) for name in _IMPORTED), Decimal(0)),
        fees=sum((amount for _, amount in now.fees), Decimal(0)),
        return_rate=returns.rate if returns else Decimal(0),
        per_return=per_return or Decimal(0),
        units_per_month=context.units_per_day * DAYS_A_MONTH,
        floor_margin=context.floor_margin,
    )


def _deviation(loaded: Loaded, currency: str) -> Decimal:
    own = loaded.store.currency
    if currency == own:
        return Decimal(0)
    first = loaded.on - timedelta(days=DEVIATION_DAYS)
    table = fx_table([currency, own, "EUR"], first, loaded.on)
    fixes = daily_fixes(table, currency, own, first, loaded.on)
    moves = [later / earlier - 1 for earlier, later in pairwise(fixes)]
    return stdev(moves) if len(moves) >= _LEAST_FIXES else Decimal(0)
