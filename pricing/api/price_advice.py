"""What stands beside our prices, over HTTP: rivals, Buy Box, bands, independence, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.query import QuerySerializer
from config.lib.errors import BadRequest, FieldError, NotFound
from config.lib.money import Money
from connectors.selectors.skus import list_skus
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from pricing.api.boundary import bounded
from pricing.api.competitor_forms import (
    AdviceInput,
    AdviceSerializer,
    BandsQuery,
    BuyBoxSerializer,
    IndependenceQuery,
    IndependenceSerializer,
    PriceBandsSerializer,
    RivalsSerializer,
)
from pricing.engine.rivals import Findings, Judged
from pricing.rules.refusals import DEFAULT_LANGUAGE, find_refusal
from pricing.selectors.buy_box import ListingAdvice, advice_for
from pricing.selectors.competitors import findings_of
from pricing.selectors.independence import DAYS, list_derived, list_foreign_references
from pricing.selectors.price_bands import MarketBands, bands_of, own_products
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: competitors"]
_MOST_EDGES = 40


class ListingRivalsView(TenantView):
    """The offers of others for a listing."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    looks = "rivals"

    @extend_schema(operation_id="get_listing_rivals", responses=RivalsSerializer, tags=TAGS)
    def get(self, request: Request, client: str, store_id: int, sku: str) -> Response:
        """Show the rivals of a listing now, with every offer that was left out and why."""
        store, at = get_store(store_id), clock.now()
        product_id = list_skus(store_id).get(sku, "")
        if not product_id:
            raise NotFound(f"store {store_id} has no listing {sku!r} with a product id")
        products, packs, conditions = own_products(store, skus=[sku])
        found = findings_of(store=store, product_ids=products, at=at, packs=packs, conditions=conditions)
        return self.ok(bounded(_rivals_body(store, sku, product_id, at, found[product_id])))


