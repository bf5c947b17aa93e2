"""Who has to sign a price: the policy in force, the level it takes, who signed, and what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from config.lib.errors import NotFound
from pricing.engine.approval import Case, Needed
from pricing.engine.approval import level_for as needed_for
from pricing.engine.approval_policy import Policy, load
from pricing.engine.contribution import keeps
from pricing.engine.delay_cost import DelayCost, delay_cost
from pricing.engine.lifecycle import PENDING_STATES
from pricing.engine.prospects import expect
from pricing.engine.windows import due_at
from pricing.models import ApprovalDecision, ApprovalPolicy, Recommendation
from pricing.types import PricingContext, ProposalKind


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A policy and its version; version 0 is the product's own default, which nobody recorded."""

    store_id: int
    version: int
    effective_on: date | None
    policy: Policy
    recorded_at: datetime | None = None
    recorded_by: str = ""


@dataclass(frozen=True, slots=True)
class Stand:
    """At which version a recommendation is, and in which state and currency."""

    id: int
    version: int
    state: str
    currency: str


@dataclass(frozen=True, slots=True)
class DelayTotal:
    """What waiting costs in one currency; `unknown` counts suggestions whose gain nobody knows."""

    currency: str
    items: int = 0
    unknown: int = 0
    per_hour: Decimal = Decimal(0)
    so_far: Decimal = Decimal(0)


_DELAY_COLUMNS = ("gain_per_day_amount", "opened_at", "inputs")


def get_policy(store_id: int, on: date) -> PolicyVersion:
    """Return the approval policy of a store that is in force on a shop day; the default where none is."""
    row = (
        ApprovalPolicy.objects.filter(store_id=store_id, effective_on__lte=on)
        .order_by("-effective_on", "-version")
        .first()
    )
    if row is None:
        return PolicyVersion(store_id, 0, None, Policy())
    return PolicyVersion(
        store_id, row.version, row.effective_on, load(row.document), row.recorded_at, row.recorded_by
    )


def latest_version(store_id: int) -> int:
    """Return the number of the last recorded version, in force or not; 0 for none."""
    row = ApprovalPolicy.objects.filter(store_id=store_id).order_by("-version").values_list("version").first()
    return 0 if row is None else row[0]


def needed_at(
    policy: Policy, context: PricingContext, price: Decimal, *, clearance_floor: Decimal | None = None
) -> Needed:
    """Return the signatures that a price of a listing needs. `clearance_floor` is given for a clearance
    price, which may go below the landed floor, though never below that one."""
    keeps_landed = keeps(context.structure, price, context.floor_margin)
    return needed_for(
        policy.ranges,
        Case(
            price=price,
            current=context.price,
            margin=expect(context, price).margin,
            target_margin=context.target_margin,
            keeps_floor=keeps_landed,
            is_clearance=clearance_floor is not None and price >= clearance_floor,
            units_per_day=context.units_per_day,
        ),
    )


def level_for(
    store_id: int, context: PricingContext, price: Decimal, *, clearance_floor: Decimal | None = None
) -> str:
    """Return the level whose signature a price needs first ("" where nobody may approve it)."""
    policy = get_policy(store_id, context.on).policy
    needed = needed_at(policy, context, price, clearance_floor=clearance_floor)
    return needed.levels[0].value if needed.levels else ""


def due_of(store_id: int, on: date, asked_at: datetime) -> datetime | None:
    """Return until when a client that is asked at an instant has to decide; None without a window."""
    window = get_policy(store_id, on).policy.window
    return None if window is None else due_at(window, asked_at)


def signatures(recommendation_id: int) -> list[ApprovalDecision]:
    """Return the approving signatures on a recommendation, the first one first."""
    rows = ApprovalDecision.objects.filter(recommendation_id=recommendation_id, verdict="approved")
    return list(rows.order_by("id"))


def is_clearance(row: Recommendation) -> bool:
    """Whether a recommendation is for stock that is being cleared."""
    return row.kind == ProposalKind.CLEARANCE.value


def cost_of_delay(row: Recommendation | Mapping[str, Any], until: datetime) -> DelayCost:
    """Return what waiting since a recommendation (its row or its columns) was opened cost, by the bounded
    model."""
    if isinstance(row, Recommendation):
        row = {name: getattr(row, name) for name in _DELAY_COLUMNS}
    cover = row["inputs"].get("context", {}).get("cover_days")
    return delay_cost(
        row["gain_per_day_amount"],
        since=row["opened_at"],
        until=until,
        cover_days=None if cover is None else Decimal(str(cover)),
    )


def total_delay(store_id: int | None, until: datetime) -> list[DelayTotal]:
    """Return what all that waits costs, by currency."""
    found: dict[str, DelayTotal] = {}
    columns = ("currency", *_DELAY_COLUMNS)
    for row in pending_query(store_id=store_id).order_by("currency").values(*columns).iterator():
        cost, before = cost_of_delay(row, until), found.get(row["currency"]) or DelayTotal(row["currency"])
        found[row["currency"]] = DelayTotal(
            currency=row["currency"],
            items=before.items + 1,
            unknown=before.unknown + (cost.total is None),
            per_hour=before.per_hour + (cost.per_hour or 0),
            so_far=before.so_far + (cost.total or 0),
        )
    return list(found.values())


def get_stand(recommendation_id: int) -> Stand:
    """Return at which version a recommendation is; `NotFound`."""
    row = (
        Recommendation.objects.filter(pk=recommendation_id)
        .values_list("id", "version", "state", "currency")
        .first()
    )
    if row is None:
        raise NotFound(f"There is no recommendation {recommendation_id}.")
    return Stand(*row)


def pending_query(
    *, store_id: int | None = None, level: str | None = None, due_before: datetime | None = None
) -> QuerySet[Recommendation]:
    """Return the recommendations that wait for a signature."""
    rows = Recommendation.objects.filter(state__in=PENDING_STATES)
    if store_id is not None:
        rows = rows.filter(store_id=store_id)
    if level is not None:
        rows = rows.filter(level_needed=level)
    if due_before is not None:
        rows = rows.filter(due_at__lt=due_before)
    return rows


def decisions_query(recommendation_id: int) -> QuerySet[ApprovalDecision, dict[str, Any]]:
    """Return the decisions on a recommendation as a query for a page."""
    rows: QuerySet[ApprovalDecision, dict[str, Any]] = ApprovalDecision.objects.filter(
        recommendation_id=recommendation_id
    ).values(
        *("id", "recommendation_id", "level", "verdict", "amount", "is_override", "reason"),
        *("actor", "role", "at"),
    )
    return rows
