"""Silences: begun with a reason and an end, changed, ended early. What still fires then is told at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from alerts.models import Silence
from alerts.selectors.silences import SILENCE, get_silence
from alerts.services.transitions import pass_time
from alerts.types import Severity
from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import list_stores
from tenants import audit
from tenants.context import current_actor

LONGEST = timedelta(days=90)


class SilenceOver(Conflict):
    """The silence has ended; nothing was changed."""

    code = "silence_over"
    title = gettext_noop("The silence has ended")


def begin_silence(
    *,
    reason: str,
    ends_at: datetime,
    starts_at: datetime | None = None,
    rules: Sequence[str] = (),
    store_ids: Sequence[int] = (),
    subjects: Sequence[str] = (),
    severities: Sequence[Severity] = (),
) -> dict[str, Any]:
    """Silence what matches from `starts_at` (now) until `ends_at`; returns it as `get_silence` shows it.

    `Invalid` for an end that is not ahead and after the start or further than 90 days away, for an unknown
    store, and for a silence of everything: name at least one rule, store, subject or severity.
    """
    now = clock.now()
    begin = starts_at or now
    _check_times(begin, ends_at, now)
    _check_stores(store_ids)
    if not (rules or store_ids or subjects or severities):
        raise Invalid(
            errors=[FieldError("/rules", "A silence names at least one thing it covers.", "matcher_missing")]
        )
    with transaction.atomic():
        row = Silence.objects.create(
            rules=list(rules),
            store_ids=list(store_ids),
            subjects=list(subjects),
            severities=[each.value for each in severities],
            reason=reason,
            starts_at=begin,
            ends_at=ends_at,
            created_at=now,
            created_by=current_actor().label[:150],
        )
        audit.record("silence.begun", target=("silence", row.pk), after=_audited(row))
    return get_silence(row.pk)


def change_silence(
    *, silence_id: int, version: int, ends_at: datetime | None = None, reason: str | None = None
) -> dict[str, Any]:
    """Move a silence's end or reword its reason. `NotFound`, `PreconditionFailed`, `SilenceOver`, `Invalid`.

    What it covers stays: another silence says better what else is to be left out, and since when.
    """
    now = clock.now()
    with transaction.atomic():
        row = _held(silence_id, version, now)
        before = _audited(row)
        if ends_at is not None:
            _check_times(row.starts_at, ends_at, now)
            row.ends_at = ends_at
        row.reason = row.reason if reason is None else reason
        row.version += 1
        row.save(update_fields=["ends_at", "reason", "version"])
        audit.record("silence.changed", target=("silence", row.pk), before=before, after=_audited(row))
    return get_silence(silence_id)


def end_silence(*, silence_id: int, version: int) -> dict[str, Any]:
    """End a silence and tell at once what still fires. `NotFound`, `PreconditionFailed`, `SilenceOver`."""
    now = clock.now()
    with transaction.atomic():
        row = _held(silence_id, version, now)
        row.ended_at, row.ended_by, row.version = now, current_actor().label[:150], row.version + 1
        row.save(update_fields=["ended_at", "ended_by", "version"])
        pass_time(now)
        audit.record("silence.ended", target=("silence", row.pk), after=_audited(row))
    return get_silence(silence_id)


def _held(silence_id: int, version: int, now: datetime) -> Silence:
    row = Silence.objects.select_for_update().filter(pk=silence_id).first()
    if row is None:
        raise NotFound(f"There is no silence {silence_id}.")
    if row.version != version:
        raise PreconditionFailed(f"Silence {silence_id} is at version {row.version}.")
    if row.ended_at is not None or row.ends_at <= now:
        raise SilenceOver(f"Silence {silence_id} has ended.")
    return row


def _check_times(begin: datetime, end: datetime, now: datetime) -> None:
    if end <= max(begin, now):
        raise Invalid(errors=[FieldError("/ends_at", "It has to be ahead, after the start.", "not_ahead")])
    if end - now > LONGEST:
        raise Invalid(errors=[FieldError("/ends_at", "At most 90 days from now.", "too_long")])


def _check_stores(store_ids: Sequence[int]) -> None:
    known = {store.id for store in list_stores(active_only=False)}
    unknown = [index for index, store_id in enumerate(store_ids) if store_id not in known]
    if unknown:
        raise Invalid(
            errors=[
                FieldError(f"/store_ids/{index}", "There is no such store.", "unknown") for index in unknown
            ]
        )


def _audited(row: Silence) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in SILENCE}
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in plain.items()}
