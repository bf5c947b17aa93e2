"""Fees over HTTP: the dated parameters, what a listing would pay, and what a client states in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of, require_if_match
from config.lib.api.pagination import Keyset
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import BadRequest, FieldError
from connectors.selectors.stores import get_store
from pricing.api.fee_bodies import override_body, parameter_body, quote_body
from pricing.api.fee_forms import (
    FeeOverrideSerializer,
    FeeParameterSerializer,
    FeeQuoteQuery,
    FeeQuoteSerializer,
    OverrideInput,
    OverrideScopeQuery,
    OverridesQuery,
    ParametersQuery,
)
from pricing.fees.query import FeeQuery
from pricing.fees.schedule import quote_fees
from pricing.fees.sizes import Parcel
from pricing.selectors.fee_overrides import (
    ANY_STORE,
    Scope,
    StatedFee,
    find_override,
    get_override,
    load_overrides,
    overrides_query,
)
from pricing.selectors.fee_parameters import get_parameter, list_parameters
from pricing.selectors.listing_fees import load_listing_fees
from pricing.services.fee_overrides import set_fee_override
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: fees"]
_PARCEL = ("length_cm", "width_cm", "height_cm", "weight_grams")
_PLAIN = (
    "channel",
    "category",
    "size_tier",
    "plan",
    "buyer_tax_rate",
    "affiliate_share",
    "days_held",
    "stock_age_days",
    "tax_status",
)
_EXAMPLE = {
    "value": "0.04",
    "effective_on": "2026-10-01",
    "reason": "System fee of our contract, invoice of September.",
}


class FeeParametersView(TenantView):
    """The dated parameters."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": ParametersQuery.of(FeeParameterSerializer)
    }

    @extend_schema(operation_id="list_fee_parameters", responses=page_of(FeeParameterSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List fees, taxes and duties as they stand on a day, by key, with what to be wary of."""
        asked = self.query
        views = list_parameters(
            asked.get("on") or clock.today("UTC"),
            market=asked.get("market", ""),
            platform=asked.get("platform", ""),
            topic=asked.get("topic", ""),
            with_warnings_only=bool(asked.get("weak")),
        )
        rows = [parameter_body(view) for view in views]

        def fetch(keyset: Keyset, limit: int) -> Sequence[Mapping[str, Any]]:
            return _beyond(rows, keyset)[:limit]

        return self.page(fetch, ordering=("key",))


class FeeParameterDetailView(TenantView):
    """One parameter."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}

    @extend_schema(operation_id="get_fee_parameter", responses=FeeParameterSerializer, tags=TAGS)
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show a parameter as it stands today (UTC)."""
        return self.ok(parameter_body(get_parameter(key, clock.today("UTC"))))


class FeeQuotesView(TenantView):
    """What a listing would pay."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": FeeQuoteQuery}

    @extend_schema(operation_id="quote_fees", responses=FeeQuoteSerializer, tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """Quote the fees of a listing on a day, with every parameter used and everything nobody knows."""
        query = _stated_over(self._base(), self.query)
        return self.ok(quote_body(query, quote_fees(query), self.query.get("price")))

    def _base(self) -> FeeQuery:
        asked = self.query
        if "store" not in asked:
            faults = [
                FieldError("", "Name it, or a store.", "required", parameter=name)
                for name in ("market", "platform")
                if name not in asked
            ]
            if faults:
                raise BadRequest("The query string cannot be read.", errors=faults)
            on = asked.get("on") or clock.today("UTC")
            return FeeQuery(market=asked["market"], platform=asked["platform"], on=on)
        store = get_store(asked["store"])
        on = asked.get("on") or clock.today(store.time_zone)
        sku = asked.get("sku", "")
        fees, stated = load_listing_fees(store.id, [sku], on), load_overrides(store.id, on)
        query = fees.query(sku, on, stated)
        category = asked.get("category", query.category)
        return replace(query, overrides=stated.of(sku=sku, category=category))


class FeeOverridesView(TenantView):
    """What the client states in place of the tables."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": OverridesQuery.of(FeeOverrideSerializer)}
    looks = "fee_overrides"

    @extend_schema(operation_id="list_fee_overrides", responses=page_of(FeeOverrideSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List every version ever stated, the newest first."""
        rows = overrides_query(key=self.query.get("key", ""), store_id=self.query.get("store"))
        return self.page(rows, shape=override_body)


class FeeOverrideDetailView(TenantView):
    """What is stated in place of one parameter for one scope."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "PUT": Capability.PRICE_POLICY_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {
        "GET": OverrideScopeQuery,
        "PUT": OverrideScopeQuery,
    }
    looks = "fee_overrides"

    @extend_schema(operation_id="get_fee_override", responses=FeeOverrideSerializer, tags=TAGS)
    def get(self, request: Request, client: str, key: str) -> Response:
        """Show the version recorded last for the scope of the query, in force already or only later."""
        found = get_override(key, self._scope())
        return self.ok(_stated_body(found), etag=etag_of(found.version))

    @extend_schema(
        operation_id="set_fee_override",
        request=OverrideInput,
        responses=FeeOverrideSerializer,
        examples=[OpenApiExample("A contract", value=_EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def put(self, request: Request, client: str, key: str) -> Response:
        """State a value from a day on; If-Match carries the ETag of the present version, "0" for none.

        The scope stands in the query. Null withdraws what was stated: the table counts again.
        """
        scope = self._scope()
        present = find_override(key, scope)
        version = present.version if present else 0
        require_if_match(request, version)
        asked = self.body(OverrideInput)
        done = set_fee_override(
            key=key,
            scope=scope,
            value=asked["value"],
            effective_on=asked["effective_on"],
            reason=asked["reason"],
            version=version,
        )
        return self.ok(_stated_body(done), etag=etag_of(done.version))

    def _scope(self) -> Scope:
        asked = self.query
        return Scope(asked.get("store", ANY_STORE), asked.get("category", ""), asked.get("sku", ""))


def _stated_over(base: FeeQuery, asked: Mapping[str, Any]) -> FeeQuery:
    """The query with everything the request states itself."""
    plain = {name: asked[name] for name in (*_PLAIN, "market", "platform", "on") if name in asked}
    parcel = [asked[name] for name in _PARCEL if name in asked]
    if parcel and len(parcel) < len(_PARCEL):
        missing = next(name for name in _PARCEL if name not in asked)
        fault = FieldError("", "Sides and weight belong together.", "required", parameter=missing)
        raise BadRequest("The query string cannot be read.", errors=[fault])
    if parcel:
        plain["parcel"] = Parcel(*parcel)
    if "programme" in asked:
        plain["programmes"] = frozenset(asked["programme"])
    return replace(base, **plain)


def _stated_body(stated: StatedFee) -> dict[str, Any]:
    row = asdict(stated)
    return override_body({**row.pop("scope"), **row})


def _beyond(rows: Sequence[Mapping[str, Any]], keyset: Keyset) -> list[Mapping[str, Any]]:
    """The rows beyond a position in a list that is sorted by key, in the order they are fetched in."""
    found = list(reversed(rows)) if keyset.backwards else list(rows)
    if keyset.position is None:
        return found
    at = str(keyset.position[0])
    return [row for row in found if (row["key"] < at if keyset.backwards else row["key"] > at)]