class ListingBuyBoxView(TenantView):
    """What the price can do for the featured offer."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    looks = "buy_box"

    @extend_schema(operation_id="get_listing_buy_box", responses=BuyBoxSerializer, tags=TAGS)
    def get(self, request: Request, client: str, store_id: int, sku: str) -> Response:
        """Say whether a price can win the featured offer, what stands in its way, and which would match.

        The platforms do not publish their weights: nothing here promises that a lower price wins.
        """
        return self.ok(bounded(_buy_box_body(advice_for(store_id=store_id, sku=sku))))


class PriceBandsView(TenantView):
    """How the prices of a market are spread."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": BandsQuery}
    looks = "price_bands"

    @extend_schema(operation_id="get_price_bands", responses=PriceBandsSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Spread the comparable offers for a store's products over bands, with our place and the sample."""
        asked = self.query
        bands = bands_of(
            store=get_store(asked["store"]),
            at=clock.now(),
            category=asked.get("category", ""),
            edges=_edges(asked.get("edges", "")),
            parts=asked.get("parts", 5),
        )
        return self.ok(bounded(_bands_body(bands)))


class PriceIndependenceView(TenantView):
    """Whether each market's prices are its own."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": IndependenceQuery}
    looks = "price_independence"

    @extend_schema(operation_id="get_price_independence", responses=IndependenceSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List prices of one market that follow another's, and rule sets in force that speak of another."""
        days = self.query.get("days", DAYS)
        derived = [
            {**asdict(found), "reason": found.reason} for found in list_derived(clock.now().date(), days=days)
        ]
        references = [
            {"rule_set_id": rule_set_id, **asdict(found)} for rule_set_id, found in list_foreign_references()
        ]
        return self.ok(bounded({"days": days, "derived": derived, "references": references}))


class PriceAdviceCheckView(TenantView):
    """Whether a request is one the agency refuses."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}

    @extend_schema(
        operation_id="check_price_advice",
        request=AdviceInput,
        responses=AdviceSerializer,
        examples=[OpenApiExample("A request", value={"text": "Lower the price by 3 %."}, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Answer a request against the policy with the policy and the lawful way; nothing is stored."""
        text = self.body(AdviceInput)["text"]
        found = find_refusal(text, get_language() or DEFAULT_LANGUAGE)
        told = {"code": None, "message": None, "alternative": None} if found is None else asdict(found)
        return self.ok(bounded({"is_refused": found is not None, **told}))


def _money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    return None if amount is None else Money(amount, currency).to_json()


def _text(number: Decimal | None) -> str | None:
    return None if number is None else format(number, "f")


def _rivals_body(store: StoreRef, sku: str, product_id: str, at: datetime, found: Findings) -> dict[str, Any]:
    view = found.view
    return {
        "store_id": store.id,
        "sku": sku,
        "product_id": product_id,
        "at": at,
        "as_of": view.as_of,
        "count": view.count,
        "lowest": _money(view.lowest, store.currency),
        "featured": _money(view.featured, store.currency),
        "own_landed": _money(view.own_landed, store.currency),
        "is_own_featured": view.is_own_featured,
        "dropped": dict(view.dropped),
        "offers": [_offer_body(each) for each in found.offers],
    }


def _offer_body(judged: Judged) -> dict[str, Any]:
    offer = judged.offer
    unit = offer.unit_price
    return {
        "seller_id": offer.seller_id,
        "source": offer.source,
        "condition": offer.condition,
        "channel": offer.channel,
        "observed_at": offer.observed_at,
        "price": _money(offer.price, offer.currency),
        "shipping": _money(offer.shipping, offer.currency),
        "points": _money(offer.points, offer.currency),
        "landed": _money(offer.landed, offer.currency),
        "unit_price": None if unit is None else _money(round(unit, 4), offer.currency),
        "pack_size": offer.pack_size,
        "is_featured": offer.is_featured,
        "dropped_because": judged.drop,
    }


def _buy_box_body(found: ListingAdvice) -> dict[str, Any]:
    context, advice = found.context, found.advice
    view, currency = context.rivals, context.currency
    return {
        "store_id": context.store_id,
        "sku": context.sku,
        "verdict": advice.verdict,
        "reasons": [
            {"code": each.code, "text": each.text, "values": dict(each.values)} for each in advice.reasons
        ],
        "price": _money(context.price, currency),
        "matching_price": _money(advice.matching_price, currency),
        "floor": _money(advice.floor, currency),
        "keeps_floor": advice.keeps_floor,
        "gap": None if advice.gap is None else _text(round(advice.gap, 6)),
        "featured": _money(view.featured, currency),
        "lowest": _money(view.lowest, currency),
        "own_landed": _money(view.own_landed, currency),
        "featured_share": _text(found.standing.featured_share),
        "rivals": view.count,
        "dropped": dict(view.dropped),
        "as_of": view.as_of,
    }


def _bands_body(bands: MarketBands) -> dict[str, Any]:
    spread, index, currency = bands.spread, bands.index, bands.currency
    return {
        "market": bands.market,
        "currency": currency,
        "category": bands.category,
        "products": bands.products,
        "with_rivals": bands.with_rivals,
        "sample": spread.sample,
        "is_enough": spread.is_enough,
        "bands": [
            {
                "low": _money(band.low, currency),
                "high": _money(band.high, currency),
                "count": band.count,
                "share": _text(band.share),
                "own_count": band.own_count,
            }
            for band in spread.bands
        ],
        "own_median": _money(spread.own_median, currency),
        "below_own": _text(spread.below_own),
        "competitiveness": {
            "sample": index.sample,
            "index": _text(index.index),
            "low": _text(index.low),
            "high": _text(index.high),
        },
        "dropped": bands.dropped,
        "as_of": bands.as_of,
    }


def _edges(text: str) -> tuple[Decimal, ...]:
    """The bounds of a query; `BadRequest` for what is no positive number, or more than forty."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    try:
        edges = tuple(Decimal(part) for part in parts)
    except InvalidOperation:
        edges = (Decimal(-1),)
    if len(edges) > _MOST_EDGES or not all(edge.is_finite() and edge > 0 for edge in edges):
        told = f'Write up to {_MOST_EDGES} prices above zero, as "10,20.50,30".'
        raise BadRequest(
            "The query string cannot be read.", errors=[FieldError("", told, "edges", parameter="edges")]
        )
    return edges
