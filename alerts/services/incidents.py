"""Incidents: opened with what is known, evidence kept sealed, operations frozen, resolved with a cause."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from alerts.engine.incidents import EvidenceKind, IncidentState, may_step, media_type_of
from alerts.models import Alert, Incident, IncidentEvidence, IncidentStep
from alerts.selectors.incidents import BODY, TABLE, Row, gather_bundle, get_incident
from alerts.types import Severity
from config.lib import clock
from config.lib.api.renderer import dumps
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import get_store
from pricing.services.halts import HaltScope, halt
from tenants import audit, crypto, outbox
from tenants.context import current_actor

_NOTE = 1000
_MOST_BYTES = 8 * 2**20


class IncidentStepNotAllowed(Conflict):
    """The step does not follow from the incident's present state."""

    code = "incident_step_not_allowed"
    title = gettext_noop("The incident is not at that point")


@dataclass(frozen=True, slots=True)
class IncidentDraft:
    """An incident as somebody reports it; `request_id` is that of the call that failed."""

    title: str
    severity: Severity
    occurred_at: datetime
    description: str = ""
    store_id: int | None = None
    request_id: str = ""
    alert_ids: Collection[int] = ()
    is_frozen: bool = False


def open_incident(draft: IncidentDraft) -> Row:
    """Open an incident, attach its alerts and, if asked, halt pricing of its store (or of the client)."""
    if draft.store_id is not None:
        get_store(draft.store_id)
    if draft.occurred_at > clock.now():
        raise Invalid(errors=[FieldError("/occurred_at", "It lies in the future.", "future")])
    with transaction.atomic():
        row = Incident.objects.create(
            title=draft.title,
            description=draft.description,
            store_id=draft.store_id,
            severity=draft.severity.value,
            state=IncidentState.OPEN.value,
            request_id=draft.request_id,
            occurred_at=draft.occurred_at,
            opened_at=clock.now(),
            opened_by=current_actor().label,
        )
        _attach(row, draft.alert_ids)
        if draft.is_frozen:
            _freeze(row, draft.title)
        _note(row, "opened", draft.title)
        row.save()
        _tell(row, "opened")
    return get_incident(row.pk)


def step_incident(*, incident_id: int, version: int, to: IncidentState, note: str = "") -> Row:
    """Take an incident into work (again), or resolve it, which needs its cause as the note.

    A halt of pricing stays until a person lifts it where all halts are lifted.
    """
    if to is IncidentState.RESOLVED and not note.strip():
        raise Invalid(errors=[FieldError("/note", "Say what the cause was.", "required")])
    with transaction.atomic():
        row = _locked(incident_id, version)
        present = IncidentState(row.state)
        if not may_step(present, to):
            raise IncidentStepNotAllowed(f"An incident that is {present.value} cannot become {to.value}.")
        row.state = to.value  # lint-skip: state-mutation an incident is no alert; this is its one mutator
        if to is IncidentState.RESOLVED:
            row.resolved_at, row.root_cause = clock.now(), note.strip()[:_NOTE]
        else:
            row.resolved_at = None
            row.owner_id, row.owner = current_actor().id, current_actor().label
        _note(row, to.value, note)
        _saved(row, to.value)
    return get_incident(incident_id)


def freeze_incident(*, incident_id: int, version: int, reason: str) -> Row:
    """Halt pricing for an incident; a halt that stands already is its halt too."""
    with transaction.atomic():
        row = _locked(incident_id, version)
        _freeze(row, reason)
        _note(row, "frozen", reason)
        _saved(row, "frozen")
    return get_incident(incident_id)


def attach_alerts(*, incident_id: int, version: int, alert_ids: Collection[int]) -> Row:
    """Attach alerts to an incident; `NotFound` names those that do not exist."""
    with transaction.atomic():
        row = _locked(incident_id, version)
        _attach(row, alert_ids)
        _saved(row, "alerts_attached")
    return get_incident(incident_id)


