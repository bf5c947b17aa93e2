"""A store's listings at a glance: price, floor, target, margin, and what keeps each from a suggestion."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from pricing.engine.contribution import evaluate
from pricing.engine.solve import lowest_price
from pricing.selectors.context import load_contexts
from pricing.selectors.halts import HaltView, find_halt
from pricing.types import PricingContext, Reason, Tier


@dataclass(frozen=True, slots=True)
class ListingView:
    """A listing at its present price; floor and target None where no price keeps that margin."""

    sku: str
    product_id: str
    title: str
    tier: Tier
    price: Decimal | None
    floor: Decimal | None
    target: Decimal | None
    contribution: Decimal | None
    margin: Decimal | None
    blocked_by: tuple[Reason, ...]


def list_listing_views(*, store_id: int, skus: Collection[str]) -> dict[str, ListingView]:
    """Return these listings of a store by SKU; those it does not list are left out."""
    halt = find_halt(store_id)
    return {context.sku: _view(context, halt) for context in load_contexts(store_id=store_id, skus=skus)}


def blockers(context: PricingContext, halt: HaltView | None = None) -> Iterator[Reason]:
    """Why no price would be suggested for a listing now, whatever its rules say."""
    if halt is not None:
        yield Reason("halted", "All suggestions are stopped by hand.")
    if context.price is None:
        yield Reason("no_price", "The platform shows no price.")
    for name in context.missing:
        yield Reason("missing", f"Nobody knows {name}.", {"line": name})
    for age in context.ages:
        if not age.is_fresh:
            text = f"{age.name} is older than {age.limit_hours} hours."
            yield Reason("stale", text, {"input": age.name, "limit_hours": str(age.limit_hours)})
    for lock in context.locks:
        yield Reason("locked", f"Locked ({lock.kind.value}): {lock.reason}", {"kind": lock.kind.value})
    if context.stock_units == 0:
        yield Reason("no_stock", "There is nothing to sell.")


def _view(context: PricingContext, halt: HaltView | None) -> ListingView:
    at = evaluate(context.structure, context.price) if context.price else None
    return ListingView(
        sku=context.sku,
        product_id=context.product_id,
        title=context.title,
        tier=context.tier,
        price=context.price,
        floor=lowest_price(context.structure, context.floor_margin),
        target=lowest_price(context.structure, context.target_margin),
        contribution=at.contribution if at else None,
        margin=at.margin if at else None,
        blocked_by=tuple(blockers(context, halt)),
    )
