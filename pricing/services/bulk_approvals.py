"""Approving many suggestions at once: chosen by a filter, checked one by one, told one by one."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from config.lib.errors import AppError, FieldError, Invalid
from pricing.models import Recommendation
from pricing.selectors.approvals import pending_query
from pricing.selectors.context import load_contexts
from pricing.services.approvals import Approver, approve
from pricing.types import PricingContext

MOST_ITEMS = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """Which waiting suggestions to approve; None sets no condition. Changes are fractions of the price."""

    ids: tuple[int, ...] | None = None
    store_id: int | None = None
    kind: str | None = None
    tier: str | None = None
    level: str | None = None
    run_id: int | None = None
    largest_change: Decimal | None = None
    least_margin: Decimal | None = None
    least_confidence: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one suggestion: `status` is the HTTP status it would have had alone."""

    recommendation_id: int
    sku: str
    status: int
    state: str
    code: str = ""
    detail: str = ""


class _Undo(Exception):
    """Takes everything back; never leaves this module."""


def approve_many(
    *, choice: Choice, approver: Approver, reason: str, dry_run: bool = False, atomic: bool = False
) -> list[ItemResult]:
    """Sign every chosen suggestion that waits, in the order of their ids; at most 1,000.

    Each is checked as if alone, and one that fails keeps the others from nothing, unless `atomic`: then none
    is approved if one fails. `dry_run` tells what would happen and changes nothing. `Invalid` for more than
    1,000 or a choice without any condition.
    """
    rows = _chosen(choice)
    results: list[ItemResult] = []
    try:
        with transaction.atomic():
            contexts = _contexts(rows)
            results = [_one(row, approver, reason, contexts.get((row.store_id, row.sku))) for row in rows]
            if dry_run or (atomic and any(each.status >= 400 for each in results)):
                raise _Undo
    except _Undo:
        before = {row.pk: row.state for row in rows}
        if not dry_run:
            results = [_undone(each, before[each.recommendation_id]) for each in results]
    return results


def _chosen(choice: Choice) -> list[Recommendation]:
    if choice == Choice():
        raise Invalid(errors=[FieldError("/filter", "Name at least one condition.", "required")])
    rows = pending_query(store_id=choice.store_id, level=choice.level)
    exact = {"kind": choice.kind, "tier": choice.tier, "run_id": choice.run_id}
    rows = rows.filter(**{name: value for name, value in exact.items() if value is not None})
    if choice.ids is not None:
        rows = rows.filter(pk__in=choice.ids)
    if choice.least_margin is not None:
        rows = rows.filter(expected_margin__gte=choice.least_margin)
    if choice.least_confidence is not None:
        rows = rows.filter(confidence__gte=choice.least_confidence)
    found = [
        row
        for row in rows.order_by("id")[: MOST_ITEMS * 10]
        if choice.largest_change is None or _changes_at_most(row, choice.largest_change)
    ]
    if len(found) > MOST_ITEMS:
        raise Invalid(
            errors=[FieldError("/filter", f"It chooses more than {MOST_ITEMS} suggestions.", "too_many")]
        )
    return found


def _changes_at_most(row: Recommendation, share: Decimal) -> bool:
    current = row.current_amount
    return current is not None and abs(row.suggested_amount - current) <= share * current


def _contexts(rows: list[Recommendation]) -> dict[tuple[int, str], PricingContext]:
    by_store: dict[int, list[str]] = {}
    for row in rows:
        by_store.setdefault(row.store_id, []).append(row.sku)
    return {
        (store_id, context.sku): context
        for store_id, skus in by_store.items()
        for context in load_contexts(store_id=store_id, skus=skus)
    }


def _one(row: Recommendation, approver: Approver, reason: str, context: PricingContext | None) -> ItemResult:
    try:
        decided = approve(
            recommendation_id=row.pk, version=row.version, approver=approver, reason=reason, context=context
        )
    except AppError as error:
        if error.status >= 500:
            raise
        state = Recommendation.objects.values_list("state", flat=True).get(pk=row.pk)
        return ItemResult(row.pk, row.sku, error.status, state, error.code, error.detail)
    return ItemResult(row.pk, row.sku, 200, decided.state.value)


def _undone(result: ItemResult, state: str) -> ItemResult:
    if result.status >= 400:
        return ItemResult(
            result.recommendation_id, result.sku, result.status, state, result.code, result.detail
        )
    told = "Not done, because another one could not be."
    return ItemResult(result.recommendation_id, result.sku, 409, state, "taken_back", told)
