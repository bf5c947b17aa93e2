"""Walks the users' checklist for a figure of a store: gathers what each step looks at, and tells it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from alerts.engine import diagnosis as steps
from alerts.engine.diagnosis import Fact, Gap, NumberSeen, Step, StreamSeen, TargetSeen
from config.lib import clock
from config.lib.calendars import Period, business_day, day_bounds
from connectors.selectors.freshness import list_freshness
from connectors.selectors.proofs import list_events
from connectors.selectors.runs import calls_query, find_latest_run
from connectors.selectors.stores import get_store
from connectors.types import FreshnessState, StoreRef
from kpis.selectors.acknowledgements import list_acknowledgements
from kpis.selectors.actions import actions_query
from kpis.selectors.definitions import get_definition
from kpis.selectors.series import get_point
from pricing.selectors.divergence import find_divergences
from pricing.selectors.price_log import list_log
from tenants.context import require_client

_A_DAY = timedelta(hours=24)
_MOST = 20
# Only figures that fees go into can be moved by charges that differ from what was expected.
_FEES = ("platform_fees", "fulfilment_fees")


def diagnose(kpi: str, store_id: int, period: Period) -> tuple[Step, ...]:
    """Return the six steps for a KPI of a store in a period, in the users' order, each with its figures.

    `NotFound` for an unknown KPI or store.
    """
    definition, store = get_definition(kpi), get_store(store_id)
    path = f"/api/v1/clients/{require_client().slug}"
    today = business_day(clock.now(), store.time_zone)
    last = min(period.end, today - timedelta(days=1))
    streams = _streams(store, definition.needs, path)
    return (
        steps.api_status(streams, _failed_calls(store), f"{path}/outbound-calls?store={store.id}"),
        steps.raw_data(streams, last),
        steps.formula(_number(kpi, store, period, path)),
        steps.recent_changes(_changes(kpi, store, period.start, last, path), period.start, last),
        steps.owner_and_target(_target(kpi, store, last, path)),
        steps.consistency(_gaps(kpi, store, last), f"{path}/fee-divergences?store={store.id}"),
    )


def _streams(store: StoreRef, needs: Sequence[Sequence[str]], path: str) -> list[StreamSeen]:
    """Of each group of alternatives the stream that feeds the store: the one known furthest."""
    keys = list(dict.fromkeys(key for group in needs for key in group))
    states = {state.stream: state for state in list_freshness([store.id], keys)}
    found = []
    for group in needs:
        known = [states[key] for key in group if key in states]
        if not known:
            continue
        state = max(known, key=lambda each: (each.covered_through or date.min, each.stream))
        run = find_latest_run(store_id=store.id, stream=state.stream)
        found.append(
            StreamSeen(
                stream=state.stream,
                is_fresh=state.state is FreshnessState.FRESH,
                ever=state.state is not FreshnessState.NEVER,
                covered_through=state.covered_through,
                data_as_of=state.data_as_of,
                problem=state.last_problem,
                rejected=None if run is None else run.rows_rejected,
                source=f"{path}/stores/{store.id}/streams",
            )
        )
    return found


def _failed_calls(store: StoreRef) -> int:
    """How many calls of the last 24 hours were answered with an error, or not at all."""
    rows = calls_query(store_id=store.id).filter(called_at__gte=clock.now() - _A_DAY)
    return int(rows.exclude(status__gte=200, status__lt=400).count())


def _number(kpi: str, store: StoreRef, period: Period, path: str) -> NumberSeen:
    definition = get_definition(kpi)
    point = get_point(definition, [store], period)
    value = point["value"]
    shown = f"{value['amount']} {value['currency']}" if isinstance(value, dict) else value
    return NumberSeen(
        value=shown,
        why_missing=point["why_missing"],
        coverage=point["coverage"],
        is_final=bool(point["is_final"]),
        formula=definition.formula,
        source=f"{path}/kpis/{kpi}/series?from={period.start}&to={period.end}&store={store.id}&explain=true",
    )


def _changes(kpi: str, store: StoreRef, first: date, last: date, path: str) -> list[Fact]:
    """What people and rules changed: events, price moves and finished actions, the latest of each kind."""
    events = [
        Fact(f"{each['kind']} {each['sku']}".strip(), each["title"], f"{path}/events?store={store.id}")
        for each in list_events(store_ids=[store.id], first=first, last=last)
        if each["business_on"] <= last
    ]
    begin, end = day_bounds(first, store.time_zone)[0], day_bounds(last, store.time_zone)[1]
    prices = [
        Fact(f"price {line.sku}", f"{line.event} {line.at.isoformat()}", f"{path}/price-log?store={store.id}")
        for line in list_log(begin, store_id=store.id)
        if line.at < end and line.sku
    ]
    done = actions_query(store_id=store.id, kpi=kpi).filter(done_on__gte=first, done_on__lte=last)
    actions = [
        Fact(f"action {row['id']}", row["title"], f"{path}/actions/{row['id']}")
        for row in done.order_by("-id")[:_MOST]
    ]
    return [*events[-_MOST:], *prices[:_MOST], *actions]


def _target(kpi: str, store: StoreRef, on: date, path: str) -> TargetSeen | None:
    found = next((each for each in list_acknowledgements([store.id], on) if each.kpi == kpi), None)
    if found is None:
        return None
    return TargetSeen(
        owners=tuple(each.person or each.position.value for each in found.owners),
        waiting_for=tuple(each.person or each.position.value for each in found.waiting_for),
        is_live=found.is_live,
        source=f"{path}/stores/{store.id}/acknowledgements",
    )


def _gaps(kpi: str, store: StoreRef, on: date) -> list[Gap] | None:
    """Where charges, estimates and tables differ, the largest first; None for figures without fees."""
    if not any(name.startswith(_FEES) for name in get_definition(kpi).measures):
        return None
    return [
        Gap(
            what=f"{each.sku} {each.line}, {each.stronger.value} against {each.weaker.value}",
            says=each.amount,
            other=each.expected,
            exposure=round(each.exposure, 2),
        )
        for each in find_divergences(store.id, on)[:_MOST]
    ]
