"""What listings cost and keep at any price, and what-if, over HTTP. Nothing here is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib.api.pagination import Keyset
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import FieldError, Invalid
from config.lib.money import EXPONENTS, Money
from connectors.facts.catalog import Listing
from connectors.selectors.stores import get_store
from pricing.api.boundary import bounded
from pricing.api.profile_forms import amount_in
from pricing.api.simulation_forms import (
    LINES,
    MOST_PRICES,
    ContributionQuery,
    ContributionSerializer,
    ListingSerializer,
    ListingsQuery,
    SimulationForm,
    SimulationSerializer,
)
from pricing.engine.contribution import Contribution
from pricing.engine.solve import Root
from pricing.engine.what_if import WhatIf
from pricing.selectors.listings import ListingView, list_listing_views
from pricing.selectors.simulations import BundleView, PriceView, Simulated, get_price_view, simulate
from pricing.types import UsedLine
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: listings"]
_ACTIVE = "active"
_SIMULATION = {
    "skus": ["TENT"],
    "changes": {"amounts": {"duty": {"amount": "2.40", "currency": "USD"}}, "fx": {"CNY": "0.145"}},
    "sweep": {
        "first": {"amount": "29.99", "currency": "USD"},
        "last": {"amount": "39.99", "currency": "USD"},
        "step": {"amount": "1.00", "currency": "USD"},
    },
}


class ListingsView(TenantView):
    """The listings of a store with their floors."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ListingsQuery.of(ListingSerializer)}
    looks = "priced_listings"

    @extend_schema(operation_id="list_priced_listings", responses=page_of(ListingSerializer), tags=TAGS)
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """List a store's listings by SKU with price, floor, target, margin and what blocks a suggestion."""
        store = get_store(store_id)
        rows = Listing.objects.filter(store_id=store_id, status=self.query.get("status") or _ACTIVE)
        if self.query.get("sku") is not None:
            rows = rows.filter(sku=self.query["sku"])

        def fetch(keyset: Keyset, limit: int) -> Sequence[Mapping[str, Any]]:
            found = rows.filter(keyset.condition()).order_by(*keyset.order_by)
            skus = list(found.values_list("sku", flat=True)[:limit])
            views = list_listing_views(store_id=store_id, skus=skus)
            return [_listing_body(views[sku], store.currency) for sku in skus if sku in views]

        return self.page(fetch, ordering=("sku",))


