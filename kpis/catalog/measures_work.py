"""Measures of the team's own work: how long it took, whether it was in time and done as it should."""

from __future__ import annotations

from connectors.types import Family
from kpis.engine.histogram import HOURS, Histogram, histogram
from kpis.engine.measures import FactSource, Measure
from kpis.types import Basis, Unit

WORK = FactSource(
    key="work",
    table="fact_work_item",
    families=frozenset({Family.WORK}),
    rows="""
  select w.store_id, d.business_on, d.currency, w.kind, w.is_ok,
         extract(epoch from w.finished_at - w.started_at) / 3600 as hours,
         w.due_at is not null and (w.finished_at is not null or w.due_at <= %(at)s) as is_due,
         coalesce(w.finished_at <= w.due_at, false) as is_punctual
  from day d join fact_work_item w using (store_id, business_on)
  where w.store_id = any(%(store_set)s) and w.business_on = any(%(day_set)s)""",
)

EXECUTION = Histogram("reprice_hours", HOURS)
APPROVAL = Histogram("price_approval_hours", HOURS)
ACKNOWLEDGEMENT = Histogram("alert_ack_hours", HOURS)


def _count(key: str, condition: str, meaning: str) -> Measure:
    return Measure(
        key=key,
        source=WORK.key,
        unit=Unit.COUNT,
        basis=Basis.OBSERVED,
        expression=f"nullif(count(*) filter (where {condition}), 0)",
        meaning=meaning,
    )


def _hours(made: Histogram, kind: str, meaning: str) -> tuple[Measure, ...]:
    return histogram(
        made.key,
        WORK.key,
        "hours",
        made.edges,
        basis=Basis.OBSERVED,
        meaning=meaning,
        where=f"kind = '{kind}'",
    )


WORK_MEASURES = (
    *_hours(
        EXECUTION, "price_execution", "Approved prices by hours from approval to the live price's change"
    ),
    *_hours(APPROVAL, "price_approval", "Price proposals by hours from request to decision"),
    *_hours(ACKNOWLEDGEMENT, "alert_acknowledge", "Alerts by hours from raising to acknowledgement"),
    _count(
        "prices_to_execute",
        "kind = 'price_execution' and is_ok is not null",
        "Approved prices whose execution was checked",
    ),
    _count(
        "prices_deviating",
        "kind = 'price_execution' and not is_ok",
        "Of these, live prices more than 0.5 % away from the approved one 4 hours after they were due",
    ),
    _count("price_changes", "kind = 'price_change' and is_ok is not null", "Changes of a live price"),
    _count(
        "price_changes_spaced",
        "kind = 'price_change' and is_ok",
        "Of these, changes at least 4 hours after the one before",
    ),
    _count(
        "promotions_ended",
        "kind = 'promotion_restore' and is_ok is not null",
        "Promotions that ended and whose price was checked",
    ),
    _count(
        "promotions_restored",
        "kind = 'promotion_restore' and is_ok",
        "Of these, promotions whose price was back at most 4 hours after the end",
    ),
    _count(
        "actions_due",
        "kind = 'action_item' and is_due",
        "Action items with a due date that are closed or whose due date is past",
    ),
    _count(
        "actions_on_time",
        "kind = 'action_item' and is_due and is_punctual",
        "Of these, items closed by their due date",
    ),
)
WORK_SOURCES = (WORK,)
