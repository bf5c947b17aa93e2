"""What a meeting about a week or month looks at, and what has been restated since it was held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db.models import Max, QuerySet

from config.lib.calendars import Period, PeriodKind
from config.lib.errors import Invalid, NotFound
from connectors.facts.happenings import Event
from connectors.selectors.stores import list_stores
from connectors.types import StoreRef
from kpis.engine.action_states import UNFINISHED_ACTIONS, UNFINISHED_ISSUES, ReviewState
from kpis.engine.definitions import KPI
from kpis.engine.evaluate import evaluate
from kpis.engine.totals import Window
from kpis.models import Action, Issue, Review, RollupBatch
from kpis.selectors.decomposition.margin import get_margin
from kpis.selectors.definitions import list_definitions
from kpis.selectors.lines import Row, instant, show
from kpis.selectors.scorecards import choose_currency, get_scorecard, load_freshness
from kpis.selectors.series import as_told, list_windows, trust_in
from kpis.types import Status
from tenants.context import require_client

TREND_POINTS = 8
_MISSED = frozenset({Status.WARN.value, Status.BAD.value})
HEAD = (
    "id", "kind", "period", "starts_on", "ends_on", "state", "version", "sha256", "batch", "known_at",
    "built_at", "built_by", "held_at", "held_by",
)  # fmt: skip
ISSUE = (
    "id", "store_id", "kpi", "review_id", "state", "version", "numbers", "seen_in", "reason", "opened_at",
    "closed_at", "closed_by",
)  # fmt: skip


def reviews_query(*, held_only: bool, kind: str | None = None) -> QuerySet[Any, Any]:
    """Reviews without their packs, for paging."""
    rows: QuerySet[Any, Any] = Review.objects.values(*HEAD)
    if held_only:
        rows = rows.filter(state=ReviewState.HELD.value)
    return rows if kind is None else rows.filter(kind=kind)


def get_review(review_id: int, *, held_only: bool = False) -> Row:
    """Return a review with its pack, minutes and decisions; `NotFound` also for a draft if `held_only`."""
    row = (
        Review.objects.filter(pk=review_id).values(*HEAD, "attendees", "minutes", "decisions", "pack").first()
    )
    if row is None or (held_only and row["state"] != ReviewState.HELD.value):
        raise NotFound(f"there is no review {review_id}")
    return {**row, "pack": orjson.loads(row["pack"])}


def find_held_review(period: str) -> Row | None:
    """Return the held review of a period, None while there is none."""
    row = Review.objects.filter(period=period, state=ReviewState.HELD.value).values("id").first()
    return None if row is None else get_review(row["id"])


def issues_query(
    *, store_id: int | None = None, state: str | None = None, kpi: str | None = None
) -> QuerySet[Any, Any]:
    """Issues, for paging."""
    rows: QuerySet[Any, Any] = Issue.objects.values(*ISSUE)
    asked = {"store_id": store_id, "state": state, "kpi": kpi}
    return rows.filter(**{name: value for name, value in asked.items() if value is not None})


def get_issue(issue_id: int) -> Row:
    """Return one issue; `NotFound` if there is none of this id."""
    row: Row | None = Issue.objects.filter(pk=issue_id).values(*ISSUE).first()
    if row is None:
        raise NotFound(f"there is no issue {issue_id}")
    return dict(row)


def latest_batch() -> int:
    """The number of the last roll-up; 0 before the first."""
    found: int | None = RollupBatch.objects.aggregate(last=Max("number"))["last"]
    return found or 0


def make_pack(period: Period, known_at: datetime) -> Row:
    """Return everything a meeting about `period` looks at, in JSON types.

    `known_at` is now by the database's clock, under the roll-up's lock (services.reviews): all figures are
    of one state and can be asked for again by that instant.
    """
    stores = list_stores(active_only=True)
    wholes: list[tuple[int | None, Row]] = [(None, get_scorecard(period))] if stores else []
    cards = [
        *wholes,
        *((s.id, get_scorecard(period, store_ids=[s.id])) for s in stores),
    ]
    definitions = list_definitions()
    return {
        "period": {
            "id": period.id,
            "kind": period.kind.value,
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
        },
        "known_at": instant(known_at),
        "scorecards": [{"store": store_id, **card} for store_id, card in cards],
        "misses": [
            _miss(store_id, line) for store_id, card in cards for line in card["kpis"] if _is_missed(line)
        ],
        "trend": [
            row for store in stores for row in _trend(store, period, _lines_of(cards, store.id), definitions)
        ],
        "why": [_why(store, period) for store in stores],
        "events": _events(period),
        "issues": _open_issues(),
        "actions": _open_actions(),
    }


def list_restated(review: Mapping[str, Any]) -> list[Row]:
    """Return the lines of a review's pack whose figure or verdict is another one today."""
    pack = review["pack"]
    period = Period.parse(pack["period"]["id"], require_client().week_start)
    rows = []
    for card in pack["scorecards"]:
        asked = () if card["store"] is None else (card["store"],)
        now = {line["key"]: line for line in get_scorecard(period, store_ids=asked)["kpis"]}
        for line in card["kpis"]:
            present = now.get(line["key"])
            if present is not None and (present["value"], present["status"]) != (
                line["value"],
                line["status"],
            ):
                rows.append(
                    {
                        "store": card["store"],
                        "kpi": line["key"],
                        "held": {"value": line["value"], "status": line["status"]},
                        "now": {"value": present["value"], "status": present["status"]},
                    }
                )
    return rows


