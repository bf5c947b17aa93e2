"""Asking for a look at many listings: a run is noted with its job, and follows what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from connectors.selectors.stores import get_store, list_stores
from pricing.models import PricingRun
from pricing.selectors.rule_sets import list_stores_with_rules
from pricing.selectors.runs import Row, get_run, skus_of_products
from pricing.types import Trigger
from tenants import audit
from tenants.context import current_actor, require_client
from tenants.services.jobs import start_job

JOB = "pricing.refresh_recommendations"
# Beyond this many single listings a run looks at all of the store: the list would only cost.
_MOST_SKUS = 2000


def start_run(*, store_id: int, skus: Iterable[str] = (), trigger: Trigger = Trigger.MANUAL) -> Row:
    """Note a run over a store's listings, or over `skus` of them, and the job that does it.

    What follows a change joins a run of the same store that waits already, so that a stream of changes makes
    no queue of runs; what a person asks for is always a run of its own. `NotFound` for an unknown store.
    """
    store = get_store(store_id)
    wanted = sorted(set(skus))
    with transaction.atomic():
        _lock_runs(store_id)
        waiting = None if trigger is Trigger.MANUAL else _waiting(store_id)
        run = _join(waiting, wanted) if waiting is not None else _new(store.id, wanted, trigger)
        audit.record(
            "pricing_run.requested",
            target=("pricing_run", run.pk),
            after={"store_id": store_id, "trigger": trigger.value, "listings": len(run.skus) or "all"},
        )
    return get_run(run.pk)


def follow_changes(events: Sequence[Mapping[str, Any]]) -> list[int]:
    """Note runs over the listings that news of offers and costs concern; returns the runs' ids.

    Stores without an active rule set are left alone: there is nothing to suggest by.
    """
    priced = list_stores_with_rules()
    wanted: dict[tuple[int, Trigger], set[str] | None] = {}
    for event in events:
        for store_id, trigger, skus in _concerned(event, priced):
            before = wanted.setdefault((store_id, trigger), set())
            wanted[store_id, trigger] = None if before is None or skus is None else before | skus
    return [
        start_run(store_id=store_id, skus=skus or (), trigger=trigger)["id"]
        for (store_id, trigger), skus in wanted.items()
        if skus is None or skus
    ]


def start_nightly_runs() -> list[int]:
    """Note a run over every store with an active rule set: stock ages and promotions end without news."""
    return [
        start_run(store_id=store_id, trigger=Trigger.NIGHTLY)["id"] for store_id in list_stores_with_rules()
    ]


def _concerned(
    event: Mapping[str, Any], priced: Sequence[int]
) -> Iterable[tuple[int, Trigger, set[str] | None]]:
    """Stores, why, and which SKUs (None: all) an event of connectors concerns."""
    if "product_ids" in event:
        store_id = event["store_id"]
        if store_id in priced:
            yield store_id, Trigger.OFFERS, set(skus_of_products(store_id, event["product_ids"]))
        return
    active = [store.id for store in list_stores()]
    for store_id in event.get("store_ids") or active:
        if store_id in priced:
            yield store_id, Trigger.COSTS, set(event["skus"]) if event.get("skus") else None


def _new(store_id: int, skus: Sequence[str], trigger: Trigger) -> PricingRun:
    run = PricingRun.objects.create(
        store_id=store_id,
        trigger=trigger.value,
        skus=[] if len(skus) > _MOST_SKUS else list(skus),
        requested_at=clock.now(),
        requested_by=current_actor().label,
    )
    run.job_id = start_job(JOB, key=f"run:{run.pk}", payload={"run_id": run.pk}).id
    run.save(update_fields=["job_id"])
    return run


def _waiting(store_id: int) -> PricingRun | None:
    """A run of the store that nobody asked for by hand and that has not begun, held until the commit."""
    rows = PricingRun.objects.select_for_update(skip_locked=True)
    waits = rows.filter(store_id=store_id, started_at__isnull=True, finished_at__isnull=True)
    return waits.exclude(trigger=Trigger.MANUAL.value).order_by("id").first()


def _join(run: PricingRun, skus: Sequence[str]) -> PricingRun:
    """Widen a waiting run; one that looks at everything is wide enough."""
    if run.skus:
        together = sorted({*run.skus, *skus}) if skus else []
        run.skus = [] if len(together) > _MOST_SKUS else together
        run.save(update_fields=["skus"])
    return run


def _lock_runs(store_id: int) -> None:
    """One request for a run of a store at a time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"pricing.runs:{require_client().id}:{store_id}"],
        )
