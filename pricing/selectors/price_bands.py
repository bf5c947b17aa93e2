"""How the prices of a store's market are spread, from permitted sources, and how ours compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from connectors.selectors.products import attributes_of
from connectors.selectors.skus import list_skus
from connectors.types import StoreRef
from pricing.engine.bands import Competitiveness, PriceBands, competitiveness, price_bands, quantile_edges
from pricing.selectors.competitors import findings_of
from pricing.selectors.profiles import profiles_of


@dataclass(frozen=True, slots=True)
class MarketBands:
    """The spread of a market (or one of its categories) at a moment.

    `products` is how many of ours were looked at, `with_rivals` how many of them have comparable offers,
    `dropped` what was left out by reason, `as_of` the oldest of the products' newest observations.
    """

    market: str
    currency: str
    category: str
    products: int
    with_rivals: int
    spread: PriceBands
    index: Competitiveness
    dropped: dict[str, int]
    as_of: datetime | None


def bands_of(
    *, store: StoreRef, at: datetime, category: str = "", edges: Sequence[Decimal] = (), parts: int = 5
) -> MarketBands:
    """Spread the comparable offers for a store's products over bands, between `edges` or in equal shares.

    `category` is one of the product master; "" means all products. A rival counts once per product.
    """
    products, packs, conditions = own_products(store, category)
    found = findings_of(store=store, product_ids=products, at=at, packs=packs, conditions=conditions)
    prices = [offer.landed for findings in found.values() for offer in findings.rivals]
    views = [findings.view for findings in found.values()]
    own = [view.own_landed for view in views if view.own_landed is not None]
    pairs = [
        (view.own_landed, view.lowest)
        for view in views
        if view.own_landed is not None and view.lowest is not None
    ]
    dropped: dict[str, int] = {}
    for view in views:
        for reason, count in view.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + count
    return MarketBands(
        market=store.market,
        currency=store.currency,
        category=category,
        products=len(found),
        with_rivals=sum(view.count > 0 for view in views),
        spread=price_bands(prices, own, sorted(edges) or quantile_edges(prices, parts)),
        index=competitiveness(pairs),
        dropped=dict(sorted(dropped.items())),
        as_of=min((view.as_of for view in views if view.as_of is not None), default=None),
    )


def own_products(
    store: StoreRef, category: str = "", skus: Sequence[str] | None = None
) -> tuple[set[str], dict[str, int], dict[str, str]]:
    """The products of a store (of a category, or of some SKUs), with our pack and condition."""
    products = {sku: product for sku, product in list_skus(store.id).items() if product}
    if skus is not None:
        products = {sku: product for sku, product in products.items() if sku in set(skus)}
    if category:
        masters = attributes_of(products)
        products = {
            sku: product
            for sku, product in products.items()
            if masters.get(sku, {}).get("category") == category
        }
    profiles = profiles_of(store.id, list(products))
    packs = {products[sku]: profile.pack_size for sku, profile in profiles.items()}
    conditions = {products[sku]: profile.condition for sku, profile in profiles.items() if profile.condition}
    return set(products.values()), packs, conditions
