"""Takes warnings of platforms in, moves them from step to step, and freezes what a critical one endangers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from alerts.engine.health import (
    ON_THE_CLOCK,
    UNSETTLED,
    WarningKind,
    WarningSource,
    WarningState,
    may_step,
    severity_of,
)
from alerts.engine.mail import MailUnreadable, read_mail
from alerts.engine.warnings import Reading, recognise
from alerts.models import HealthStep, HealthWarning
from alerts.selectors.health import ORIGINAL, TABLE, Row, get_warning, list_freezing
from alerts.types import Severity
from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import get_store
from pricing.selectors.halts import get_halt
from pricing.services.halts import HaltScope, halt, resume
from tenants import audit, crypto, outbox
from tenants.context import current_actor

# A date in a header may lie; older than this, the days are counted from the day we got the message.
_OLDEST = timedelta(days=60)
_NOTE = 1000


class WarningStepNotAllowed(Conflict):
    """The step does not follow from the warning's present state."""

    code = "health_step_not_allowed"
    title = gettext_noop("The warning is not at that point")


class NotFrozen(Conflict):
    """The warning holds no freeze that could be released."""

    code = "health_not_frozen"
    title = gettext_noop("The warning freezes nothing")


@dataclass(frozen=True, slots=True)
class WarningDraft:
    """A warning as it was entered; `severity` None takes that of its kind. `original` is its wording."""

    store_id: int
    kind: WarningKind
    title: str
    received_at: datetime
    source: WarningSource = WarningSource.API
    severity: Severity | None = None
    reference: str = ""
    deadline_at: datetime | None = None
    deadline_basis: str = ""
    original: bytes = b""
    original_type: str = "text/plain; charset=utf-8"
    fields: Mapping[str, Any] = field(default_factory=dict)
    origin: str = ""


def open_warning(draft: WarningDraft) -> tuple[Row, bool]:
    """Take a warning in; False when it is one that stands already (same case, mail or figure).

    A critical one freezes pricing of its store in the same transaction. `NotFound` for an unknown store.
    """
    store = get_store(draft.store_id)
    severity = draft.severity or severity_of(draft.kind)
    digest = hashlib.sha256(draft.original).hexdigest() if draft.original else ""
    origin = draft.origin or (f"case:{draft.reference}" if draft.reference else "")
    with transaction.atomic():
        values = {
            "platform": store.platform,
            "source": draft.source.value,
            "kind": draft.kind.value,
            "severity": severity.value,
            "title": draft.title[:500],
            "reference": draft.reference[:100],
            "fields": dict(draft.fields),
            "original_type": draft.original_type if draft.original else "",
            "original_size": len(draft.original),
            "original_sha256": digest,
            "received_at": draft.received_at,
            "deadline_at": draft.deadline_at,
            "deadline_basis": draft.deadline_basis[:300],
            "state": WarningState.RECEIVED.value,
            "opened_at": clock.now(),
            "opened_by": current_actor().label,
        }
        if origin:
            row, is_new = HealthWarning.objects.get_or_create(
                store_id=store.id, origin=origin[:120], lapsed_at__isnull=True, defaults=values
            )
        else:
            row, is_new = HealthWarning.objects.create(store_id=store.id, origin="", **values), True
            row.origin = f"entry:{row.pk}"
        if not is_new:
            return get_warning(row.pk), False
        if draft.original:
            row.original = crypto.seal(draft.original, table=TABLE, row=row.pk, field=ORIGINAL)
        freeze(row)
        row.save()
        note_step(row, "", f"opened from {draft.source.value}")
        _tell(row, "opened", None)
    return get_warning(row.pk), True


