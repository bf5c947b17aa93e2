"""Taking note of a target, and keeping the runbooks."""

from __future__ import annotations

from django.db import transaction

from config.lib import clock
from config.lib.errors import Denied, Invalid, PreconditionFailed
from connectors.selectors.stores import get_store
from kpis.models.acknowledgements import Acknowledgement, Runbook
from kpis.selectors.acknowledgements import (
    AcknowledgementView,
    RunbookView,
    find_runbook,
    get_runbook,
    list_acknowledgements,
)
from kpis.selectors.assignments import list_assignments
from kpis.selectors.definitions import get_definition
from kpis.selectors.plans import get_target, list_targets
from kpis.services.resources import lock_store
from kpis.types import LineRole
from tenants import audit
from tenants.context import current_actor


def acknowledge_target(*, store_id: int, kpi: str, user_id: int, person: str) -> AcknowledgementView:
    """Note that a person has read the latest target of a KPI with its runbook; a second time changes nothing.

    `NotFound` for an unknown store or target, `Denied` for somebody else where its owners are named.
    """
    store = get_store(store_id)
    today = clock.today(store.time_zone)
    in_force = {target.kpi: target for target in list_targets(store_id, today)}
    target = in_force.get(kpi) or get_target(store_id, kpi)
    on = max(today, target.effective_on)
    if target.role is LineRole.OFF or not target.goal.is_set:
        raise Invalid(f"{kpi} has no target on store {store_id}'s scorecard to take note of")
    with transaction.atomic():
        lock_store("acknowledgements", store_id)
        named = {
            view.user_id: view.person
            for view in list_assignments(on, store_ids=[store_id], kpis=[kpi])
            if view.user_id is not None
        }
        if named and user_id not in named:
            raise Denied(f"{', '.join(named.values())} answers for {kpi} and takes note of its target.")
        runbook = find_runbook(kpi)
        _, is_new = Acknowledgement.objects.get_or_create(
            store_id=store_id,
            kpi=kpi,
            target_version=target.version,
            user_id=user_id,
            defaults={
                "runbook_version": runbook.version if runbook else 0,
                "person": person[:150],
                "acknowledged_at": clock.now(),
            },
        )
        if is_new:
            audit.record(
                "target.acknowledged",
                target=("target", f"{store_id}:{kpi}"),
                after={"version": target.version, "runbook": runbook.version if runbook else 0},
            )
    return next(view for view in list_acknowledgements([store_id], on) if view.kpi == kpi)


def save_runbook(*, kpi: str, text: str, version: int) -> RunbookView:
    """Record what to do when a KPI misses its target, in place of `version` (0: there was nothing).

    `NotFound` for an unknown KPI, `PreconditionFailed` when somebody else was faster.
    """
    get_definition(kpi)
    with transaction.atomic():
        lock_store("runbooks", kpi)
        before = find_runbook(kpi)
        if (before.version if before else 0) != version:
            raise PreconditionFailed
        Runbook.objects.create(
            kpi=kpi,
            version=version + 1,
            text=text,
            recorded_at=clock.now(),
            recorded_by=current_actor().label,
        )
        audit.record(
            "runbook.saved",
            target=("runbook", kpi),
            before={"version": version, "text": before.text if before else ""},
            after={"version": version + 1, "text": text},
        )
    return get_runbook(kpi)
