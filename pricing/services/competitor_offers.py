"""Recording offers seen in a permitted source: the facts by connectors, their source and pack here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import FieldError, Invalid
from config.lib.money import Money
from connectors.selectors.skus import list_skus
from connectors.selectors.stores import get_store
from connectors.services.record_facts import record_facts
from connectors.types import Family, FulfilmentChannel, OfferRecord, StoreRef
from pricing.engine.condition import Condition, condition_of
from pricing.models import PermittedSource, SourcedOffer
from tenants import audit

MOST_OFFERS = 500
MOST_DAYS_OLD = 30


@dataclass(frozen=True, slots=True)
class SeenOffer:
    """An offer of another seller as somebody saw it. `pack_size` None: nobody knows how many pieces."""

    product_id: str
    seller_id: str
    condition: str
    channel: FulfilmentChannel
    observed_at: datetime
    price: Money
    shipping: Money
    points: Money
    pack_size: int | None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class RecordedOffers:
    """What became of offers: how many are new or changed, how many were known, and their run."""

    recorded: int
    unchanged: int
    run_id: int | None


def record_offers(*, store_id: int, source: str, offers: Sequence[SeenOffer]) -> RecordedOffers:
    """Record offers seen in a permitted source, all of them or none.

    `Invalid` names every fault: a source that is not permitted in the store's market today, a product the
    store does not sell, a blank seller, another currency, a price that is none, a strange time or condition.
    `NotFound` for an unknown store.
    """
    store = get_store(store_id)
    faults = [*_source_faults(store, source), *_offer_faults(store, offers)]
    if faults:
        raise Invalid(errors=faults)
    now = clock.now()
    with transaction.atomic():
        done = record_facts(
            store_id=store_id,
            records=[_record(store, offer, now) for offer in offers],
            dataset=Family.OFFERS,
            covered=None,
            source=f"pricing.{source}",
        )
        rows = [
            SourcedOffer(
                store_id=store_id,
                product_id=offer.product_id,
                seller_id=offer.seller_id,
                condition=offer.condition,
                channel=offer.channel,
                observed_at=offer.observed_at,
                source=source,
                pack_size=offer.pack_size,
                reference=offer.reference,
                run_id=done.run_id or 0,
            )
            for offer in offers
        ]
        SourcedOffer.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["store_id", "product_id", "seller_id", "condition", "channel", "observed_at"],
            update_fields=["source", "pack_size", "reference", "run_id"],
        )
        audit.record(
            "competitor_offers.recorded",
            target=("store", store_id),
            after={"source": source, "offers": len(offers), "run_id": done.run_id},
        )
    return RecordedOffers(done.inserted + done.changed, done.unchanged, done.run_id)


def _record(store: StoreRef, offer: SeenOffer, now: datetime) -> OfferRecord:
    return OfferRecord(
        product_id=offer.product_id,
        seller_id=offer.seller_id,
        is_own=False,
        condition=offer.condition,
        channel=offer.channel,
        observed_at=offer.observed_at,
        business_on=business_day(offer.observed_at, store.time_zone),
        currency=store.currency,
        price_amount=offer.price.amount,
        shipping_amount=offer.shipping.amount,
        points_amount=offer.points.amount,
        landed_amount=offer.price.amount + offer.shipping.amount - offer.points.amount,
        is_featured=False,
        source_updated_at=now,
    )


def _source_faults(store: StoreRef, source: str) -> Iterator[FieldError]:
    today = clock.today(store.time_zone)
    is_permitted = PermittedSource.objects.filter(
        key=source, is_active=True, market__in=("", store.market), allowed_on__lte=today
    ).exists()
    if not is_permitted:
        told = f"{source!r} is not permitted in {store.market} today; register it with its ground first."
        yield FieldError("/source", told, "source_not_permitted")


def _offer_faults(store: StoreRef, offers: Sequence[SeenOffer]) -> Iterator[FieldError]:
    now, known = clock.now(), set(list_skus(store.id).values())
    seen: set[tuple[object, ...]] = set()
    for number, offer in enumerate(offers):
        at = f"/offers/{number}"
        if offer.product_id not in known:
            yield FieldError(f"{at}/product_id", "The store sells no such product.", "unknown_product")
        if not offer.seller_id.strip():
            yield FieldError(f"{at}/seller_id", "A blank seller may be ourselves.", "blank_seller")
        if condition_of(offer.condition) is Condition.UNKNOWN:
            told = "Say new, used, refurbished or collectible."
            yield FieldError(f"{at}/condition", told, "unknown_condition")
        if not now - timedelta(days=MOST_DAYS_OLD) <= offer.observed_at <= now:
            told = f"It must have been seen in the last {MOST_DAYS_OLD} days, not later than now."
            yield FieldError(f"{at}/observed_at", told, "out_of_time")
        for name, money in (("price", offer.price), ("shipping", offer.shipping), ("points", offer.points)):
            if money.currency != store.currency:
                told = f"The store sells in {store.currency}."
                yield FieldError(f"{at}/{name}/currency", told, "currency")
        key = (offer.product_id, offer.seller_id, offer.condition, offer.channel, offer.observed_at)
        if key in seen:
            yield FieldError(at, "The same offer of the same moment stands twice in the list.", "duplicate")
        seen.add(key)
