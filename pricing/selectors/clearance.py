"""Which listings hold old stock, at which step of the ladder they are, and what each way out brings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from connectors.facts.inventory import InventoryAge
from connectors.selectors.stores import get_store
from pricing.engine.clearance import (
    SUNK,
    AgedFee,
    Avoided,
    Band,
    Charges,
    Stock,
    WayResult,
    band_of,
    clearance_floor,
    compare_ways,
    ladder_price,
)
from pricing.engine.solve import lowest_price, next_keeping
from pricing.selectors.context import load_contexts
from pricing.selectors.price_facts import minor_unit
from pricing.selectors.regular_prices import regular_prices_of
from pricing.types import PricingContext, Tier

ZERO = Decimal(0)
_SNAPSHOT_DAYS = 7
_BUCKETS = (("age_91_180", 91), ("age_181_270", 181), ("age_271_365", 271), ("age_over_365", 366))

# From which day on a platform charges for age (domain reference, sections 3 and 4).
AGED_FROM: Mapping[str, int] = {"US": 181, "JP": 271}


@dataclass(frozen=True, slots=True)
class AgedStock:
    """The old units of a listing: those of more than 90 days, and at least how old the oldest are."""

    sku: str
    units: int
    oldest_days: int
    storage_monthly: Decimal | None


@dataclass(frozen=True, slots=True)
class ClearanceCase:
    """One listing with old stock: its step, the price of the step, and the ways out.

    `floor` is the lowest price that may be suggested: without sunk cost for the clearance tier, the ordinary
    floor for any other. `price` is None where the step is the removal, no price keeps the floor, or something
    in `missing` keeps it from being computed. `is_below_cost`: the price does not bring back what was paid.
    `cash_freed` is what the best way brings in, undiscounted.
    """

    context: PricingContext
    age_days: int
    units: int
    regular_price: Decimal
    band: Band | None
    floor: Decimal | None
    price: Decimal | None
    is_below_cost: bool
    ways: tuple[WayResult, ...]
    missing: tuple[str, ...]
    charges: Charges

    @property
    def is_on_step(self) -> bool:
        """Is the present price at the step already, or below it?"""
        return self.price is not None and self.context.price is not None and self.context.price <= self.price

    @property
    def cash_freed(self) -> Decimal | None:
        """What the best known way brings in cash."""
        return self.ways[0].cash if self.ways else None


def list_aged_stock(store_id: int, skus: Collection[str] | None = None) -> dict[str, AgedStock]:
    """Return the listings with units older than 90 days, of the last planning snapshot of at most a week."""
    rows = InventoryAge.objects.filter(store_id=store_id)
    last = rows.order_by("-snapshot_on").values_list("snapshot_on", flat=True).first()
    if last is None:
        return {}
    rows = rows.filter(snapshot_on__gt=last - timedelta(days=_SNAPSHOT_DAYS))
    if skus is not None:
        rows = rows.filter(sku__in=list(skus))
    found = {}
    for row in rows.order_by("sku", "-snapshot_on").distinct("sku"):
        held = [(day, getattr(row, name)) for name, day in _BUCKETS]
        units = sum(count for _, count in held)
        if not units:
            continue
        monthly = row.storage_cost_next_month_amount
        storage = None if monthly is None or not row.available else monthly / row.available
        oldest = max(day for day, count in held if count)
        found[row.sku] = AgedStock(row.sku, units, oldest, storage)
    return found


def list_clearance(
    *, store_id: int, charges: Charges, skus: Collection[str] | None = None
) -> list[ClearanceCase]:
    """Return every listing with old stock, by SKU; `charges` are what the client states of it.

    Storage that is not stated is the platform's own estimate for the next month. `NotFound` for an unknown
    store.
    """
    store = get_store(store_id)
    aged = list_aged_stock(store_id, skus)
    if not aged:
        return []
    regular = regular_prices_of(store_id, list(aged))
    contexts = load_contexts(store_id=store.id, skus=list(aged))
    return [
        _case(context, aged[context.sku], regular.get(context.sku), charges)
        for context in contexts
        if context.price is not None
    ]


def _case(
    context: PricingContext, stock: AgedStock, regular: Decimal | None, stated: Charges
) -> ClearanceCase:
    price = context.price or ZERO
    # The measured age of the oldest tenth where known; the buckets alone only say "at least".
    age = max(context.stock_age_days or 0, stock.oldest_days)
    charges = stated if stated.storage is not None else replace(stated, storage=stock.storage_monthly)
    avoided = avoided_by_sale(charges, age)
    unknown = tuple(name for name in context.missing if name not in SUNK)
    usual = price if context.regular_price is None else context.regular_price
    regular_price = usual if regular is None else regular
    found = None if unknown else ladder_price(context.structure, regular_price, age, avoided)
    if context.tier is Tier.CLEARANCE:
        floor = None if unknown else clearance_floor(context.structure, avoided)
    else:
        lacking = bool(context.missing)
        floor = None if lacking else lowest_price(context.structure, context.floor_margin)
        if found is not None:
            found = None if lacking else next_keeping(context.structure, found, context.floor_margin)
    cost = None if context.missing else lowest_price(context.structure, ZERO)
    old = Stock(stock.units, age, price, regular_price, context.units_per_day, context.elasticity)
    ways = compare_ways(context.structure, old, charges, avoided, minor=minor_unit(context.currency))
    return ClearanceCase(
        context=context,
        age_days=age,
        units=stock.units,
        regular_price=regular_price,
        band=band_of(age),
        floor=floor,
        price=found,
        is_below_cost=found is not None and (cost is None or found < cost),
        ways=() if unknown else ways,
        missing=_missing(context, unknown, charges),
        charges=charges,
    )


def avoided_by_sale(charges: Charges, age_days: int) -> Avoided:
    """What selling a unit now saves: a month of storage, the aged fee it has reached, and a removal.

    What is not known is not counted as saved, which keeps the floor higher. Where a liquidator would pay for
    the unit no removal is saved.
    """
    reached = [fee.monthly for fee in charges.aged or () if fee.from_day <= age_days]
    ways_out = [fee for fee in (charges.removal, charges.disposal) if fee is not None]
    pays = charges.liquidation is not None and charges.liquidation > 0
    return Avoided(
        storage=charges.storage or ZERO,
        aged=max(reached, default=ZERO),
        removal=ZERO if pays else min(ways_out, default=ZERO),
    )


def aged_fees(market: str, monthly: Decimal | None) -> tuple[AgedFee, ...] | None:
    """One stated aged fee from the day on which the market's platform begins to charge; None: not stated.

    A market of which no such day is known takes it from the first day of the ladder.
    """
    return None if monthly is None else (AgedFee(AGED_FROM.get(market, 91), monthly),)


def _missing(context: PricingContext, unknown: tuple[str, ...], charges: Charges) -> tuple[str, ...]:
    needed = (
        ("units_per_day", context.units_per_day),
        ("elasticity", context.elasticity),
        ("storage", charges.storage),
        ("aged_fees", charges.aged),
        ("removal", charges.removal),
        ("disposal", charges.disposal),
        ("liquidation", charges.liquidation),
    )
    other = context.missing if context.tier is not Tier.CLEARANCE else unknown
    return (*other, *(name for name, value in needed if value is None))
