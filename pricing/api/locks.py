"""Locks of listings' prices over HTTP: who holds what until when, setting one by hand, releasing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.lib import clock
from config.lib.api.query import QuerySerializer
from config.lib.api.schema import page_of
from pricing.api.lock_forms import LockInput, LockQuery, LockRelease, PriceLockSerializer
from pricing.selectors.locks import get_lock, locks_query
from pricing.services.locks import release_lock, set_lock
from pricing.types import BOUNDARY, LockKind
from tenants.http import TenantView
from tenants.permissions import Capability

TAGS = ["pricing: locks"]
_EXAMPLE = {
    "store_id": 1,
    "sku": "TENT",
    "kind": "manual",
    "until": "2026-11-30T08:00:00Z",
    "reason": "The client negotiates with the supplier.",
}


def lock_body(row: Mapping[str, Any]) -> dict[str, Any]:
    """A lock as it is shown."""
    return {**row, "boundary": BOUNDARY}


class PriceLocksView(TenantView):
    """What locks prices."""

    capabilities: ClassVar[Mapping[str, Capability]] = {
        "GET": Capability.PRICE_READ,
        "POST": Capability.PRICE_WRITE,
    }
    queries: ClassVar[Mapping[str, type[QuerySerializer]]] = {"GET": LockQuery.of(PriceLockSerializer)}
    looks = "price_locks"

    @extend_schema(operation_id="list_price_locks", responses=page_of(PriceLockSerializer), tags=TAGS)
    def get(self, request: Request, client: str) -> Response:
        """List the locks, the newest first; `holding=true` those that hold now."""
        asked = self.query
        rows = locks_query(
            store_id=asked.get("store"),
            sku=asked.get("sku"),
            kind=asked.get("kind"),
            at=clock.now() if asked.get("holding") else None,
        )
        return self.page(rows, shape=lock_body)

    @extend_schema(
        operation_id="set_price_lock",
        request=LockInput,
        responses={201: PriceLockSerializer},
        examples=[OpenApiExample("By hand", value=_EXAMPLE, request_only=True)],
        tags=TAGS,
    )
    def post(self, request: Request, client: str) -> Response:
        """Lock a listing's price; a lock of the same kind set by hand before is replaced."""
        asked = self.body(LockInput)
        lock_id = set_lock(
            store_id=asked["store_id"],
            sku=asked["sku"],
            kind=LockKind(asked["kind"]),
            until_at=asked["until"],
            reason=asked["reason"],
        )
        return self.created(lock_body(get_lock(lock_id)), f"{self.base_path}/price-locks/{lock_id}")


class PriceLockDetailView(TenantView):
    """One lock."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"GET": Capability.PRICE_READ}
    looks = "price_locks"

    @extend_schema(operation_id="get_price_lock", responses=PriceLockSerializer, tags=TAGS)
    def get(self, request: Request, client: str, lock_id: int) -> Response:
        """Show a lock, over or not."""
        return self.ok(lock_body(get_lock(lock_id)))


class PriceLockReleaseView(TenantView):
    """Releasing a lock."""

    capabilities: ClassVar[Mapping[str, Capability]] = {"POST": Capability.PRICE_WRITE}

    @extend_schema(
        operation_id="release_price_lock", request=LockRelease, responses=PriceLockSerializer, tags=TAGS
    )
    def post(self, request: Request, client: str, lock_id: int) -> Response:
        """Release a lock that a person set; 409 for one that a promotion, test or pilot holds."""
        release_lock(lock_id=lock_id, reason=self.body(LockRelease)["reason"])
        return self.ok(lock_body(get_lock(lock_id)))
