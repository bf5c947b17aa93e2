"""Promotions over HTTP: checked, planned, called off, on a calendar, and watched until prices are back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import time, timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.etag import etag_of
from config.lib.api.pagination import Keyset
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from config.lib.errors import BadRequest, FieldError
from connectors.selectors.stores import get_store
from pricing.api.boundary import bounded
from pricing.api.price_facts import amount_of, money_body
from pricing.api.promotion_forms import (
    CalendarQuery,
    PromotionCalendarSerializer,
    PromotionCancellation,
    PromotionInput,
    PromotionQuery,
    PromotionSerializer,
    PromotionVerdictSerializer,
)
from pricing.engine.price_history import PriceKind
from pricing.engine.promotions import COOL_DOWN_DAYS, MOST_SHARE, WINDOW_DAYS, Terms, rhythm
from pricing.selectors.promotions import get_promotion, items_of, list_calendar, promotions_query, windows_of
from pricing.services.promotions import (
    ItemDraft,
    PromotionDraft,
    cancel_promotion,
    check_body,
    check_promotion,
    plan_promotion,
)
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: promotions"]
_MONEY = ("coupon_amount", "coupon_fee_amount")
_SHARES = ("coupon_share", "coupon_fee_share", "points_share", "ad_uplift_share", "expected_uplift")
_MOST_DAYS = 366
_EXAMPLE = {
    "store_id": 1,
    "name": "Black Friday",
    "starts_on": "2026-11-27",
    "starts_time": "00:00",
    "ends_on": "2026-12-01",
    "ends_time": "00:00",
    "items": [{"sku": "TENT", "promo_price": {"amount": "25.99", "currency": "USD"}}],
}


def promotion_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A promotion with its listings as it is shown."""
    currency = row["currency"]
    hidden = ("currency", "budget_amount", "items")
    plain = {name: value for name, value in row.items() if name not in hidden}
    plain |= {name: money_body(row[name], currency) for name in _MONEY}
    plain |= {name: None if row[name] is None else format(row[name].normalize(), "f") for name in _SHARES}
    plain["budget"] = money_body(row["budget_amount"], currency)
    plain["items"] = [_item_body(item, currency) for item in row["items"]]
    return bounded(plain)


def _item_body(item: Mapping[str, Any], currency: str) -> dict[str, Any]:
    kept = ("id", "sku", "is_restored", "restored_at", "checked_at", "alarmed_at", "recommendation_id")
    prices = ("promo", "pre", "restore", "observed")
    return {name: item[name] for name in kept} | {
        f"{name}_price": money_body(item[f"{name}_amount"], currency) for name in prices
    }


def draft_of(asked: Mapping[str, Any]) -> PromotionDraft:
    """A plan from a request; `NotFound` for an unknown store, `Invalid` for sums in another currency."""
    currency = get_store(asked["store_id"]).currency
    money = {name: amount_of(asked[name], currency, f"/{name}") for name in _MONEY}
    given = {**asked, **money}
    terms = Terms(**{field.name: given[field.name] or Terms().coupon_share for field in fields(Terms)})
    items = [
        ItemDraft(
            item["sku"],
            item["promo_price"].amount,
            amount_of(item["restore_price"], currency, f"/items/{n}/restore_price"),
        )
        for n, item in enumerate(asked["items"])
        if amount_of(item["promo_price"], currency, f"/items/{n}/promo_price") is not None
    ]
    same = (
        "store_id", "name", "starts_on", "ends_on", "ends_time", "shows_reference",
        "restore_hours", "expected_uplift", "note",
    )  # fmt: skip
    return PromotionDraft(
        **{name: asked[name] for name in same},
        starts_time=asked.get("starts_time", time.min),
        kind=PriceKind(asked["kind"]),
        items=items,
        terms=terms,
        budget=amount_of(asked["budget"], currency, "/budget"),
    )


