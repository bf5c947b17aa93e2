"""Prices kept apart by their kind, the effective price they come to, and the proof of former prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import FieldError, Invalid
from config.lib.money import Money
from connectors.selectors.stores import get_store
from pricing.api.boundary import bounded
from pricing.api.price_fact_forms import (
    EffectivePriceQuery,
    EffectivePriceSerializer,
    EvidenceQuery,
    PriceEvidenceSerializer,
    PriceFactInput,
    PriceFactQuery,
    PriceFactSerializer,
)
from pricing.selectors.price_evidence import evidence_body, get_evidence
from pricing.selectors.price_facts import facts_query, find_effective_price, get_fact, require_listing
from pricing.services.price_facts import FactDraft, state_fact, withdraw_fact
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: price facts"]
_MONEY = ("amount", "fee_amount")
_AMOUNTS = (
    "base", "shown", "coupon_off", "coupon_fee", "paid", "points", "effective", "seller_keeps",
    "average_paid", "average_kept", "bundle_unit",
)  # fmt: skip
_EXAMPLE = {
    "store_id": 1,
    "sku": "TENT",
    "kind": "coupon",
    "from_at": "2026-11-27T08:00:00Z",
    "until_at": "2026-12-01T08:00:00Z",
    "share": "0.10",
    "fee_amount": {"amount": "0.60", "currency": "USD"},
    "use_share": "0.30",
    "source": "coupon page of Seller Central",
}


def amount_of(money: Money | None, currency: str, pointer: str) -> Decimal | None:
    """The amount of a sum in a request; `Invalid` in a currency other than the store's."""
    if money is None:
        return None
    if money.currency != currency:
        detail = f"The store's currency is {currency}."
        raise Invalid(errors=[FieldError(pointer, detail, "currency")])
    return money.amount


def money_body(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    """A sum as it is shown."""
    return None if amount is None else Money.parse(amount, currency).to_json()


def fact_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A price fact as it is shown."""
    shares = ("share", "fee_share", "use_share")
    plain = {name: value for name, value in row.items() if name != "currency"}
    plain |= {name: money_body(row[name], row["currency"]) for name in _MONEY}
    plain |= {name: None if row[name] is None else format(row[name].normalize(), "f") for name in shares}
    return bounded(plain)


class PriceFactsView(TenantView):
    """Prices by kind."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PriceFactQuery.of(PriceFactSerializer)}
    looks = "price_facts"

    @extend_schema(operation_id="list_price_facts", responses=page_of(PriceFactSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the price facts, the newest first; withdrawn ones only where asked for."""
        asked = self.query
        rows = facts_query(
            store_id=asked.get("store"),
            sku=asked.get("sku"),
            kind=asked.get("kind"),
            at=asked.get("at"),
            with_withdrawn=asked.get("withdrawn", False),
        )
        return self.page(rows, shape=fact_body)

    @extend_schema(
        operation_id="state_price_fact",
        request=PriceFactInput,
        responses={201: PriceFactSerializer},
        examples=[OpenApiExample("A coupon", value=_EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """State a price that no sync delivers; nothing is published by it anywhere."""
        asked = self.body(PriceFactInput)
        currency = require_listing(asked["store_id"], asked["sku"]).currency
        money: dict[str, Any] = {name: amount_of(asked.pop(name), currency, f"/{name}") for name in _MONEY}
        fact_id = state_fact(FactDraft(**asked, **money))
        return self.created(fact_body(get_fact(fact_id)), f"{self.base_path}/price-facts/{fact_id}")


class PriceFactDetailView(TenantView):
    """One price fact."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    looks = "price_facts"

    @extend_schema(operation_id="get_price_fact", responses=PriceFactSerializer, tags=TAGS)
    def get(self, request: Request, client: str, fact_id: int) -> Response:
        """Show a price fact, withdrawn or not."""
        return self.ok(fact_body(get_fact(fact_id)))


class PriceFactWithdrawalView(TenantView):
    """Taking back a price fact."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_WRITE}

    @extend_schema(operation_id="withdraw_price_fact", request=None, responses=PriceFactSerializer, tags=TAGS)
    def post(self, request: Request, client: str, fact_id: int) -> Response:
        """Withdraw a fact that was wrong; it stays on record and counts no more."""
        withdraw_fact(fact_id=fact_id)
        return self.ok(fact_body(get_fact(fact_id)))


class EffectivePriceView(TenantView):
    """What a buyer pays in the end."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": EffectivePriceQuery}
    looks = "price_facts"

    @extend_schema(operation_id="get_effective_price", responses=EffectivePriceSerializer, tags=TAGS)
    def get(self, request: Request, client: str, store_id: int, sku: str) -> Response:
        """Work out the effective price of a listing from all its price facts at a moment.

        A deal replaces the base price, else the lowest promotion does; one coupon, the one worth most, comes
        off; points lower what it comes to; a bundle is told beside.
        """
        at = self.query.get("at") or clock.now()
        store, found = find_effective_price(store_id, sku, at)
        amounts = {
            name: money_body(getattr(found, name), store.currency) if found else None for name in _AMOUNTS
        }
        body = {
            "store_id": store_id,
            "sku": sku,
            "at": at,
            "is_known": found is not None,
            **amounts,
            "shown_kind": found.shown_kind.value if found else None,
            "used": list(found.used) if found else [],
        }
        return self.ok(bounded(body))


class PriceEvidenceView(TenantView):
    """The proof of a former price."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": EvidenceQuery}
    looks = "price_evidence"

    @extend_schema(
        operation_id="get_price_evidence",
        responses=PriceEvidenceSerializer,
        tags=["pricing: price evidence"],
    )
    def get(self, request: Request, client: str, store_id: int, sku: str) -> Response:
        """Tell whether a former price may be shown beside a lower one on a day, by the observed history.

        Japan: asked on more than half of the days of the last eight weeks (or since sales began), on at least
        14 days, last at most 14 days ago. The United States and Mexico: see `law` and `reading`. A day counts
        when nothing cheaper was shown on it; a day of which nothing is on record proves nothing.
        """
        on = self.query.get("on") or clock.today(get_store(store_id).time_zone)
        store, found = get_evidence(store_id, sku, reference=self.query["reference_price"], on=on)
        return self.ok(bounded(evidence_body(store, sku, found)))