class ContributionView(TenantView):
    """What one listing keeps."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": ContributionQuery}
    looks = "contributions"

    @extend_schema(operation_id="get_contribution", responses=ContributionSerializer, tags=TAGS)
    def get(self, request: Request, client: str, store_id: int, sku: str) -> Response:
        """Show every line of a listing at a price on a day with its source, and its floors and dead zones."""
        store = get_store(store_id)
        view = get_price_view(
            store_id=store_id, sku=sku, price=self.query.get("price"), on=self.query.get("on")
        )
        return self.ok(bounded(_view_body(view, store.currency)))


class SimulationsView(TenantView):
    """What-if."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}

    @extend_schema(
        operation_id="simulate_prices",
        request=SimulationForm,
        responses=SimulationSerializer,
        examples=[OpenApiExample("Dearer duty and yuan", value=_SIMULATION, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str, store_id: int) -> Response:
        """Compare listings as they are with what they would be under other lines, rates, FX or tax.

        Nothing is written. `sweep` adds evenly spaced prices to `prices`.
        """
        store = get_store(store_id)
        values = self.body(SimulationForm)
        found = simulate(
            store_id=store_id,
            skus=list(dict.fromkeys(values["skus"])),
            what=_what_if(values.get("changes") or {}, store.currency),
            prices=_prices(values, store.currency),
            on=values["on"],
        )
        return self.ok(bounded({"data": [_simulated_body(each, store.currency) for each in found]}))


def _prices(values: Mapping[str, Any], currency: str) -> list[Decimal]:
    prices = [amount_in(money, currency, f"/prices/{n}") for n, money in enumerate(values["prices"])]
    found = [price for price in prices if price is not None]
    if values["sweep"] is None:
        return found
    first, last, step = (
        amount_in(values["sweep"][name], currency, f"/sweep/{name}") or Decimal(0)
        for name in ("first", "last", "step")
    )
    if step <= 0 or last < first:
        told = "The step is above zero, and the last price not below the first."
        raise Invalid(errors=[FieldError("/sweep", told, "no_sweep")])
    if (last - first) // step + 1 + len(found) > MOST_PRICES:
        raise Invalid(errors=[FieldError("/sweep", f"At most {MOST_PRICES} prices.", "too_many")])
    return [*found, *(first + step * n for n in range(int((last - first) // step) + 1))]


def _what_if(values: Mapping[str, Any], currency: str) -> WhatIf:
    amounts, rates, fx = (values.get(name, {}) for name in ("amounts", "rates", "fx"))
    faults = [
        FieldError(f"/changes/{part}/{name}", f"Known are {', '.join(LINES)}.", "unknown")
        for part, given in (("amounts", amounts), ("rates", rates))
        for name in given
        if name not in LINES
    ]
    faults += [
        FieldError(f"/changes/fx/{name}", "ISO 4217 has no such currency, or it is the store's.", "currency")
        for name in fx
        if name not in EXPONENTS or name == currency
    ]
    if faults:
        raise Invalid(errors=faults)
    return WhatIf(
        amounts={
            name: amount_in(money, currency, f"/changes/amounts/{name}") or Decimal(0)
            for name, money in amounts.items()
        },
        rates=rates,
        fx=fx,
        tax_rate=values.get("tax_rate"),
        target_margin=values.get("target_margin"),
        floor_margin=values.get("floor_margin"),
    )


def _money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    return None if amount is None else Money(amount, currency).to_json()


def _listing_body(row: ListingView, currency: str) -> dict[str, Any]:
    amounts = {
        name: _money(getattr(row, name), currency) for name in ("price", "floor", "target", "contribution")
    }
    return bounded(
        {
            "sku": row.sku,
            "product_id": row.product_id,
            "title": row.title,
            "tier": row.tier,
            **amounts,
            "margin": row.margin,
            "blocked_by": [{"code": reason.code, "text": reason.text} for reason in row.blocked_by],
        }
    )


def _simulated_body(found: Simulated, currency: str) -> dict[str, Any]:
    return {
        "sku": found.base.sku,
        "base": _view_body(found.base, currency),
        "changed": _view_body(found.changed, currency),
        "at": [
            {
                "base": _at_body(base, currency),
                "changed": _at_body(changed, currency),
                "difference": _money(changed.contribution - base.contribution, currency),
            }
            for base, changed in zip(found.base_at, found.changed_at, strict=True)
        ],
    }


def _view_body(view: PriceView, currency: str) -> dict[str, Any]:
    shares = view.solution.shares
    return {
        "sku": view.sku,
        "title": view.title,
        "on": view.on,
        "currency": currency,
        "at": _at_body(view.result, currency) if view.result else None,
        "lines": [_line_body(line, currency) for line in view.lines],
        "missing": list(view.missing),
        "floor_margin": view.floor_margin,
        "target_margin": view.target_margin,
        "break_even": _root_body(view.break_even, currency),
        "floor": _root_body(view.solution.floor, currency),
        "target": _root_body(view.solution.target, currency),
        "dead_zones": [
            {
                "fee": zone.fee,
                "after": _money(zone.after, currency),
                "until": _money(zone.until, currency),
                "contribution": _money(zone.contribution, currency),
            }
            for zone in view.solution.dead_zones
        ],
        "shares": None
        if shares is None
        else [
            {"name": each.name, "amount": _money(each.amount, currency), "share": each.share}
            for each in (*shares.lines, shares.left)
        ],
        "bundle": _bundle_body(view.bundle, currency) if view.bundle else None,
    }


def _at_body(found: Contribution, currency: str) -> dict[str, Any]:
    return {
        "price": _money(found.price, currency),
        "net_revenue": _money(found.net_revenue, currency),
        "contribution": _money(found.contribution, currency),
        "margin": found.margin,
    }


def _line_body(line: UsedLine, currency: str) -> dict[str, Any]:
    return {
        "name": line.name,
        "amount": _money(line.amount, currency),
        "rate": line.rate,
        "truth": line.truth,
        "reference": line.reference,
        "as_of": line.as_of,
        "confidence": line.confidence,
        "note": line.note,
    }


def _root_body(root: Root, currency: str) -> dict[str, Any]:
    return {
        "margin": root.margin,
        "minimum": _money(root.minimum, currency),
        "safe": _money(root.safe, currency),
        "intervals": [
            {"first": _money(first, currency), "last": _money(last, currency)}
            for first, last in root.intervals
        ],
    }


def _bundle_body(bundle: BundleView, currency: str) -> dict[str, Any]:
    return {
        "components": [
            {
                "sku": each.sku,
                "quantity": each.quantity,
                "price": _money(each.price, currency),
                "contribution": _money(each.contribution, currency),
            }
            for each in bundle.components
        ],
        "parts_price": _money(bundle.parts_price, currency),
        "parts_contribution": _money(bundle.parts_contribution, currency),
        "loss_per_buyer": _money(bundle.loss_per_buyer, currency),
        "note": bundle.note,
    }
