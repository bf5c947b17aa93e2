"""Who is no rival, from where offers may come, and offers that somebody saw, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.money import Money
from connectors.selectors.stores import get_store
from pricing.api.boundary import bounded
from pricing.api.competitor_forms import (
    PriceSourceSerializer,
    RecordedOffersSerializer,
    RegisterQuery,
    SeenOffersInput,
    SisterChange,
    SisterInput,
    SisterSerializer,
    SourceChange,
    SourceInput,
)
from pricing.selectors.competitor_registers import get_sister, get_source, sisters_query, sources_query
from pricing.services.competitor_offers import SeenOffer, record_offers
from pricing.services.competitors import change_sister, change_source, register_sister, register_source
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: competitors"]
_SISTER = {"seller_id": "A2PARTNER", "platform": "amazon_sp", "relation": "partner", "note": "Distributor"}
_SOURCE = {
    "key": "price-panel",
    "market": "JP",
    "title": "Price panel",
    "basis": "licensed_data",
    "reference": "Contract 2026-014, § 3",
    "allowed_on": "2026-11-01",
}
_OFFERS = {
    "store_id": 1,
    "source": "price-panel",
    "offers": [
        {
            "product_id": "B0TENT0001",
            "seller_id": "shop-42",
            "observed_at": "2026-11-21T08:00:00Z",
            "price": {"amount": "1980", "currency": "JPY"},
            "points": {"amount": "20", "currency": "JPY"},
            "pack_size": 1,
        }
    ],
}


class SisterSellersView(TenantView):
    """The sellers who are no rivals."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_POLICY_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RegisterQuery.of(SisterSerializer)}
    looks = "sister_sellers"

    @extend_schema(operation_id="list_sister_sellers", responses=page_of(SisterSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List registered sellers, the newest first. The client's own connections are known without this."""
        return self.page(sisters_query(is_active=self.query.get("active")), shape=bounded)

    @extend_schema(
        operation_id="register_sister_seller",
        request=SisterInput,
        responses={201: SisterSerializer},
        examples=[OpenApiExample("A partner", value=_SISTER, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Register a seller id that must never be taken for a rival."""
        sister_id = register_sister(**self.body(SisterInput))
        row = get_sister(sister_id)
        return self.created(
            bounded(row), f"{self.base_path}/sister-sellers/{sister_id}", etag=etag_of(row["version"])
        )


class SisterSellerDetailView(TenantView):
    """One registered seller."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "PATCH": Capability.PRICE_POLICY_WRITE,
    }
    looks = "sister_sellers"

    @extend_schema(operation_id="get_sister_seller", responses=SisterSerializer, tags=TAGS)
    def get(self, request: Request, client: str, sister_id: int) -> Response:
        """Show a registered seller."""
        return _shown(self, get_sister(sister_id))

    @extend_schema(
        operation_id="change_sister_seller", request=SisterChange, responses=SisterSerializer, tags=TAGS
    )
    def patch(self, request: Request, client: str, sister_id: int) -> Response:
        """Switch a registered seller on or off; it is never deleted, so that old views stay explained."""
        version = get_sister(sister_id)["version"]
        require_if_match(request, version)
        change_sister(sister_id=sister_id, version=version, **self.body(SisterChange))
        return _shown(self, get_sister(sister_id))


class PriceSourcesView(TenantView):
    """The sources that may be used beside the platforms' own interfaces."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_POLICY_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": RegisterQuery.of(PriceSourceSerializer)}
    looks = "price_sources"

    @extend_schema(operation_id="list_price_sources", responses=page_of(PriceSourceSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List permitted sources, the newest first."""
        return self.page(sources_query(is_active=self.query.get("active")), shape=bounded)

    @extend_schema(
        operation_id="permit_price_source",
        request=SourceInput,
        responses={201: PriceSourceSerializer},
        examples=[OpenApiExample("A licensed panel", value=_SOURCE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Permit a source, with the ground on which it may be used and where that is written."""
        source_id = register_source(**self.body(SourceInput))
        row = get_source(source_id)
        return self.created(
            bounded(row), f"{self.base_path}/price-sources/{source_id}", etag=etag_of(row["version"])
        )


class PriceSourceDetailView(TenantView):
    """One permitted source."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "PATCH": Capability.PRICE_POLICY_WRITE,
    }
    looks = "price_sources"

    @extend_schema(operation_id="get_price_source", responses=PriceSourceSerializer, tags=TAGS)
    def get(self, request: Request, client: str, source_id: int) -> Response:
        """Show a permitted source."""
        return _shown(self, get_source(source_id))

    @extend_schema(
        operation_id="change_price_source", request=SourceChange, responses=PriceSourceSerializer, tags=TAGS
    )
    def patch(self, request: Request, client: str, source_id: int) -> Response:
        """Withdraw or restore a source; its offers stop counting at once."""
        version = get_source(source_id)["version"]
        require_if_match(request, version)
        change_source(source_id=source_id, version=version, **self.body(SourceChange))
        return _shown(self, get_source(source_id))


class CompetitorOffersView(TenantView):
    """Offers that somebody saw."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_WRITE}

    @extend_schema(
        operation_id="record_competitor_offers",
        request=SeenOffersInput,
        responses={201: RecordedOffersSerializer},
        examples=[OpenApiExample("One offer", value=_OFFERS, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Record offers seen in a permitted source, all of them or none."""
        asked = self.body(SeenOffersInput)
        currency = get_store(asked["store_id"]).currency
        done = record_offers(
            store_id=asked["store_id"],
            source=asked["source"],
            offers=[_seen(offer, currency) for offer in asked["offers"]],
        )
        body = {"recorded": done.recorded, "unchanged": done.unchanged, "run_id": done.run_id}
        return self.created(bounded(body), f"{self.base_path}/sync-runs/{done.run_id}")


def _seen(values: Mapping[str, Any], currency: str) -> SeenOffer:
    nothing = Money.parse(0, currency)
    return SeenOffer(**{"shipping": nothing, "points": nothing, **values})


def _shown(view: TenantView, row: Mapping[str, Any]) -> Response:
    return view.ok(bounded(row), etag=etag_of(row["version"]))
