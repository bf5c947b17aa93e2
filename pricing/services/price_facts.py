"""Stating prices that no sync delivers, each kind as a fact of its own, and withdrawing what was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid, NotFound
from pricing.engine.price_history import PriceKind
from pricing.models import PriceFact
from pricing.selectors.price_facts import require_listing
from tenants import audit
from tenants.context import current_actor

BY_SHARE = (PriceKind.COUPON, PriceKind.POINTS)


@dataclass(frozen=True, slots=True)
class FactDraft:
    """A price fact as somebody states it; see `pricing.engine.effective_price.DatedFact`. Amounts are in the
    store's currency; `source` says where it was read."""

    store_id: int
    sku: str
    kind: PriceKind
    from_at: datetime
    until_at: datetime | None
    source: str
    amount: Decimal | None = None
    share: Decimal | None = None
    quantity: int = 1
    fee_amount: Decimal | None = None
    fee_share: Decimal | None = None
    use_share: Decimal | None = None
    promotion_id: int | None = None


def state_fact(draft: FactDraft) -> int:
    """Record a price fact and return its id.

    `NotFound` for an unknown store or SKU, `Invalid` with every fault: an amount and a share or neither, a
    share of what has none, an end before the start, several units of no bundle, fees of no coupon.
    """
    store = require_listing(draft.store_id, draft.sku)
    if faults := _faults(draft):
        raise Invalid(errors=faults)
    with transaction.atomic():
        row = PriceFact.objects.create(
            **{name: getattr(draft, name) for name in draft.__slots__ if name != "kind"},
            kind=draft.kind.value,
            currency=store.currency,
            stated_at=clock.now(),
            stated_by=current_actor().label,
        )
        audit.record("price_fact.stated", target=("price_fact", row.pk), after=_audited(row))
    return row.pk


def withdraw_fact(*, fact_id: int) -> None:
    """Take back a fact that was wrong; it stays on record. One that is withdrawn already stays as it is."""
    with transaction.atomic():
        row = PriceFact.objects.select_for_update().filter(pk=fact_id).first()
        if row is None:
            raise NotFound(f"there is no price fact {fact_id}")
        if row.withdrawn_at is not None:
            return
        row.withdrawn_at, row.withdrawn_by = clock.now(), current_actor().label
        row.save(update_fields=["withdrawn_at", "withdrawn_by"])
        audit.record("price_fact.withdrawn", target=("price_fact", row.pk), after=_audited(row))


def _faults(draft: FactDraft) -> list[FieldError]:
    found = []
    if (draft.amount is None) == (draft.share is None):
        found.append(FieldError("/amount", "State either an amount or a share.", "one_of"))
    if draft.share is not None and draft.kind not in BY_SHARE:
        found.append(FieldError("/share", "Only coupons and points can be a share.", "kind"))
    if draft.until_at is not None and draft.until_at <= draft.from_at:
        found.append(FieldError("/until", "The end must be after the start.", "order"))
    if (draft.quantity > 1) != (draft.kind is PriceKind.BUNDLE):
        found.append(FieldError("/quantity", "A bundle, and only a bundle, has several units.", "kind"))
    fees = (draft.fee_amount, draft.fee_share, draft.use_share)
    if draft.kind is not PriceKind.COUPON and any(fee is not None for fee in fees):
        found.append(FieldError("/fee_amount", "Only coupons have a fee and a share of use.", "kind"))
    return found


def _audited(row: PriceFact) -> dict[str, Any]:
    return {
        "store_id": row.store_id,
        "sku": row.sku,
        "kind": row.kind,
        "from": row.from_at.isoformat(),
        "until": row.until_at.isoformat() if row.until_at else None,
        "amount": None if row.amount is None else str(row.amount),
        "share": None if row.share is None else str(row.share),
        "quantity": row.quantity,
        "source": row.source,
        "withdrawn": row.withdrawn_at is not None,
    }
