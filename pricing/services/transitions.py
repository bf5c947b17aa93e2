"""The one place where a recommendation's state changes: by the table, once, written down and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from config.lib import clock
from config.lib.errors import Conflict, NotFound, gettext_noop
from pricing.engine.lifecycle import EXECUTION_STATES, Move, event_of, step
from pricing.models import Recommendation
from pricing.types import LIVE_STATES, RecommendationState
from tenants import audit, outbox
from tenants.context import current_actor

EVENT = "pricing.transitioned"
_REASON_LENGTH = 500


class RecommendationChanged(Conflict):
    """Somebody else decided, or the suggestion was replaced, since it was read; nothing was changed."""

    code = "recommendation_changed"
    title = gettext_noop("The recommendation has changed since you read it")
    default_remedy = gettext_noop("Read it again and decide on what it says now.")


class MoveNotAllowed(Conflict):
    """The recommendation's state does not allow this; nothing was changed."""

    code = "move_not_allowed"
    title = gettext_noop("The recommendation's state does not allow this")
    default_remedy = gettext_noop("Read the recommendation; only live ones can be decided on.")


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that was made: `version` is the version after it."""

    recommendation_id: int
    store_id: int
    sku: str
    before: RecommendationState
    after: RecommendationState
    version: int


def move(
    recommendation_id: int,
    to: RecommendationState,
    *,
    version: int | None = None,
    reason: str = "",
    amount: Decimal | None = None,
    at: datetime | None = None,
    level_needed: str | None = None,
    due_at: datetime | None = None,
    superseded_by_id: int | None = None,
) -> Moved:
    """Move a recommendation to `to` in one transaction with its audit entry and the news of it.

    `amount` is the approved price (to APPROVED) or the observed one (to an observed state), `at` the instant
    of the fact (default: now), `level_needed` and `due_at` who signs next and until when (to ESCALATED).
    `NotFound`; `RecommendationChanged` when `version` is given and no longer current; `MoveNotAllowed` for
    a step that `pricing.engine.lifecycle` does not have.
    """
    with transaction.atomic():
        row = Recommendation.objects.select_for_update().filter(pk=recommendation_id).first()
        if row is None:
            raise NotFound(f"There is no recommendation {recommendation_id}.")
        if version is not None and row.version != version:
            raise RecommendationChanged(f"Recommendation {recommendation_id} is at version {row.version}.")
        present = RecommendationState(row.state)
        _permitted(present, to)
        before = _audited(row)
        row.state = to.value
        row.version += 1
        _stamp(row, to, reason=reason, amount=amount, at=at or clock.now())
        if level_needed is not None:
            row.level_needed = level_needed
        if due_at is not None:
            row.due_at = due_at
        if superseded_by_id is not None:
            row.superseded_by_id = superseded_by_id
        row.save()
        outbox.emit(EVENT, _news(row, present))
        audit.record(
            f"recommendation.{to.value}",
            target=("recommendation", row.pk),
            before=before,
            after=_audited(row) | ({"reason": reason} if reason else {}),
        )
    return Moved(row.pk, row.store_id, row.sku, present, to, row.version)


def withdraw_all(rows: QuerySet[Recommendation], *, reason: str) -> int:
    """Withdraw all live ones among `rows` in one statement of the caller's transaction; returns how many.

    For a halt, which must not take longer with 10,000 suggestions than with one: the audit has one entry with
    all ids, and the caller tells the news.
    """
    now = clock.now()
    locked = rows.filter(state__in=LIVE_STATES).select_for_update().order_by("id")
    ids = list(locked.values_list("id", flat=True))
    Recommendation.objects.filter(pk__in=ids).update(
        state=RecommendationState.WITHDRAWN.value,
        version=F("version") + 1,
        decided_by=current_actor().label[:150],
        decision_reason=reason[:_REASON_LENGTH],
        closed_at=now,
    )
    if ids:
        audit.record(
            "recommendation.withdrawn",
            target=("recommendation", "many"),
            after={"ids": ids, "state": RecommendationState.WITHDRAWN.value, "reason": reason},
        )
    return len(ids)


def _permitted(present: RecommendationState, to: RecommendationState) -> Move:
    event = event_of(to)
    found = None if event is None else step(present, event)
    if found is None:
        raise MoveNotAllowed(f"A recommendation that is {present.value} cannot become {to.value}.")
    return found


def _stamp(
    row: Recommendation, to: RecommendationState, *, reason: str, amount: Decimal | None, at: datetime
) -> None:
    """Fill in what the new state says of when, by whom and at what price."""
    if to is RecommendationState.APPROVED:
        row.approved_at = at
        row.approved_amount = row.suggested_amount if amount is None else amount
    if to in (RecommendationState.APPROVED, RecommendationState.REJECTED, RecommendationState.WITHDRAWN):
        row.decided_by = current_actor().label[:150]
        row.decision_reason = reason[:_REASON_LENGTH]
    if to in (*EXECUTION_STATES, RecommendationState.EXTERNAL_CHANGE):
        row.observed_at = at
        row.observed_amount = amount
    if to not in LIVE_STATES:
        row.closed_at = clock.now()


def _news(row: Recommendation, before: RecommendationState) -> Mapping[str, Any]:
    return {
        "recommendation_id": row.pk,
        "store_id": row.store_id,
        "sku": row.sku,
        "kind": row.kind,
        "source_id": row.source_id,
        "before": before.value,
        "state": row.state,
    }


def _audited(row: Recommendation) -> dict[str, Any]:
    return {
        "store_id": row.store_id,
        "sku": row.sku,
        "state": row.state,
        "version": row.version,
        "suggested": str(row.suggested_amount),
        "approved": None if row.approved_amount is None else str(row.approved_amount),
        "observed": None if row.observed_amount is None else str(row.observed_amount),
        "level_needed": row.level_needed,
    }
