"""Approval, observed execution and outcomes in workers: what syncs, news and the clock set off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from connectors.selectors.stores import list_stores
from connectors.types import Family
from pricing.services.observe import observe_prices
from pricing.services.outcomes import measure_outcomes
from pricing.services.own_figures import record_price_checks
from pricing.services.windows import assign_levels, run_windows
from pricing.services.work import cover_days, note_decisions
from pricing.types import RecommendationState
from tenants.tasking import JobHandle, enqueue_for_active_tenants, job_task, system_task, tenant_task

_SHOWN_PRICES = frozenset({Family.LISTINGS.value, Family.OFFERS.value})
_DECIDED = frozenset({RecommendationState.APPROVED.value, RecommendationState.REJECTED.value})


@job_task(name="pricing.observe_prices", queue="compute", lease=timedelta(minutes=5))
def observe(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Look at our own prices of every store whose listings or offers a sync changed."""
    stores = sorted({each["store_id"] for each in events if _SHOWN_PRICES & set(each["families"])})
    changes = 0
    for store_id in stores:
        changes += observe_prices(store_id).changes
        job.heartbeat({"changes": changes})
    return {"stores": len(stores), "changes": changes}


@job_task(name="pricing.note_transitions", queue="compute", lease=timedelta(minutes=2))
def note_transitions(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Record how long the decided suggestions waited."""
    decided = {each["recommendation_id"] for each in events if each["state"] in _DECIDED}
    return {"noted": note_decisions(sorted(decided))}


@job_task(name="pricing.assign_levels", queue="compute", lease=timedelta(minutes=5))
def assign(job: JobHandle, *, events: list[dict[str, Any]]) -> dict[str, Any]:
    """Say of new suggestions whose signature they need, and until when."""
    ids = sorted({one for each in events for one in each["recommendation_ids"]})
    assigned = 0
    for start in range(0, len(ids), 500):
        assigned += assign_levels(ids[start : start + 500])
        job.heartbeat({"assigned": assigned})
    return {"assigned": assigned}


@system_task(name="pricing.dispatch_windows", queue="compute")
def dispatch_windows() -> None:
    """Let every active client's approval windows be looked at."""
    enqueue_for_active_tenants("pricing.run_windows")


@tenant_task(name="pricing.run_windows", queue="compute")
def run_approval_windows() -> None:
    """Remind, and expire what nobody decided or carried out in time."""
    run_windows()


@system_task(name="pricing.dispatch_price_days", queue="compute")
def dispatch_price_days() -> None:
    """Let every active client's outcomes be measured and its prices be checked."""
    enqueue_for_active_tenants("pricing.close_price_day")


@tenant_task(name="pricing.close_price_day", queue="compute")
def close_price_day() -> None:
    """Measure outcomes and note the day's checks; several times a day, because shop days end by time zone."""
    measure_outcomes()
    for store in list_stores():
        cover_days(store)
        record_price_checks(store.id)
