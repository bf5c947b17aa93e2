"""Suggestions for the tests of approval, and what syncs say of our prices afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

from connectors.selectors.stores import get_store
from connectors.services.record_facts import record_facts
from connectors.types import FulfilmentChannel, ListingRecord, OfferRecord, Record
from pricing.models import Recommendation
from pricing.services.proposals import propose
from pricing.types import Bounds, PricingContext, ProposalKind, Reason
from tests.pricing.recommendations.listings import context

NOW = datetime(2026, 11, 19, 15, tzinfo=UTC)
WHY = (Reason("margin", "Raise to the target margin"),)


def listing(store_id: int, sku: str = "TENT", price: str = "30.00", **changes: Any) -> PricingContext:
    """The context of a listing of the store at a price, everything fresh."""
    return context(
        **{
            "sku": sku,
            "store_id": store_id,
            "product_id": f"B0{sku}",
            "at": NOW,
            "on": NOW.date(),
            "price": D(price),
            "day_start_price": D(price),
            "last_changed_at": NOW - timedelta(days=3),
            "bounds": Bounds(D("5.00"), D("60.00"), None),
            **changes,
        }
    )


def suggest(store_id: int, price: str, sku: str = "TENT", **changes: Any) -> Recommendation:
    """A suggestion for a listing."""
    given = changes.pop("context", None) or listing(store_id, sku)
    kind = changes.pop("kind", ProposalKind.RULES)
    found = propose(context=given, kind=kind, price=D(price), reasons=WHY, **changes)
    return Recommendation.objects.get(pk=found)


def sync_listing(store_id: int, price: str, at: datetime, sku: str = "TENT") -> None:
    """What a sync of the listings report brings, by the way of all facts."""
    record = ListingRecord(
        sku=sku,
        product_id=f"B0{sku}",
        title=sku.title(),
        status="active",
        condition="new",
        channel=FulfilmentChannel.PLATFORM,
        currency=get_store(store_id).currency,
        price_amount=D(price),
        opened_on=None,
        source_updated_at=at,
    )
    _record(store_id, "listings", record, at)


def sync_offer(store_id: int, price: str, at: datetime, sku: str = "TENT") -> None:
    """What a sync of offers brings of our own one."""
    record = OfferRecord(
        product_id=f"B0{sku}",
        seller_id="A1",
        is_own=True,
        condition="new",
        channel=FulfilmentChannel.PLATFORM,
        observed_at=at,
        business_on=at.date(),
        currency=get_store(store_id).currency,
        price_amount=D(price),
        shipping_amount=D(0),
        points_amount=D(0),
        landed_amount=D(price),
        is_featured=True,
        source_updated_at=at,
    )
    _record(store_id, "offers", record, at)


def _record(store_id: int, dataset: str, record: Record, at: datetime) -> None:
    days = (at.date(), at.date())
    record_facts(store_id=store_id, records=[record], dataset=dataset, covered=days, source="test")
