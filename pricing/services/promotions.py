"""Planning promotions after everything that may speak against them, and calling them off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from pricing.engine.price_history import PriceKind
from pricing.engine.promotions import (
    MOST_RESTORE_HOURS,
    STEPS,
    NoSuchTime,
    Plan,
    PlannedItem,
    PromotionState,
    Terms,
    check_plan,
    instant_of,
    window_of,
)
from pricing.models import Promotion, PromotionItem
from pricing.selectors.context import load_contexts
from pricing.selectors.price_evidence import load_history
from pricing.selectors.promotions import windows_of
from pricing.services.locks import release_locks_of, set_lock
from pricing.types import LockKind, PriceCheck
from tenants import audit, outbox
from tenants.context import current_actor, require_client

EVENT = "pricing.promotion_changed"
ZERO = Decimal(0)
_HISTORY = timedelta(days=120)


class PromotionRefused(Invalid):
    """Something in the plan is not permitted: below the floor, too often, too long, unproved."""

    code = "promotion_refused"
    title = gettext_noop("The promotion cannot run as planned")
    default_remedy = gettext_noop(
        "See the checks, change the plan, and have it checked before it is planned."
    )


class PromotionStepRefused(Conflict):
    """The step does not follow from the promotion's state."""

    code = "promotion_step_refused"
    title = gettext_noop("The promotion is past this step")


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """One listing: the price of the promotion, and the one afterwards (None: the present one)."""

    sku: str
    promo_amount: Decimal
    restore_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class PromotionDraft:
    """A promotion as somebody plans it; days and times are those of the market's clocks."""

    store_id: int
    name: str
    kind: PriceKind
    starts_on: date
    starts_time: time
    ends_on: date
    ends_time: time
    items: Sequence[ItemDraft]
    terms: Terms
    shows_reference: bool = True
    restore_hours: int = MOST_RESTORE_HOURS
    expected_uplift: Decimal | None = None
    budget: Decimal | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a plan comes to: its instants, the present prices it starts from, and what speaks against it."""

    starts_at: datetime
    ends_at: datetime
    present: Mapping[str, Decimal]
    checks: tuple[PriceCheck, ...]


def check_promotion(draft: PromotionDraft) -> Checked:
    """Say what speaks against a plan; nothing is written.

    `NotFound` for an unknown store or SKU, `Invalid` for times that do not exist or have passed, SKUs named
    twice, or listings without a present price.
    """
    store = get_store(draft.store_id)
    now = clock.now()
    starts_at, ends_at = _instants(draft, store, now)
    skus = [item.sku for item in draft.items]
    contexts = {context.sku: context for context in load_contexts(store_id=store.id, skus=skus)}
    _require_listings(draft, contexts)
    today = business_day(now, store.time_zone)
    others = windows_of(store, skus)
    present = {sku: context.price for sku, context in contexts.items() if context.price is not None}
    items = []
    for item in draft.items:
        context = contexts[item.sku]
        before = present[item.sku]
        items.append(
            PlannedItem(
                sku=item.sku,
                promo_price=item.promo_amount,
                pre_price=before,
                restore_price=item.restore_amount if item.restore_amount is not None else before,
                structure=None if context.missing else context.structure,
                floor_margin=context.floor_margin,
                history=load_history(store, item.sku, today - _HISTORY, today),
                others=tuple(others.get(item.sku, ())),
                units_per_day=context.units_per_day,
            )
        )
    plan = Plan(
        market=store.market,
        window=window_of(starts_at, ends_at, store.time_zone),
        today=today,
        terms=draft.terms,
        shows_reference=draft.shows_reference,
        items=tuple(items),
        budget=draft.budget,
        expected_uplift=draft.expected_uplift,
    )
    return Checked(starts_at, ends_at, present, check_plan(plan))


def plan_promotion(draft: PromotionDraft) -> int:
    """Plan a promotion and lock its listings' prices while it runs; returns its id.

    `PromotionRefused` with every blocking check; errors of `check_promotion`. Plans of one store are made one
    after the other, so two of them cannot overlap unseen.
    """
    store = get_store(draft.store_id)
    with transaction.atomic():
        _lock_plans(store.id)
        checked = check_promotion(draft)
        blocking = [check for check in checked.checks if check.blocks]
        if blocking:
            raise PromotionRefused(
                errors=[FieldError(_pointer(draft, check), _told(check), check.code) for check in blocking]
            )
        row = _create(draft, store, checked)
        for item in draft.items:
            before = checked.present[item.sku]
            PromotionItem.objects.create(
                promotion=row,
                store_id=store.id,
                sku=item.sku,
                promo_amount=item.promo_amount,
                pre_amount=before,
                restore_amount=before if item.restore_amount is None else item.restore_amount,
            )
            set_lock(
                store_id=store.id,
                sku=item.sku,
                kind=LockKind.PROMOTION,
                source_id=row.pk,
                from_at=checked.starts_at,
                until_at=checked.ends_at,
                reason=f"promotion {row.name}"[:300],
            )
        outbox.emit(EVENT, {"promotion_id": row.pk, "store_id": store.id, "state": row.state})
        audit.record("promotion.planned", target=("promotion", row.pk), after=audited(row))
    return row.pk


def cancel_promotion(*, promotion_id: int, version: int | None = None, reason: str) -> None:
    """Call off a promotion that is planned or runs, and release its locks.

    `PromotionStepRefused` once it has ended, `Invalid` without a reason, `PreconditionFailed` for another
    version. One that runs already must be ended on the platform by a person: nothing is written there.
    """
    if not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Say why it is called off.", "required")])
    with transaction.atomic():
        row = lock_promotion(promotion_id)
        if version is not None and row.version != version:
            raise PreconditionFailed
        row.cancel_reason = reason.strip()
        step(row, PromotionState.CANCELLED)
        release_locks_of(
            kind=LockKind.PROMOTION, source_id=row.pk, reason=f"cancelled: {reason.strip()}"[:300]
        )


def lock_promotion(promotion_id: int) -> Promotion:
    """Return a promotion's row for a change in this transaction; `NotFound` if there is none."""
    row = Promotion.objects.select_for_update().filter(pk=promotion_id).first()
    if row is None:
        raise NotFound(f"there is no promotion {promotion_id}")
    return row


