"""Incidents with their evidence, alerts and timeline, and the bundle that helps to find the fault."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from alerts.models import Alert, Incident, IncidentEvidence, IncidentStep
from alerts.selectors.incident_bundle import list_changes, list_figures, seal_parts
from config.lib import clock
from config.lib.errors import NotFound
from connectors.selectors.freshness import list_freshness
from connectors.selectors.runs import calls_query, runs_query
from connectors.selectors.stores import get_store
from pricing.selectors.halts import get_halt
from pricing.selectors.price_log import list_log, plain_lines
from tenants import crypto

Row = dict[str, Any]
TABLE, BODY = "alerts_incidentevidence", "body"
INCIDENT = (
    "id", "title", "description", "store_id", "severity", "state", "request_id", "occurred_at", "owner_id",
    "owner", "halt_id", "root_cause", "opened_at", "opened_by", "resolved_at", "version",
)  # fmt: skip
EVIDENCE = ("id", "kind", "name", "media_type", "size", "sha256", "taken_at", "added_at", "added_by")
_BEFORE, _AFTER = timedelta(hours=24), timedelta(hours=1)
_MOST = 200


def incidents_query(*, state: str | None = None, store_id: int | None = None) -> QuerySet[Any, Any]:
    """Incidents, for paging."""
    asked = {"state": state, "store_id": store_id}
    rows = Incident.objects.filter(**{name: value for name, value in asked.items() if value is not None})
    shown: QuerySet[Any, Any] = rows.values(*INCIDENT)
    return shown


def get_incident(incident_id: int) -> Row:
    """Return one incident with its evidence, alerts, timeline and whether its freeze holds; `NotFound`."""
    row = Incident.objects.filter(pk=incident_id).values(*INCIDENT).first()
    if row is None:
        raise NotFound(f"There is no incident {incident_id}.")
    files = IncidentEvidence.objects.filter(incident_id=incident_id).order_by("id").values(*EVIDENCE)
    steps = IncidentStep.objects.filter(incident_id=incident_id).order_by("id")
    alerts = Alert.objects.filter(incident_id=incident_id).order_by("id").values_list("id", flat=True)
    return {
        **row,
        "is_frozen": row["halt_id"] is not None and get_halt(row["halt_id"]).resumed_at is None,
        "evidence": [dict(each) for each in files],
        "alert_ids": list(alerts),
        "timeline": [dict(each) for each in steps.values("what", "note", "at", "by")],
    }


def read_evidence(incident_id: int, evidence_id: int) -> tuple[bytes, Row]:
    """Return a file of an incident and what it is; `NotFound`."""
    row = IncidentEvidence.objects.filter(pk=evidence_id, incident_id=incident_id).first()
    if row is None or row.body is None:
        raise NotFound(f"Incident {incident_id} has no evidence {evidence_id}.")
    body = crypto.unseal_bytes(row.body, table=TABLE, row=row.pk, field=BODY)
    return body, {name: getattr(row, name) for name in EVIDENCE}


def gather_bundle(incident_id: int) -> Row:
    """Return what our records hold of the time of an incident, from a day before to an hour after it.

    The calls that left us, runs, the streams' state and the price log of its store (of all stores where it
    names none: calls and log alone), what was changed, its alerts and the KPIs they are about with rows of
    facts. Redacted, with a hash of each part.
    """
    row = get_incident(incident_id)
    store_id, first, last = row["store_id"], row["occurred_at"] - _BEFORE, row["occurred_at"] + _AFTER
    calls = calls_query(store_id=store_id).filter(called_at__gte=first, called_at__lte=last)
    log = [line for line in list_log(first, store_id=store_id) if line.at <= last]
    bundle: Row = {
        "incident_id": incident_id,
        "request_id": row["request_id"],
        "made_at": clock.now(),
        "first": first,
        "last": last,
        "alerts": list(
            Alert.objects.filter(incident_id=incident_id)
            .order_by("id")
            .values(
                "id",
                "rule_key",
                "subject",
                "state",
                "severity",
                "observed",
                "limit",
                "unit",
                "basis",
                "as_of",
            )
        ),
        "calls": [dict(each) for each in calls.order_by("-id")[:_MOST]],
        "price_log": plain_lines(log[:_MOST]),
        "audit": list_changes(first, last),
        "kpis": [],
        "runs": [],
        "streams": [],
    }
    if store_id is not None:
        runs = runs_query(store_id=get_store(store_id).id).filter(started_at__gte=first, started_at__lte=last)
        bundle["runs"] = [dict(each) for each in runs.order_by("-id")[:_MOST]]
        bundle["streams"] = [
            {
                "stream": each.stream,
                "state": each.state.value,
                "data_as_of": each.data_as_of,
                "covered_through": each.covered_through,
                "problem": each.last_problem,
            }
            for each in list_freshness([store_id])
        ]
        about = (
            Alert.objects.filter(incident_id=incident_id).order_by("id").values_list("subject", "detector")
        )
        bundle["kpis"] = list_figures(store_id, list(about), first, min(last, clock.now()))
    return seal_parts(bundle)
