"""What time does to suggestions: who has to sign until when, reminders, and what nobody decided expires."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from config.lib import clock
from config.lib.errors import Conflict
from pricing.engine import snapshot
from pricing.engine.approval import Level
from pricing.engine.lifecycle import PENDING_STATES
from pricing.engine.windows import due_reminders
from pricing.models import ApprovalReminder, Recommendation
from pricing.selectors.approvals import cost_of_delay, due_of, get_policy, is_clearance, level_for
from pricing.services.transitions import move
from pricing.types import RecommendationState
from tenants import audit, outbox

DUE = "pricing.approval_due"
_BATCH = 500


@dataclass(frozen=True, slots=True)
class WindowResult:
    """What a look at the clock did."""

    assigned: int
    reminded: int
    expired: int


def run_windows() -> WindowResult:
    """Do what is due now for all suggestions of the client; safe to repeat."""
    return WindowResult(assign_levels(), remind(), expire_due())


def assign_levels(recommendation_ids: Iterable[int] | None = None) -> int:
    """Say of suggestions without one whose signature they need and, for the client's, until when."""
    rows = Recommendation.objects.filter(state=RecommendationState.OPEN.value, level_needed="")
    if recommendation_ids is not None:
        rows = rows.filter(pk__in=list(recommendation_ids))
    assigned = []
    with transaction.atomic():
        for row in rows.select_for_update().order_by("id")[:_BATCH]:
            context = snapshot.load(row.inputs["context"])
            floor = row.floor_amount if is_clearance(row) else None
            row.level_needed = level_for(row.store_id, context, row.suggested_amount, clearance_floor=floor)
            if row.level_needed == Level.CLIENT.value:
                row.due_at = due_of(row.store_id, context.on, row.opened_at)
            if row.level_needed:
                assigned.append(row)
        Recommendation.objects.bulk_update(assigned, ["level_needed", "due_at"])
        if assigned:
            audit.record(
                "recommendations.assigned",
                target=("recommendation", "many"),
                after={"levels": {str(row.pk): row.level_needed for row in assigned}},
            )
    return len(assigned)


def remind() -> int:
    """Emit a `pricing.approval_due` for each reminder whose time has come; each goes out once.

    When several are due at once (the worker was away), one reminder is sent for all.
    """
    now, sent = clock.now(), 0
    rows = Recommendation.objects.filter(
        state__in=PENDING_STATES, level_needed=Level.CLIENT.value, due_at__gt=now
    )
    for row in rows.order_by("due_at", "id"):
        window = get_policy(row.store_id, now.date()).policy.window
        due = row.due_at
        if window is None or due is None:
            continue
        with transaction.atomic():
            fresh = [
                hours
                for hours in due_reminders(window, due, now)
                if ApprovalReminder.objects.get_or_create(
                    recommendation_id=row.pk, due_at=due, hours_before=hours, defaults={"sent_at": now}
                )[1]
            ]
            if not fresh:
                continue
            _tell_due(row, due, now)
            sent += 1
    return sent


def expire_due() -> int:
    """Expire what nobody decided in time, and approved prices that nobody carried out; returns how many."""
    now, expired = clock.now(), 0
    pending = Q(state__in=PENDING_STATES) & (Q(expires_at__lte=now) | Q(due_at__lte=now))
    for row in Recommendation.objects.filter(pending).order_by("id"):
        expired += _expire(row, _missed(row, now))
    waiting = Recommendation.objects.filter(state=RecommendationState.APPROVED.value)
    for row in waiting.order_by("id"):
        days = get_policy(row.store_id, now.date()).policy.execution_days
        if row.approved_at is not None and row.approved_at + timedelta(days=days) <= now:
            expired += _expire(row, f"not carried out within {days} days of the approval")
    return expired


def _missed(row: Recommendation, now: datetime) -> str:
    if row.due_at is None or row.due_at > now:
        return "nobody decided before it expired"
    cost = cost_of_delay(row, row.due_at)
    told = "" if cost.total is None else f"; waiting cost about {cost.total:f} {row.currency}"
    return f"the client's window was missed{told}"


def _expire(row: Recommendation, reason: str) -> bool:
    try:
        move(row.pk, RecommendationState.EXPIRED, version=row.version, reason=reason)
    except Conflict:
        # Somebody decided at this very moment; theirs is the word.
        return False
    return True


def _tell_due(row: Recommendation, due: datetime, now: datetime) -> None:
    cost = cost_of_delay(row, now)
    outbox.emit(
        DUE,
        {
            "recommendation_id": row.pk,
            "store_id": row.store_id,
            "sku": row.sku,
            "level": row.level_needed,
            "due_at": due.isoformat(),
            "cost_per_hour": None if cost.per_hour is None else str(cost.per_hour),
            "cost_so_far": None if cost.total is None else str(cost.total),
            "currency": row.currency,
        },
    )
    audit.record(
        "approval.reminded",
        target=("recommendation", row.pk),
        after={"due_at": due.isoformat(), "level": row.level_needed},
    )
