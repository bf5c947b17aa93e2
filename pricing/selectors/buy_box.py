"""What decides on the featured offer of a listing beside its price, and the advice on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import F, Sum

from config.lib import clock
from connectors.facts.service import Performance
from connectors.facts.traffic import TrafficDay
from connectors.selectors.stores import get_store
from connectors.types import FulfilmentChannel
from pricing.engine.buy_box import BuyBoxAdvice, SellerMetric, Standing, advise
from pricing.engine.rivals import Findings
from pricing.engine.solve import lowest_price
from pricing.selectors.competitors import findings_of
from pricing.selectors.context import get_context
from pricing.selectors.listing_state import list_listing_rows
from pricing.types import PricingContext

_METRIC_DAYS = 30
_SHARE_DAYS = 7
_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class ListingAdvice:
    """The advice with what it was given on."""

    context: PricingContext
    standing: Standing
    advice: BuyBoxAdvice


def advice_for(*, store_id: int, sku: str, at: datetime | None = None) -> ListingAdvice:
    """Advise on the featured offer of a listing; `NotFound` for an unknown store or SKU."""
    at = at or clock.now()
    context = get_context(store_id, sku, at)
    standing = _standing(context, at)
    advice = advise(
        context.rivals,
        standing,
        price=context.price,
        floor=lowest_price(context.structure, context.floor_margin),
        tick=context.structure.tick,
    )
    return ListingAdvice(context, standing, advice)


def _standing(context: PricingContext, at: datetime) -> Standing:
    store = get_store(context.store_id)
    findings = findings_of(
        store=store,
        product_ids=[context.product_id],
        at=at,
        packs={context.product_id: context.pack_size},
        conditions={context.product_id: context.condition},
    ).get(context.product_id)
    status = next((row.status for row in list_listing_rows(store, [context.sku])), "")
    is_platform = FulfilmentChannel.PLATFORM.value
    return Standing(
        listing_status=status,
        stock_units=context.stock_units,
        metrics=_metrics(context),
        featured_share=_featured_share(context),
        is_platform_fulfilled=context.channel == is_platform if context.channel else None,
        is_featured_platform_fulfilled=_is_featured_by(findings, is_platform),
    )


def _is_featured_by(findings: Findings | None, channel: str) -> bool | None:
    rivals = findings.rivals if findings is not None else ()
    return next((offer.channel == channel for offer in rivals if offer.is_featured), None)


def _metrics(context: PricingContext) -> tuple[SellerMetric, ...]:
    """The newest report of each figure by which the platform judges the account."""
    rows = (
        Performance.objects.filter(
            store_id=context.store_id,
            reported_on__range=(context.on - timedelta(days=_METRIC_DAYS), context.on),
        )
        .order_by("metric", "scope", "-reported_on")
        .distinct("metric", "scope")
        .values_list("metric", "rate", "target", "target_condition", "status")
    )
    return tuple(
        SellerMetric(metric, rate, target if "LESS" in condition.upper() else None, status)
        for metric, rate, target, condition, status in rows
    )


def _featured_share(context: PricingContext) -> Decimal | None:
    """Views as featured offer over all views of the product in the last week."""
    found = TrafficDay.objects.filter(
        store_id=context.store_id,
        product_id=context.product_id,
        buy_box_share__isnull=False,
        business_on__range=(context.on - timedelta(days=_SHARE_DAYS), context.on),
    ).aggregate(featured=Sum(F("buy_box_share") * F("page_views")), views=Sum("page_views"))
    if not found["views"]:
        return None
    share: Decimal = Decimal(found["featured"]) / found["views"]
    return share.quantize(_PLACES, ROUND_HALF_UP)
