"""Which listings' prices are locked, by what and until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from config.lib.errors import NotFound
from pricing.models import PriceLock
from pricing.types import Lock, LockKind

LOCK = (
    "id", "store_id", "sku", "kind", "source_id", "from_at", "until_at", "reason", "set_at", "set_by",
    "released_at", "released_by", "release_reason",
)  # fmt: skip


def locks_of(store_id: int, skus: Collection[str] | None, at: datetime) -> dict[str, tuple[Lock, ...]]:
    """Return what locks the listings at an instant, by SKU; only locked ones. `skus` None: the whole store.

    A lock holds from its start to just before its end or its release. The source of one that a person set is
    the lock itself.
    """
    rows = PriceLock.objects.filter(_holding(at), store_id=store_id)
    if skus is not None:
        rows = rows.filter(sku__in=list(skus))
    found: dict[str, list[Lock]] = defaultdict(list)
    columns = ("id", "sku", "kind", "source_id", "until_at", "reason")
    for lock_id, sku, kind, source_id, until, reason in rows.order_by("sku", "id").values_list(*columns):
        found[sku].append(Lock(LockKind(kind), source_id or lock_id, until, reason))
    return {sku: tuple(locks) for sku, locks in found.items()}


def locks_query(
    *,
    store_id: int | None = None,
    sku: str | None = None,
    kind: str | None = None,
    at: datetime | None = None,
) -> QuerySet[Any, Any]:
    """Locks, for paging; with `at` only those that hold then."""
    asked = {"store_id": store_id, "sku": sku, "kind": kind}
    rows = PriceLock.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    if at is not None:
        rows = rows.filter(_holding(at))
    shown: QuerySet[Any, Any] = rows.values(*LOCK)
    return shown


def get_lock(lock_id: int) -> dict[str, Any]:
    """Return one lock; `NotFound` if there is none of this id."""
    row = PriceLock.objects.filter(pk=lock_id).values(*LOCK).first()
    if row is None:
        raise NotFound(f"there is no price lock {lock_id}")
    return dict(row)


def _holding(at: datetime) -> Q:
    started = Q(from_at__lte=at)
    not_over = Q(until_at__isnull=True) | Q(until_at__gt=at)
    not_released = Q(released_at__isnull=True) | Q(released_at__gt=at)
    return started & not_over & not_released
