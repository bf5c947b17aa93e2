"""What a listing cost before a promotion or clearance lowered it: the price from which cuts are counted."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from pricing.engine.promotions import PromotionState
from pricing.models import PromotionItem, Recommendation
from pricing.types import ProposalKind, RecommendationState

_LOWERED = (
    RecommendationState.EXECUTED,
    RecommendationState.PARTIAL,
    RecommendationState.DEVIATED,
    RecommendationState.EXTERNAL_CHANGE,
)
_UNPROVED = (PromotionState.RUNNING, PromotionState.ENDED, PromotionState.NOT_RESTORED)


def regular_prices_of(store_id: int, skus: Collection[str]) -> dict[str, Decimal]:
    """Return the regular price of the listings that a clearance step or a promotion lowered, by SKU.

    Of clearance, the price that its carried-out steps were counted from, else of a promotion that runs or
    whose price was not seen back, the price to be restored. The context tells that of the others.
    """
    items = PromotionItem.objects.filter(
        store_id=store_id, sku__in=list(skus), promotion__state__in=[state.value for state in _UNPROVED]
    ).exclude(is_restored=True)
    found = dict(items.order_by("id").values_list("sku", "restore_amount"))
    steps = (
        Recommendation.objects.filter(
            store_id=store_id,
            sku__in=list(skus),
            kind=ProposalKind.CLEARANCE.value,
            state__in=[state.value for state in _LOWERED],
        )
        .order_by("id")
        .values_list("sku", "inputs__clearance__regular_price")
    )
    return found | {sku: Decimal(regular) for sku, regular in steps if regular is not None}
