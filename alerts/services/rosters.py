"""Putting a client's roster: a new version each time, so that it stays known who was on duty when."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from alerts.engine.roster import Shift, shift_body
from alerts.models import DutyRoster
from alerts.selectors.rosters import RosterView, get_roster
from config.lib import clock
from config.lib.calendars import UnknownTimeZone, zone
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from connectors.selectors.stores import list_stores
from tenants import audit
from tenants.context import current_actor, require_client
from tenants.selectors.people import list_contacts


def put_roster(*, shifts: Sequence[Shift], version: int) -> RosterView:
    """Put a whole roster in the place of version `version` (0: the first one); returns what is in force now.

    `PreconditionFailed` when another version is in force; `Invalid` names every shift of somebody who is no
    member, of an unknown store or time zone, or that ends before it starts.
    """
    faults = _faults(shifts)
    if faults:
        raise Invalid(errors=faults)
    now = clock.now()
    try:
        with transaction.atomic():
            if get_roster(now).version != version:
                raise PreconditionFailed("Another roster was put since you read it.")
            row = DutyRoster.objects.create(
                version=version + 1,
                shifts=[shift_body(shift) for shift in shifts],
                put_at=now,
                put_by=current_actor().label[:150],
            )
            audit.record("roster.put", target=("roster", row.version), after={"shifts": row.shifts})
    except IntegrityError as error:
        raise PreconditionFailed("Another roster was put at the same moment.") from error
    return get_roster(now)


def _faults(shifts: Sequence[Shift]) -> list[FieldError]:
    members = {each.user_id for each in list_contacts(require_client().id)}
    stores = {store.id for store in list_stores(active_only=False)}
    faults = []
    for index, shift in enumerate(shifts):
        at = f"/shifts/{index}"
        if shift.user_id not in members:
            faults.append(FieldError(f"{at}/user_id", "Nobody of the client with this id.", "unknown"))
        if not set(shift.store_ids) <= stores:
            faults.append(FieldError(f"{at}/store_ids", "There is no such store.", "unknown"))
        if not is_zone(shift.time_zone):
            faults.append(FieldError(f"{at}/time_zone", "There is no such time zone.", "unknown"))
        if shift.from_on and shift.until_on and shift.until_on < shift.from_on:
            faults.append(FieldError(f"{at}/until_on", "It has to be on or after from_on.", "not_after"))
    return faults


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this IANA name."""
    try:
        zone(name)
    except UnknownTimeZone:
        return False
    return True