def receive_mail(*, store_id: int, raw: bytes) -> tuple[Row, bool]:
    """Take a forwarded message in, recognise what can be, and keep it sealed; the same bytes are one warning.

    `Invalid` for bytes that are no message, `NotFound` for an unknown store.
    """
    store = get_store(store_id)
    try:
        mail = read_mail(raw)
    except MailUnreadable as error:
        raise Invalid(str(error), errors=[FieldError("", str(error), "unreadable_message")]) from error
    now = clock.now()
    is_dated = mail.sent_at is not None and now - _OLDEST <= mail.sent_at <= now
    received = mail.sent_at if is_dated and mail.sent_at is not None else now
    found = recognise(
        platform=store.platform,
        subject=mail.subject,
        text=mail.text,
        sender=mail.sender,
        counted_from=received,
        time_zone=store.time_zone,
    )
    shown = {
        "sender": mail.sender,
        "sender_name": mail.sender_name,
        "forwarded_by": mail.forwarded_by,
        "message_id": mail.message_id,
        "authenticated_by": mail.authenticated_by,
        "attachments": [
            {"name": each.name, "media_type": each.media_type, "size": each.size, "sha256": each.sha256}
            for each in mail.attachments
        ],
        "faults": [*mail.faults, *([] if is_dated else ["Its days are counted from when we got it."])],
        **reading_body(found),
    }
    cases = found.references.get("case", ())
    known = HealthWarning.objects.filter(store_id=store.id, reference__in=[case[:100] for case in cases])
    if same := list(known.order_by("id").values_list("id", flat=True)):
        shown["notes"].append(f"The case is known from warning {', '.join(map(str, same))}.")
    return open_warning(
        WarningDraft(
            store_id=store.id,
            kind=found.kind,
            title=mail.subject or "(no subject)",
            received_at=received,
            source=WarningSource.EMAIL,
            reference=cases[0] if cases else "",
            deadline_at=found.deadline.at if found.deadline else None,
            deadline_basis=f"“{found.deadline.phrase}”: {found.deadline.rule}" if found.deadline else "",
            original=raw,
            original_type="message/rfc822",
            fields=shown,
            origin=f"mail:{hashlib.sha256(raw).hexdigest()}",
        )
    )


def reading_body(found: Reading) -> dict[str, Any]:
    """What was recognised, in plain values."""
    return {
        "kind_basis": found.kind_basis,
        "is_known_sender": found.is_known_sender,
        "references": {name: list(values) for name, values in found.references.items()},
        "other_deadlines": [
            {"at": each.at.isoformat(), "phrase": each.phrase, "rule": each.rule}
            for each in found.other_deadlines
        ],
        "unrecognised": list(found.unrecognised),
        "notes": list(found.notes),
    }


def change_warning(*, warning_id: int, version: int, values: Mapping[str, Any]) -> Row:
    """Correct what was recognised, or take a warning over: kind, severity, title, reference, deadline_at,
    root_cause, owner_id with owner. A warning that becomes critical freezes, one that is settled is history.
    """
    with transaction.atomic():
        row = lock_warning(warning_id, version)
        if row.state not in UNSETTLED and set(values) - {"root_cause"}:
            raise WarningStepNotAllowed(f"It is {row.state}: only its root cause may still be corrected.")
        before = audited(row)
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if "kind" in changed and "severity" not in values:
            changed["severity"] = severity_of(WarningKind(changed["kind"])).value
        for name, value in changed.items():
            setattr(row, name, value)
        if "deadline_at" in changed:
            row.deadline_basis = "" if row.deadline_at is None else f"set by {current_actor().label}"[:300]
            row.reminded_hours = None
        freeze(row)
        save_warning(row, "changed", before)
    return get_warning(warning_id)


def step_warning(*, warning_id: int, version: int, to: WarningState, note: str = "") -> Row:
    """Take a warning into work (again), or dismiss it, which needs a reason."""
    if to not in (WarningState.IN_WORK, WarningState.DISMISSED):
        raise WarningStepNotAllowed(f"{to.value} is reached by drafting, signing, submitting or an answer.")
    if to is WarningState.DISMISSED and not note.strip():
        raise Invalid(errors=[FieldError("/note", "A dismissal needs a reason.", "required")])
    with transaction.atomic():
        row = lock_warning(warning_id, version)
        before = audited(row)
        move(row, to, note)
        if to is WarningState.IN_WORK and row.owner_id is None and row.owner == "":
            row.owner_id, row.owner = current_actor().id, current_actor().label
        save_warning(row, to.value, before)
    return get_warning(warning_id)


def record_submission(*, warning_id: int, version: int, at: datetime, reference: str) -> Row:
    """Note that a person has sent the signed plan to the platform; the product itself never writes there."""
    if at > clock.now():
        raise Invalid(errors=[FieldError("/submitted_at", "It lies in the future.", "future")])
    with transaction.atomic():
        row = lock_warning(warning_id, version)
        before = audited(row)
        move(row, WarningState.SUBMITTED, f"sent {at.isoformat()}; {reference}")
        row.submitted_at, row.submitted_by = at, current_actor().label
        row.submission_reference = reference[:200]
        save_warning(row, "submitted", before)
    return get_warning(warning_id)


