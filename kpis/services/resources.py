"""Recording what a store has to work with, so that targets can be held against it."""

from __future__ import annotations

from django.db import connection, transaction

from config.lib import clock
from config.lib.errors import PreconditionFailed
from connectors.selectors.stores import get_store
from kpis.engine.plan_rules import Resources
from kpis.models.resources import StoreResources
from kpis.selectors.resources import ResourcesView, find_resources
from tenants import audit
from tenants.context import current_actor, require_client


def record_resources(*, store_id: int, resources: Resources, note: str, version: int) -> ResourcesView:
    """Record a store's resources in place of `version` (0: there were none).

    `NotFound` for an unknown store, `PreconditionFailed` when somebody else was faster.
    """
    get_store(store_id)
    with transaction.atomic():
        lock_store("resources", store_id)
        before = find_resources(store_id)
        if (before.version if before else 0) != version:
            raise PreconditionFailed
        row = StoreResources.objects.create(
            store_id=store_id,
            version=version + 1,
            model=resources.model,
            warehouses=sorted(resources.warehouses),
            support=[
                {"language": s.language, "hours_per_week": str(s.hours_per_week), "agents": s.agents}
                for s in resources.support
            ],
            ad_budget_per_month=resources.ad_budget_per_month,
            note=note,
            recorded_at=clock.now(),
            recorded_by=current_actor().label,
        )
        audit.record(
            "store_resources.recorded",
            target=("store", store_id),
            before={"version": version},
            after={
                "version": row.version,
                "model": row.model,
                "warehouses": row.warehouses,
                "support": row.support,
                "ad_budget_per_month": None
                if row.ad_budget_per_month is None
                else str(row.ad_budget_per_month),
            },
        )
    return ResourcesView(store_id, row.version, resources, note, row.recorded_at, row.recorded_by)


def lock_store(what: str, key: object) -> None:
    """One change of something of a client at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"kpis.{what}:{require_client().id}:{key}"],
        )
