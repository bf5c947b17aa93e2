"""Which warnings of platforms stand, how much time is left for each, and how appeals ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from alerts.engine.health import DECIDED, ON_THE_CLOCK, UNSETTLED, WarningState, hours_left
from alerts.engine.proportions import Share, wilson
from alerts.models import HealthStep, HealthWarning, PlanOfAction
from alerts.types import Severity
from config.lib import clock
from config.lib.errors import NotFound
from pricing.selectors.halts import get_halt
from tenants import crypto

Row = dict[str, Any]
TABLE, ORIGINAL = "alerts_healthwarning", "original"
WARNING = (
    "id", "store_id", "platform", "source", "kind", "severity", "title", "reference", "fields",
    "original_type", "original_size", "original_sha256", "received_at", "deadline_at", "deadline_basis",
    "state", "owner_id", "owner", "root_cause", "outcome", "halt_id", "freeze_released_at",
    "freeze_released_by", "submitted_at", "submitted_by", "submission_reference", "decided_at", "opened_at",
    "opened_by", "version",
)  # fmt: skip
PLAN = (
    "number", "language", "sections", "evidence", "gaps", "sha256", "is_drafted", "drafted_at", "drafted_by",
    "signed_at", "signed_by", "sign_note", "returned_at", "returned_by", "return_reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WarningClock:
    """An unanswered warning with its deadline, for detectors, the portfolio and SLA clocks."""

    warning_id: int
    store_id: int
    kind: str
    severity: Severity
    title: str
    state: str
    received_at: datetime
    deadline_at: datetime | None
    hours_left: Decimal | None


def warnings_query(
    *,
    store_id: int | None = None,
    state: str | None = None,
    kind: str | None = None,
    open_only: bool | None = None,
) -> QuerySet[Any, Any]:
    """Warnings, for paging; `open_only` those with which nobody is done."""
    asked = {"store_id": store_id, "state": state, "kind": kind}
    rows = HealthWarning.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    if open_only is not None:
        rows = rows.filter(state__in=UNSETTLED) if open_only else rows.exclude(state__in=UNSETTLED)
    shown: QuerySet[Any, Any] = rows.values(*WARNING)
    return shown


def get_warning(warning_id: int) -> Row:
    """Return one warning as `told` shows it; `NotFound` if there is none of this id."""
    row = HealthWarning.objects.filter(pk=warning_id).values(*WARNING).first()
    if row is None:
        raise NotFound(f"There is no health warning {warning_id}.")
    return told(row)


def told(row: Mapping[str, Any]) -> Row:
    """A warning with what the clock adds: `hours_left`, and whether its freeze holds at this moment."""
    deadline = row["deadline_at"]
    runs = deadline is not None and row["state"] in ON_THE_CLOCK
    return {
        **row,
        "hours_left": str(hours_left(deadline, clock.now())) if runs else None,
        "is_frozen": row["halt_id"] is not None and get_halt(row["halt_id"]).resumed_at is None,
    }


def list_clocks(store_id: int | None = None) -> list[WarningClock]:
    """Return the warnings that wait for our answer, the nearest deadline first, those without one last."""
    rows = HealthWarning.objects.filter(state__in=ON_THE_CLOCK)
    if store_id is not None:
        rows = rows.filter(store_id=store_id)
    now = clock.now()
    found = [
        WarningClock(
            warning_id=row.pk,
            store_id=row.store_id,
            kind=row.kind,
            severity=Severity(row.severity),
            title=row.title,
            state=row.state,
            received_at=row.received_at,
            deadline_at=row.deadline_at,
            hours_left=None if row.deadline_at is None else hours_left(row.deadline_at, now),
        )
        for row in rows.order_by("id")
    ]
    return sorted(
        found, key=lambda each: (each.deadline_at is None, each.deadline_at or now, each.warning_id)
    )


def list_freezing(store_id: int) -> list[int]:
    """Return the critical warnings of a store that nobody settled or released."""
    rows = HealthWarning.objects.filter(
        store_id=store_id,
        severity=Severity.CRITICAL.value,
        state__in=UNSETTLED,
        halt_id__isnull=False,
        freeze_released_at=None,
    )
    return list(rows.order_by("id").values_list("id", flat=True))


def read_original(warning_id: int) -> tuple[bytes, str, str]:
    """Return the message as it came, its media type and its SHA-256; `NotFound` where there is none."""
    row = HealthWarning.objects.filter(pk=warning_id).first()
    if row is None or row.original is None:
        raise NotFound(f"There is no original of a health warning {warning_id}.")
    body = crypto.unseal_bytes(row.original, table=TABLE, row=row.pk, field=ORIGINAL)
    return body, row.original_type, row.original_sha256


def list_steps(warning_id: int) -> list[Row]:
    """Return every step of a warning, the first one first; `NotFound` for an unknown warning."""
    get_warning(warning_id)
    rows = HealthStep.objects.filter(warning_id=warning_id).order_by("id")
    return [dict(row) for row in rows.values("before", "after", "note", "at", "by")]


def list_plans(warning_id: int) -> list[Row]:
    """Return every version of a warning's plan of action, the latest first."""
    get_warning(warning_id)
    rows = PlanOfAction.objects.filter(warning_id=warning_id).order_by("-number")
    return [dict(row) for row in rows.values(*PLAN)]


def get_plan(warning_id: int, number: int) -> Row:
    """Return one version of a plan of action; `NotFound`."""
    row = PlanOfAction.objects.filter(warning_id=warning_id, number=number).values(*PLAN).first()
    if row is None:
        raise NotFound(f"Warning {warning_id} has no plan of action {number}.")
    return dict(row)


def list_outcomes() -> list[tuple[str, str, Share]]:
    """Return how often an answer was accepted, by kind of warning and root cause, the commonest first.

    Of those that the platform decided or that ran out of time; the dismissed say nothing.
    """
    rows = (
        HealthWarning.objects.filter(state__in=[state.value for state in DECIDED])
        .values("kind", "root_cause")
        .annotate(n=Count("id"), hits=Count("id", filter=Q(state=WarningState.ACCEPTED.value)))
        .order_by("-n", "kind", "root_cause")
    )
    return [(row["kind"], row["root_cause"], wilson(row["hits"], row["n"])) for row in rows]
