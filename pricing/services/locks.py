"""Setting and releasing locks: while one holds, no rule moves the listing's price."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, gettext_noop
from connectors.selectors.skus import list_skus
from connectors.selectors.stores import get_store
from pricing.models import PriceLock
from pricing.types import LockKind
from tenants import audit
from tenants.context import current_actor

BY_HAND = (LockKind.MANUAL, LockKind.FREEZE)
"""The kinds that a person sets and releases; the others belong to a promotion, test or pilot."""


class LockHeldElsewhere(Conflict):
    """The lock belongs to a promotion, a test or a pilot, which alone releases it."""

    code = "lock_held_elsewhere"
    title = gettext_noop("The lock is held by something that is running")


def set_lock(
    *,
    store_id: int,
    sku: str,
    kind: LockKind,
    source_id: int = 0,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    reason: str,
) -> int:
    """Lock a listing's price from a moment (now) until another (None: until released); returns the lock's id.

    A lock of the same kind and source that has not been released is replaced by the new one. `NotFound` for
    an unknown store or SKU, `Invalid` for an end that is not after the start or a missing reason.
    """
    get_store(store_id)
    if sku not in list_skus(store_id):
        raise NotFound(f"store {store_id} has no SKU {sku!r}")
    now = clock.now()
    start = from_at or now
    faults = []
    if until_at is not None and until_at <= max(start, now):
        faults.append(FieldError("/until", "The end must be after the start and in the future.", "order"))
    if not reason.strip():
        faults.append(FieldError("/reason", "Say why the price is to stay.", "required"))
    if faults:
        raise Invalid(errors=faults)
    with transaction.atomic():
        audit_before = _release_rows(
            PriceLock.objects.filter(store_id=store_id, sku=sku, kind=kind.value, source_id=source_id),
            now,
            "replaced",
        )
        row = PriceLock.objects.create(
            store_id=store_id,
            sku=sku,
            kind=kind.value,
            source_id=source_id,
            from_at=start,
            until_at=until_at,
            reason=reason.strip(),
            set_at=now,
            set_by=current_actor().label,
        )
        audit.record(
            "price_lock.set",
            target=("price_lock", row.pk),
            before={"replaced": audit_before} if audit_before else None,
            after=_audited(row),
        )
    return row.pk


def release_lock(*, lock_id: int, reason: str = "") -> None:
    """Release a lock that a person set; one that is over already stays as it is.

    `NotFound` for an unknown lock, `LockHeldElsewhere` for that of a promotion, test or pilot.
    """
    with transaction.atomic():
        row = PriceLock.objects.select_for_update().filter(pk=lock_id).first()
        if row is None:
            raise NotFound(f"there is no price lock {lock_id}")
        if LockKind(row.kind) not in BY_HAND:
            raise LockHeldElsewhere(
                f"lock {lock_id} is held by {row.kind} {row.source_id}",
                remedy=f"End or cancel the {row.kind}; that releases its locks.",
            )
        if row.released_at is not None:
            return
        _release(row, reason)


def release_locks_of(
    *, kind: LockKind, source_id: int, skus: Collection[str] | None = None, reason: str
) -> int:
    """Release what a promotion, test or pilot holds (of some SKUs only, if named); returns how many locks."""
    with transaction.atomic():
        rows = PriceLock.objects.select_for_update().filter(
            kind=kind.value, source_id=source_id, released_at__isnull=True
        )
        held = list((rows if skus is None else rows.filter(sku__in=list(skus))).order_by("id"))
        for row in held:
            _release(row, reason)
    return len(held)


def _release(row: PriceLock, reason: str) -> None:
    before = _audited(row)
    row.released_at = clock.now()
    row.released_by = current_actor().label
    row.release_reason = reason
    row.save(update_fields=["released_at", "released_by", "release_reason"])
    audit.record("price_lock.released", target=("price_lock", row.pk), before=before, after=_audited(row))


def _release_rows(rows: Any, now: datetime, reason: str) -> list[int]:
    held = list(rows.filter(released_at__isnull=True).select_for_update().values_list("pk", flat=True))
    PriceLock.objects.filter(pk__in=held).update(
        released_at=now, released_by=current_actor().label, release_reason=reason
    )
    return held


def _audited(row: PriceLock) -> dict[str, Any]:
    return {
        "store_id": row.store_id,
        "sku": row.sku,
        "kind": row.kind,
        "source_id": row.source_id,
        "from": row.from_at.isoformat(),
        "until": row.until_at.isoformat() if row.until_at else None,
        "reason": row.reason,
        "released_at": row.released_at.isoformat() if row.released_at else None,
        "release_reason": row.release_reason,
    }