def step(row: Promotion, to: PromotionState) -> None:
    """Move a locked promotion to a state that follows from its present one, or `PromotionStepRefused`."""
    present = PromotionState(row.state)
    if to not in STEPS[present]:
        raise PromotionStepRefused(f"a promotion that is {present.value} cannot become {to.value}")
    before = audited(row)
    row.state, row.version = to.value, row.version + 1
    if not STEPS[to] or to is PromotionState.NOT_RESTORED:
        row.closed_at = clock.now()
    row.save()
    outbox.emit(EVENT, {"promotion_id": row.pk, "store_id": row.store_id, "state": row.state})
    audit.record("promotion.changed", target=("promotion", row.pk), before=before, after=audited(row))


def audited(row: Promotion) -> dict[str, Any]:
    """What the audit keeps of a promotion."""
    return {
        "store_id": row.store_id,
        "name": row.name,
        "state": row.state,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "items": [
            {"sku": item.sku, "promo": str(item.promo_amount), "restore": str(item.restore_amount)}
            for item in row.items.order_by("sku")
        ],
        "cancel_reason": row.cancel_reason,
    }


def _instants(draft: PromotionDraft, store: StoreRef, now: datetime) -> tuple[datetime, datetime]:
    found: dict[str, datetime] = {}
    faults = []
    for name, day, at, is_end in (
        ("starts", draft.starts_on, draft.starts_time, False),
        ("ends", draft.ends_on, draft.ends_time, True),
    ):
        try:
            found[name] = instant_of(day, at, store.time_zone, is_end=is_end)
        except NoSuchTime as error:
            faults.append(FieldError(f"/{name}_time", f"{error}.", "no_such_time"))
    if not 1 <= draft.restore_hours <= MOST_RESTORE_HOURS:
        detail = f"Prices must be back within 1 to {MOST_RESTORE_HOURS} hours."
        faults.append(FieldError("/restore_hours", detail, "range"))
    if not faults and found["ends"] <= found["starts"]:
        faults.append(FieldError("/ends_on", "The end must be after the start.", "order"))
    if "starts" in found and found["starts"] <= now:
        faults.append(FieldError("/starts_on", "The start must be in the future.", "past"))
    if faults:
        raise Invalid(errors=faults)
    return found["starts"], found["ends"]


def _require_listings(draft: PromotionDraft, contexts: Mapping[str, Any]) -> None:
    seen: set[str] = set()
    faults = []
    for n, item in enumerate(draft.items):
        if item.sku not in contexts:
            raise NotFound(f"store {draft.store_id} has no active listing {item.sku!r}")
        if item.sku in seen:
            faults.append(FieldError(f"/items/{n}/sku", "The SKU is named twice.", "repeated"))
        if contexts[item.sku].price is None:
            faults.append(FieldError(f"/items/{n}/sku", "The present price is not known.", "no_price"))
        seen.add(item.sku)
    if faults:
        raise Invalid(errors=faults)


def _lock_plans(store_id: int) -> None:
    with connection.cursor() as cursor:
        key = f"pricing.promotions:{require_client().id}:{store_id}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _create(draft: PromotionDraft, store: StoreRef, checked: Checked) -> Promotion:
    terms = {name: value or None for name, value in asdict(draft.terms).items()}
    return Promotion.objects.create(
        store_id=store.id,
        name=draft.name,
        kind=draft.kind.value,
        state=PromotionState.PLANNED.value,
        currency=store.currency,
        time_zone=store.time_zone,
        starts_at=checked.starts_at,
        ends_at=checked.ends_at,
        restore_hours=draft.restore_hours,
        shows_reference=draft.shows_reference,
        expected_uplift=draft.expected_uplift,
        budget_amount=draft.budget,
        note=draft.note,
        checks=[check_body(check) for check in checked.checks],
        planned_at=clock.now(),
        planned_by=current_actor().label,
        **terms,
    )


def check_body(check: PriceCheck) -> dict[str, Any]:
    """A check in plain values."""
    return {
        "code": check.code,
        "blocks": check.blocks,
        "text": check.text,
        "reference": check.reference,
        "values": dict(check.values),
    }


def _pointer(draft: PromotionDraft, check: PriceCheck) -> str:
    sku = check.values.get("sku")
    place = next((n for n, item in enumerate(draft.items) if item.sku == sku), None)
    return "/budget" if place is None else f"/items/{place}"


def _told(check: PriceCheck) -> str:
    figures = ", ".join(f"{name} {value}" for name, value in check.values.items() if value)
    return f"{check.text} ({figures})" if figures else check.text