class PromotionsView(TenantView):
    """What is planned, runs and ran."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": PromotionQuery.of(PromotionSerializer)}
    looks = "promotions"

    @extend_schema(operation_id="list_promotions", responses=page_of(PromotionSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the promotions, the newest first."""
        asked = self.query
        rows = promotions_query(store_id=asked.get("store"), state=asked.get("state"), sku=asked.get("sku"))

        def fetch(keyset: Keyset, limit: int) -> list[dict[str, Any]]:
            found = list(rows.filter(keyset.condition()).order_by(*keyset.order_by)[:limit])
            items = items_of([row["id"] for row in found])
            return [{**row, "items": items.get(row["id"], [])} for row in found]

        return self.page(fetch, shape=promotion_body)

    @extend_schema(
        operation_id="plan_promotion",
        request=PromotionInput,
        responses={201: PromotionSerializer},
        examples=[OpenApiExample("Four days", value=_EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Plan a promotion and lock its listings while it runs; 422 with every check that blocks it.

        A person starts and ends it on the platform; afterwards observed prices have to prove that the price
        is back within `restore_hours`.
        """
        promotion_id = plan_promotion(draft_of(self.body(PromotionInput)))
        row = get_promotion(promotion_id)
        where = f"{self.base_path}/promotions/{promotion_id}"
        return self.created(promotion_body(row), where, etag=etag_of(row["version"]))


class PromotionCheckView(TenantView):
    """Trying a plan."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_READ}

    @extend_schema(
        operation_id="check_promotion",
        request=PromotionInput,
        responses=PromotionVerdictSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Say what speaks against a plan: depth, rest, share of days, overlap, former price, budget."""
        checked = check_promotion(draft_of(self.body(PromotionInput)))
        body = {
            "may_plan": not any(check.blocks for check in checked.checks),
            "starts_at": checked.starts_at,
            "ends_at": checked.ends_at,
            "checks": [check_body(check) for check in checked.checks],
        }
        return self.ok(bounded(body))


class PromotionDetailView(TenantView):
    """One promotion."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    looks = "promotions"

    @extend_schema(operation_id="get_promotion", responses=PromotionSerializer, tags=TAGS)
    def get(self, request: Request, client: str, promotion_id: int) -> Response:
        """Show a promotion, and whether its prices were seen back."""
        row = get_promotion(promotion_id)
        return self.ok(promotion_body(row), etag=etag_of(row["version"]))


class PromotionCancellationView(TenantView):
    """Calling a promotion off."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_WRITE}

    @extend_schema(
        operation_id="cancel_promotion",
        request=PromotionCancellation,
        responses=PromotionSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, client: str, promotion_id: int) -> Response:
        """Call off what is planned or runs, and release its locks; 409 once it has ended."""
        cancel_promotion(promotion_id=promotion_id, reason=self.body(PromotionCancellation)["reason"])
        row = get_promotion(promotion_id)
        return self.ok(promotion_body(row), etag=etag_of(row["version"]))


class PromotionCalendarView(TenantView):
    """The calendar of a store."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": CalendarQuery}
    looks = "promotions"

    @extend_schema(operation_id="get_promotion_calendar", responses=PromotionCalendarSerializer, tags=TAGS)
    def get(self, request: Request, client: str, store_id: int) -> Response:
        """Show what runs in a range of shop days, and for its listings how often and when next."""
        store = get_store(store_id)
        first = self.query.get("first") or clock.today(store.time_zone)
        last = self.query.get("last") or first + timedelta(days=WINDOW_DAYS)
        if not first <= last <= first + timedelta(days=_MOST_DAYS):
            detail = f"A calendar has 1 to {_MOST_DAYS} days and ends after its start."
            raise BadRequest(errors=[FieldError("", detail, "range", parameter="last")])
        rows = list_calendar(store, first, last)
        skus = sorted({item["sku"] for row in rows for item in row["items"]})
        lines = []
        for sku, windows in sorted(windows_of(store, skus).items()):
            recent, since = rhythm(windows, last)
            end = max(window.last for window in windows)
            lines.append(
                {
                    "sku": sku,
                    "days_of_eight_weeks": recent,
                    "share": f"{recent / WINDOW_DAYS:.4f}",
                    "most_share": str(MOST_SHARE),
                    "days_since_last": since,
                    "next_start_on": end + timedelta(days=COOL_DOWN_DAYS + 1),
                }
            )
        body = {
            "store_id": store_id,
            "time_zone": store.time_zone,
            "first": first,
            "last": last,
            "data": [promotion_body(row) for row in rows],
            "rhythm": lines,
        }
        return self.ok(bounded(body))
