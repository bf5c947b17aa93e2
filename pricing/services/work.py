"""Pricing's own work as facts: how long decisions and executions took, from what was observed alone (R8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from config.lib import clock
from config.lib.calendars import business_day
from connectors.records import WorkItemRecord, WorkKind
from connectors.selectors.stores import get_store
from connectors.services.record_facts import record_facts
from connectors.types import Family, StoreRef
from pricing.models import ApprovalDecision, PriceExecution, PriceObservation, Recommendation

SOURCE = "pricing.work"
LEAST_GAP = timedelta(hours=4)


def note_decisions(recommendation_ids: Iterable[int]) -> int:
    """Record how long each decided recommendation waited; returns how many facts changed.

    Only a person's approval or rejection counts as a decision; the last one of a recommendation is it.
    """
    found = Recommendation.objects.in_bulk(list(recommendation_ids))
    last = {
        each.recommendation_id: each
        for each in ApprovalDecision.objects.filter(
            recommendation_id__in=found, verdict__in=("approved", "rejected")
        ).order_by("id")
    }
    by_store: dict[int, list[WorkItemRecord]] = {}
    for pk, decision in last.items():
        row = found[pk]
        if decision.verdict == "approved" and row.approved_at is None:
            continue
        store = get_store(row.store_id)
        by_store.setdefault(row.store_id, []).append(
            WorkItemRecord(
                work_key=f"price_approval:{pk}",
                kind=WorkKind.PRICE_APPROVAL,
                sku=row.sku,
                owner=decision.actor,
                business_on=business_day(decision.at, store.time_zone),
                started_at=row.opened_at,
                due_at=row.due_at,
                finished_at=decision.at,
                is_ok=None if row.due_at is None else decision.at <= row.due_at,
                source_updated_at=decision.at,
            )
        )
    return sum(_record(get_store(store_id), records) for store_id, records in by_store.items())


def note_executions(store: StoreRef, rows: Sequence[PriceExecution]) -> int:
    """Record approved prices: begun with the approval, finished with the first change of the live price."""
    return _record(
        store,
        [
            WorkItemRecord(
                work_key=f"price_execution:{row.recommendation_id}",
                kind=WorkKind.PRICE_EXECUTION,
                sku=row.sku,
                owner="",
                business_on=business_day(row.changed_at or row.approved_at, store.time_zone),
                started_at=row.approved_at,
                due_at=row.due_at,
                finished_at=row.changed_at,
                is_ok=row.is_ok,
                source_updated_at=clock.now(),
            )
            for row in rows
        ],
    )


def note_changes(store: StoreRef, rows: Sequence[PriceObservation]) -> int:
    """Record changes of live prices, and whether each came at least four hours after the one before."""
    records = []
    for row in rows:
        before = (
            PriceObservation.objects.filter(
                store_id=store.id, sku=row.sku, is_change=True, observed_at__lt=row.observed_at
            )
            .order_by("-observed_at")
            .values_list("observed_at", flat=True)
            .first()
        )
        records.append(
            WorkItemRecord(
                work_key=f"price_change:{row.pk}",
                kind=WorkKind.PRICE_CHANGE,
                sku=row.sku,
                owner="",
                business_on=row.business_on,
                started_at=row.observed_at,
                due_at=None,
                finished_at=row.observed_at,
                is_ok=before is None or row.observed_at - before >= LEAST_GAP,
                source_updated_at=row.noted_at,
            )
        )
    return _record(store, records)


def cover_days(store: StoreRef) -> None:
    """Say that yesterday and today are known: a day on which nothing was decided or changed is no gap."""
    if PriceObservation.objects.filter(store_id=store.id).exists():
        today = business_day(clock.now(), store.time_zone)
        record_facts(
            store_id=store.id,
            records=[],
            dataset=Family.WORK,
            covered=(today - timedelta(days=1), today),
            source=SOURCE,
        )


def _record(store: StoreRef, records: Sequence[WorkItemRecord]) -> int:
    if not records:
        return 0
    days = [record.business_on for record in records]
    result = record_facts(
        store_id=store.id,
        records=records,
        dataset=Family.WORK,
        covered=(min(days), max(days)),
        source=SOURCE,
    )
    return result.inserted + result.changed