def record_outcome(*, warning_id: int, version: int, is_accepted: bool, note: str) -> Row:
    """Note what the platform answered. A freeze stays until a person releases it."""
    to = WarningState.ACCEPTED if is_accepted else WarningState.REJECTED
    with transaction.atomic():
        row = lock_warning(warning_id, version)
        before = audited(row)
        move(row, to, note)
        row.outcome, row.decided_at = note[:_NOTE], clock.now()
        save_warning(row, to.value, before)
    return get_warning(warning_id)


def release_freeze(*, warning_id: int, version: int, reason: str) -> Row:
    """Let large operations go on as far as this warning is concerned; the store stays frozen while another
    critical warning of it holds. `NotFrozen` when it froze nothing or was released before.
    """
    if not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Say why work may go on.", "required")])
    with transaction.atomic():
        row = lock_warning(warning_id, version)
        if row.halt_id is None or row.freeze_released_at is not None:
            raise NotFrozen(f"Warning {warning_id} freezes nothing.")
        before = audited(row)
        row.freeze_released_at, row.freeze_released_by = clock.now(), current_actor().label
        note_step(row, row.state, f"freeze released: {reason}")
        save_warning(row, "freeze_released", before)
        standing = get_halt(row.halt_id)
        if standing.resumed_at is None and not list_freezing(row.store_id):
            resume(halt_id=standing.id, version=standing.version, reason=reason)
    return get_warning(warning_id)


def freeze(row: HealthWarning) -> None:
    """Halt pricing of the store for an unsettled critical warning that did not do so yet."""
    if row.severity != Severity.CRITICAL.value or row.state not in UNSETTLED or row.halt_id is not None:
        return
    told = f"account-health warning {row.pk} ({row.kind}): {row.title}"
    row.halt_id = halt(scope=HaltScope.STORE, store_id=row.store_id, reason=told[:400]).id


def expire(warning_id: int) -> bool:
    """Close a warning whose deadline has passed unanswered; False if it was answered meanwhile."""
    with transaction.atomic():
        row = lock_warning(warning_id)
        if row.state not in ON_THE_CLOCK or row.deadline_at is None or row.deadline_at > clock.now():
            return False
        before = audited(row)
        move(row, WarningState.EXPIRED, f"no answer was sent by {row.deadline_at.isoformat()}")
        save_warning(row, "expired", before)
    return True


def lock_warning(warning_id: int, version: int | None = None) -> HealthWarning:
    """Return a warning's row for a change in this transaction; `PreconditionFailed` for another version."""
    row = HealthWarning.objects.select_for_update().filter(pk=warning_id).first()
    if row is None:
        raise NotFound(f"There is no health warning {warning_id}.")
    if version is not None and row.version != version:
        raise PreconditionFailed
    return row


def move(row: HealthWarning, to: WarningState, note: str) -> None:
    """Step a locked warning; `WarningStepNotAllowed` for what does not follow."""
    present = WarningState(row.state)
    if not may_step(present, to):
        raise WarningStepNotAllowed(f"A warning that is {present.value} cannot become {to.value}.")
    row.state = to.value  # lint-skip: state-mutation a warning is no alert; this is its one mutator
    note_step(row, present.value, note)


def note_step(row: HealthWarning, before: str, note: str) -> None:
    """Write a line of the warning's history."""
    HealthStep.objects.create(
        warning=row,
        before=before,
        after=row.state,
        note=note.strip()[:_NOTE],
        at=clock.now(),
        by=current_actor().label,
    )


def save_warning(row: HealthWarning, what: str, before: dict[str, Any]) -> None:
    """Save a changed warning with its next version, tell of it and record it."""
    row.version += 1
    row.save()
    _tell(row, what, before)


def _tell(row: HealthWarning, what: str, before: dict[str, Any] | None) -> None:
    told = {"warning_id": row.pk, "store_id": row.store_id, "state": row.state, "what": what}
    outbox.emit("alerts.health_warning_changed", told)
    audit.record(
        f"health_warning.{what}", target=("health_warning", row.pk), before=before, after=audited(row)
    )


def audited(row: HealthWarning) -> dict[str, Any]:
    """What the record keeps of a warning; never its wording."""
    names = (
        "store_id", "source", "kind", "severity", "title", "reference", "received_at", "deadline_at", "state",
        "owner", "root_cause", "outcome", "original_sha256", "halt_id", "freeze_released_at", "submitted_at",
        "version",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}
