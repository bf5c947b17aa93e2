"""Price facts of listings, and the effective price they come to at a moment."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from config.lib.errors import NotFound
from config.lib.money import exponent
from connectors.facts.catalog import Listing
from connectors.selectors.skus import list_skus
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from pricing.engine.effective_price import DatedFact, EffectivePrice, effective_price
from pricing.engine.price_history import PriceKind
from pricing.models import PriceFact
from pricing.selectors.history import prices_at

ZERO, ONE = Decimal(0), Decimal(1)
FACT = (
    "id", "store_id", "sku", "kind", "currency", "from_at", "until_at", "amount", "share", "quantity",
    "fee_amount", "fee_share", "use_share", "promotion_id", "source", "stated_at", "stated_by",
    "withdrawn_at", "withdrawn_by",
)  # fmt: skip


def require_listing(store_id: int, sku: str) -> StoreRef:
    """Return the store; `NotFound` for an unknown store or a SKU that it does not have."""
    store = get_store(store_id)
    if sku not in list_skus(store_id):
        raise NotFound(f"store {store_id} has no SKU {sku!r}")
    return store


def minor_unit(currency: str) -> Decimal:
    """The smallest unit of a currency: 0.01 of a dollar, 1 yen."""
    return Decimal(1).scaleb(-exponent(currency))


def facts_query(
    *,
    store_id: int | None = None,
    sku: str | None = None,
    kind: str | None = None,
    at: datetime | None = None,
    with_withdrawn: bool = False,
) -> QuerySet[Any, Any]:
    """Price facts, for paging; with `at` only those in force then."""
    asked = {"store_id": store_id, "sku": sku, "kind": kind}
    rows = PriceFact.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    if not with_withdrawn:
        rows = rows.filter(withdrawn_at__isnull=True)
    if at is not None:
        rows = rows.filter(Q(until_at__isnull=True) | Q(until_at__gt=at), from_at__lte=at)
    shown: QuerySet[Any, Any] = rows.values(*FACT)
    return shown


def get_fact(fact_id: int) -> dict[str, Any]:
    """Return one price fact, withdrawn or not; `NotFound` if there is none of this id."""
    row = PriceFact.objects.filter(pk=fact_id).values(*FACT).first()
    if row is None:
        raise NotFound(f"there is no price fact {fact_id}")
    return dict(row)


def list_facts(store_id: int, sku: str, first: datetime, last: datetime) -> list[DatedFact]:
    """Return the facts of a listing that hold at some moment from `first` to `last`, none withdrawn."""
    rows = PriceFact.objects.filter(
        Q(until_at__isnull=True) | Q(until_at__gt=first),
        store_id=store_id,
        sku=sku,
        from_at__lte=last,
        withdrawn_at__isnull=True,
    ).order_by("id")
    return [
        DatedFact(
            id=row.pk,
            kind=PriceKind(row.kind),
            from_at=row.from_at,
            until_at=row.until_at,
            amount=row.amount,
            share=row.share,
            quantity=row.quantity,
            fee_amount=row.fee_amount or ZERO,
            fee_share=row.fee_share or ZERO,
            use_share=ONE if row.use_share is None else row.use_share,
        )
        for row in rows
    ]


def base_price(store_id: int, sku: str, at: datetime) -> Decimal | None:
    """Return the listing's own price at an instant: the last one observed by then, else what it shows now."""
    observed = prices_at(store_id, [sku], at).get(sku)
    if observed is not None:
        return observed
    return (
        Listing.objects.filter(store_id=store_id, sku=sku, source_updated_at__lte=at)
        .values_list("price_amount", flat=True)
        .first()
    )


def find_effective_price(store_id: int, sku: str, at: datetime) -> tuple[StoreRef, EffectivePrice | None]:
    """Return the store and what a buyer pays in the end at an instant, None where no price is known."""
    store = require_listing(store_id, sku)
    facts = list_facts(store_id, sku, at, at)
    base = base_price(store_id, sku, at)
    return store, effective_price(facts, at, base=base, minor=minor_unit(store.currency))
