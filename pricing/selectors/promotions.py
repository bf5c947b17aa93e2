"""Promotions with their listings, the calendar of a store, and what is due to be watched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from config.lib.calendars import day_bounds
from config.lib.errors import NotFound
from connectors.types import StoreRef
from pricing.engine.promotions import PromotionState, Window, window_of
from pricing.models import Promotion, PromotionItem

PROMOTION = (
    "id", "store_id", "name", "kind", "state", "version", "currency", "time_zone", "starts_at", "ends_at",
    "restore_hours", "shows_reference", "coupon_amount", "coupon_share", "coupon_fee_amount",
    "coupon_fee_share", "points_share", "ad_uplift_share", "expected_uplift", "budget_amount", "note",
    "checks", "planned_at", "planned_by", "closed_at", "cancel_reason",
)  # fmt: skip
ITEM = (
    "id", "promotion_id", "sku", "promo_amount", "pre_amount", "restore_amount", "is_restored", "restored_at",
    "observed_amount", "checked_at", "alarmed_at", "recommendation_id",
)  # fmt: skip
OPEN_ENDED = (PromotionState.ENDED.value, PromotionState.NOT_RESTORED.value)


@dataclass(frozen=True, slots=True)
class ItemView:
    """One listing of a promotion as it is to be watched."""

    id: int
    promotion_id: int
    sku: str
    promo_amount: Decimal
    restore_amount: Decimal
    is_restored: bool | None
    alarmed_at: datetime | None


def promotions_query(
    *, store_id: int | None = None, state: str | None = None, sku: str | None = None
) -> QuerySet[Any, Any]:
    """Promotions, for paging."""
    asked = {"store_id": store_id, "state": state, "items__sku": sku}
    rows = Promotion.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    shown: QuerySet[Any, Any] = rows.values(*PROMOTION)
    return shown


def items_of(promotion_ids: Collection[int]) -> Mapping[int, list[dict[str, Any]]]:
    """Return the listings of promotions, by promotion and SKU."""
    rows = PromotionItem.objects.filter(promotion_id__in=list(promotion_ids)).order_by("sku").values(*ITEM)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["promotion_id"]].append(dict(row))
    return found


def get_promotion(promotion_id: int) -> dict[str, Any]:
    """Return one promotion with its `items`; `NotFound` if there is none of this id."""
    row = Promotion.objects.filter(pk=promotion_id).values(*PROMOTION).first()
    if row is None:
        raise NotFound(f"there is no promotion {promotion_id}")
    return {**row, "items": items_of([promotion_id]).get(promotion_id, [])}


def windows_of(store: StoreRef, skus: Collection[str]) -> Mapping[str, list[Window]]:
    """Return the shop days of every promotion of these listings that was not cancelled, by SKU."""
    rows = (
        PromotionItem.objects.filter(store_id=store.id, sku__in=list(skus))
        .exclude(promotion__state=PromotionState.CANCELLED.value)
        .order_by("promotion__starts_at", "id")
        .values_list("sku", "promotion__starts_at", "promotion__ends_at", "promotion_id")
    )
    found: dict[str, list[Window]] = defaultdict(list)
    for sku, starts, ends, promotion_id in rows:
        found[sku].append(window_of(starts, ends, store.time_zone, promotion_id))
    return found


def list_calendar(store: StoreRef, first: date, last: date) -> list[dict[str, Any]]:
    """Return a store's promotions that touch some shop day from `first` to `last`, by their start."""
    begin, end = day_bounds(first, store.time_zone)[0], day_bounds(last, store.time_zone)[1]
    rows = Promotion.objects.filter(store_id=store.id, starts_at__lt=end, ends_at__gt=begin)
    rows = rows.exclude(state=PromotionState.CANCELLED.value).order_by("starts_at", "id")
    shown = list(rows.values(*PROMOTION))
    items = items_of([row["id"] for row in shown])
    return [{**row, "items": items.get(row["id"], [])} for row in shown]


def list_due(now: datetime) -> list[int]:
    """Return the promotions that have to begin, to end, or to be looked at for their prices, oldest first."""
    due = (
        Q(state=PromotionState.PLANNED.value, starts_at__lte=now)
        | Q(state=PromotionState.RUNNING.value, ends_at__lte=now)
        | Q(state__in=OPEN_ENDED)
    )
    return list(Promotion.objects.filter(due).order_by("ends_at", "id").values_list("id", flat=True))