def add_evidence(*, incident_id: int, name: str, taken_at: datetime, body: bytes) -> tuple[Row, bool]:
    """Keep a file, sealed, with the hash of its bytes; False when the incident has the same bytes already.

    Screenshots (PNG, JPEG, WebP), PDF and plain text by their first bytes, whatever they are called; nothing
    is opened. `Invalid` for anything else and for more than 8 MB.
    """
    media_type = media_type_of(body)
    if media_type is None or len(body) > _MOST_BYTES:
        told = "Send a PNG, JPEG, WebP, PDF or UTF-8 text of at most 8 MB."
        raise Invalid(told, errors=[FieldError("", told, "not_evidence")])
    kind = EvidenceKind.SCREENSHOT if media_type.startswith("image/") else EvidenceKind.EXPORT
    return _keep(incident_id, kind, name, media_type, taken_at, body)


def make_diagnostics(*, incident_id: int) -> tuple[Row, bool]:
    """Put a bundle of what our records hold of the incident's time among its evidence."""
    body = dumps(gather_bundle(incident_id))
    name = f"diagnostics-{incident_id}.json"
    return _keep(incident_id, EvidenceKind.DIAGNOSTICS, name, "application/json", clock.now(), body)


def _keep(
    incident_id: int, kind: EvidenceKind, name: str, media_type: str, taken_at: datetime, body: bytes
) -> tuple[Row, bool]:
    digest = hashlib.sha256(body).hexdigest()
    with transaction.atomic():
        row = _locked(incident_id)
        values = {
            "kind": kind.value,
            "name": "".join(char for char in name if char.isprintable())[:200],
            "media_type": media_type,
            "size": len(body),
            "taken_at": taken_at,
            "added_at": clock.now(),
            "added_by": current_actor().label,
        }
        file, is_new = IncidentEvidence.objects.get_or_create(incident=row, sha256=digest, defaults=values)
        if is_new:
            file.body = crypto.seal(body, table=TABLE, row=file.pk, field=BODY)
            file.save(update_fields=["body"])
            _note(row, "evidence", f"{kind.value} {values['name']} (SHA-256 {digest})")
            _saved(row, "evidence_added")
    return get_incident(incident_id), is_new


def _attach(row: Incident, alert_ids: Collection[int]) -> None:
    wanted = set(alert_ids)
    found = Alert.objects.filter(pk__in=wanted)
    missing = sorted(wanted - set(found.values_list("pk", flat=True)))
    if missing:
        raise NotFound(f"There is no alert {missing[0]}.")
    if wanted:
        found.update(incident_id=row.pk)
        _note(row, "alerts", ", ".join(str(each) for each in sorted(wanted)))


def _freeze(row: Incident, reason: str) -> None:
    scope = HaltScope.CLIENT if row.store_id is None else HaltScope.STORE
    told = f"incident {row.pk}: {reason}"[:400]
    row.halt_id = halt(scope=scope, store_id=row.store_id, reason=told).id


def _locked(incident_id: int, version: int | None = None) -> Incident:
    row = Incident.objects.select_for_update().filter(pk=incident_id).first()
    if row is None:
        raise NotFound(f"There is no incident {incident_id}.")
    if version is not None and row.version != version:
        raise PreconditionFailed
    return row


def _note(row: Incident, what: str, note: str) -> None:
    IncidentStep.objects.create(
        incident=row, what=what, note=note.strip()[:_NOTE], at=clock.now(), by=current_actor().label
    )


def _saved(row: Incident, what: str) -> None:
    row.version += 1
    row.save()
    _tell(row, what)


def _tell(row: Incident, what: str) -> None:
    told: dict[str, Any] = {"incident_id": row.pk, "store_id": row.store_id, "state": row.state, "what": what}
    outbox.emit("alerts.incident_changed", told)
    audit.record(f"incident.{what}", target=("incident", row.pk), after={**told, "halt_id": row.halt_id})
