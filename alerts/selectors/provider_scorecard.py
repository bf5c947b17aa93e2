"""The agency measured at the current client: what it delivered, what it promised, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from alerts.engine.provider_score import (
    Share,
    improvement,
    middle,
    reviews_due,
    share_of,
    weeks_within,
)
from alerts.selectors.agreement import Agreements
from alerts.selectors.sla import ClockKind, Decided, list_decided
from config.lib.calendars import Period, business_day, day_bounds
from config.lib.errors import Invalid, gettext_noop
from connectors.selectors.stores import list_stores
from kpis.selectors.actions import actions_query
from kpis.selectors.reviews import reviews_query
from kpis.selectors.scorecards import get_scorecard
from kpis.types import Direction
from pricing.selectors.approval_waits import list_waited
from tenants.context import require_client
from tenants.types import STAFF_ROLES

_CANCELLED = "cancelled"
_STAFF = frozenset(role.value for role in STAFF_ROLES)
_BETTER = (Direction.UP.value, Direction.DOWN.value)
_LONGEST_DAYS = 100

FORMULAS = {
    "reviews_on_time": gettext_noop(
        "Reviews held within 7 days after their week or 10 days after their month / reviews that the contract"
        " made due"
    ),
    "actions_on_time": gettext_noop("Actions done by their day / actions due, cancelled ones left out"),
    "alerts_answered": gettext_noop(
        "Alerts acknowledged within the promised time / alerts of which that is decided"
    ),
    "approvals_answered": gettext_noop(
        "Suggested prices the agency answered within the promised time / those of which that is decided"
    ),
    "approval_hours": gettext_noop("Median hours from a suggested price to the agency's first answer"),
    "uplift": gettext_noop(
        "Median over stores and KPIs with a frozen baseline of (median of the period's weeks − baseline) /"
        " |baseline|, counted as better in the KPI's own direction"
    ),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of the agency. `n` is how many cases it rests on; None without any."""

    key: str
    value: Decimal | None
    unit: str
    n: int
    parts: tuple[dict[str, Any], ...] = ()

    @property
    def formula(self) -> str:
        """How it is worked out."""
        return FORMULAS[self.key]


@dataclass(frozen=True, slots=True)
class ProviderScorecard:
    """All of them for a period; `until` is where it ends, or now within it."""

    period: Period
    until: datetime
    contract_version: int
    measures: tuple[Measure, ...] = field(default_factory=tuple)


def get_provider_scorecard(period: Period, now: datetime) -> ProviderScorecard:
    """Return how the agency did at the current client in a period up to a quarter.

    Only what was decided by `now` counts: a review or action is late from the day after its last one.
    `Invalid` for a longer period, and for one that has not begun.
    """
    client = require_client()
    begins, _ = day_bounds(period.start, client.time_zone)
    _, ends = day_bounds(period.end, client.time_zone)
    if begins >= now:
        raise Invalid("The period has not begun.")
    if (period.end - period.start).days > _LONGEST_DAYS:
        raise Invalid("The period is longer than a quarter.")
    until = min(ends, now)
    # The last day that is over: what may still be done today is not late.
    last = min(period.end, business_day(now, client.time_zone) - timedelta(days=1))
    agreed = Agreements()
    decided = list_decided(begins, until)
    contract = agreed.contract_at(until - timedelta(microseconds=1))
    measures = (
        _share("reviews_on_time", share_of(_reviews(agreed, period.start, last))),
        _share("actions_on_time", share_of(_actions(period.start, last))),
        _share("alerts_answered", _kept(decided, ClockKind.ALERT)),
        _share("approvals_answered", _kept(decided, ClockKind.APPROVAL)),
        _approval_hours(begins, until),
        _uplift(weeks_within(period.start, last, client.week_start)),
    )
    return ProviderScorecard(period, until, contract.version, measures)


def _share(key: str, share: Share) -> Measure:
    return Measure(key, share.value, "fraction", share.n)


def _reviews(agreed: Agreements, first: date, last: date) -> Iterator[bool]:
    """Of every review that fell due, whether it was held by its last day on the client's clock."""
    client = require_client()
    held = dict(reviews_query(held_only=True).values_list("period", "held_at"))
    for cadence in agreed.cadences():
        for period, due in reviews_due(cadence, first, last, client.week_start):
            if agreed.owes(cadence, period.end):
                at = held.get(period.id)
                yield at is not None and business_day(at, client.time_zone) <= due


def _actions(first: date, last: date) -> Iterator[bool]:
    rows = actions_query().filter(due_on__gte=first, due_on__lte=last).exclude(state=_CANCELLED)
    for due_on, done_on in rows.values_list("due_on", "done_on"):
        yield done_on is not None and done_on <= due_on


def _kept(decided: Sequence[Decided], kind: ClockKind) -> Share:
    return share_of(each.is_kept for each in decided if each.span.kind is kind and not each.span.is_clients)


def _approval_hours(since: datetime, until: datetime) -> Measure:
    hours = [
        Decimal(round((wait.answered_at - wait.opened_at).total_seconds())) / 3600
        for wait in list_waited(since, until)
        if wait.answered_at is not None and since <= wait.answered_at < until and wait.role in _STAFF
    ]
    return Measure("approval_hours", middle(hours), "hours", len(hours))


def _uplift(weeks: Sequence[Period]) -> Measure:
    parts = [part for store in list_stores() for part in _uplift_of(store.id, weeks)]
    found = [part["value"] for part in parts]
    return Measure("uplift", middle(found), "fraction", len(found), tuple(parts))


def _uplift_of(store_id: int, weeks: Sequence[Period]) -> Iterator[dict[str, Any]]:
    """What became of each KPI of a store that has a baseline, and a direction that is better."""
    values: dict[str, list[Decimal]] = defaultdict(list)
    lines: dict[str, Any] = {}
    for week in weeks:
        for line in get_scorecard(week, store_ids=[store_id])["kpis"]:
            if line["baseline"] and line["value"] is not None and line["direction"] in _BETTER:
                values[line["key"]].append(_number(line["value"]))
                lines[line["key"]] = line
    for key, line in sorted(lines.items()):
        baseline = _number(line["baseline"]["value"])
        is_up_better = line["direction"] == Direction.UP.value
        gained = improvement(values[key], baseline, is_up_better=is_up_better)
        if gained is not None:
            yield {"store_id": store_id, "kpi": key, "value": gained, "n": len(values[key])}


def _number(shown: Any) -> Decimal:
    """A figure of a scorecard line: text, or an amount of money."""
    return Decimal(shown["amount"] if isinstance(shown, dict) else shown)