def _is_missed(line: Mapping[str, Any]) -> bool:
    return line["status"] in _MISSED or line.get("provisional_status") in _MISSED


def _miss(store_id: int | None, line: Mapping[str, Any]) -> Row:
    kept = (
        "key",
        "name",
        "unit",
        "value",
        "target",
        "warn",
        "status",
        "provisional_status",
        "change",
        "owner",
    )
    return {"store": store_id, **{name: line.get(name) for name in kept}}


def _lines_of(cards: Sequence[tuple[int | None, Row]], store_id: int) -> list[str]:
    return [line["key"] for found, card in cards if found == store_id for line in card["kpis"]]


def _trend(store: StoreRef, period: Period, keys: Sequence[str], definitions: Mapping[str, KPI]) -> list[Row]:
    """The last eight periods of every line, from one query per store."""
    kpis = [definitions[key] for key in keys if key in definitions]
    if not kpis:
        return []
    periods = [period]
    while len(periods) <= TREND_POINTS:
        periods.insert(0, periods[0].previous())
    windows = list_windows(frozenset(m for kpi in kpis for m in kpi.inputs), [store], periods)
    currency, _ = choose_currency([store])
    freshness = load_freshness([store])
    pairs = list(zip(periods[1:], windows[1:], windows[:-1], strict=True))

    def value(kpi: KPI, of: Period, window: Window, before: Window) -> Any:
        found = evaluate(kpi, window, currency, before)
        return show(kpi.unit, as_told(kpi, found, trust_in(kpi, of, [store], freshness)).value, currency)

    return [
        {
            "store": store.id,
            "kpi": kpi.key,
            "points": [{"period": p.id, "value": value(kpi, p, w, before)} for p, w, before in pairs],
        }
        for kpi in kpis
    ]


def _why(store: StoreRef, period: Period) -> Row:
    """What moved the store's margin since the period before, the largest part first; or why not."""
    try:
        found = get_margin(period, None, [store.id])
    except Invalid as cannot:
        return {"store": store.id, "result": None, "nodes": [], "why_missing": cannot.detail}
    nodes = sorted(found["nodes"], key=lambda node: -abs(float(node["contribution"])))
    return {"store": store.id, "result": found["result"], "nodes": nodes, "why_missing": None}


def _events(period: Period) -> list[Row]:
    rows = Event.objects.filter(business_on__range=(period.start, period.end)).order_by("business_on", "id")
    return [
        {"store": e.store_id, "on": e.business_on.isoformat(), "kind": e.kind, "sku": e.sku, "title": e.title}
        for e in rows[:500]
    ]


def _open_issues() -> list[Row]:
    rows = Issue.objects.filter(state__in=UNFINISHED_ISSUES).order_by("id")
    return [
        {"id": i.pk, "store": i.store_id, "kpi": i.kpi, "state": i.state, "seen_in": i.seen_in} for i in rows
    ]


def _open_actions() -> list[Row]:
    """What is still to be done: each meeting takes over from the one before what was not finished."""
    rows = Action.objects.filter(state__in=UNFINISHED_ACTIONS).order_by("due_on", "id")
    return [
        {
            "id": a.pk,
            "title": a.title,
            "kpi": a.kpi,
            "stores": a.store_ids,
            "owner": a.owner,
            "department": a.department,
            "due_on": a.due_on.isoformat(),
            "state": a.state,
        }
        for a in rows
    ]


def kind_of(period: Period) -> str:
    """The kind of a review's period; `Invalid` for anything but a week or a month."""
    if period.kind not in (PeriodKind.WEEK, PeriodKind.MONTH):
        raise Invalid("Reviews are about a week or a month.")
    return period.kind.value
