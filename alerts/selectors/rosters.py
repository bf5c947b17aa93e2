"""Who is on duty for a store, and which roster is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerts.engine.roster import Shift, longest_gap, shift_of, whom
from alerts.models import Alert, DutyRoster
from tenants.context import require_client
from tenants.selectors.people import list_contacts


@dataclass(frozen=True, slots=True)
class RosterView:
    """A roster; version 0 is that of a client that never put one. `gap` is the longest time in the next 14
    days in which nobody is on duty."""

    version: int
    shifts: tuple[Shift, ...]
    put_at: datetime | None
    put_by: str
    gap: tuple[datetime, datetime] | None


def get_roster(at: datetime) -> RosterView:
    """Return the roster in force, with its longest gap from an instant on."""
    row = DutyRoster.objects.order_by("-version").first()
    if row is None:
        return RosterView(0, (), None, "", None)
    shifts = tuple(shift_of(body) for body in row.shifts)
    gap = longest_gap(shifts, at) if shifts else None
    return RosterView(row.version, shifts, row.put_at, row.put_by, gap)


def on_duty(store_id: int | None, position: str, at: datetime, *, level: int = 1) -> list[int]:
    """Return the user ids of who is to be told of an alert at an instant (alerts.engine.roster.whom).

    `position` is a rule's owner: a position, or the address of a member, who is told whatever the hour until
    nobody acknowledges. Only people who still are members count. Empty when the roster names none of them:
    then whoever manages the client has to be told.
    """
    contacts = list_contacts(require_client().id)
    named = [each.user_id for each in contacts if position and each.email == position.lower()]
    if named and level == 1:
        return named
    row = DutyRoster.objects.order_by("-version").first()
    members = {each.user_id for each in contacts}
    shifts = [shift for shift in map(shift_of, row.shifts if row else ()) if shift.user_id in members]
    return whom(shifts, store_id, position, at, level)


def on_duty_for(alert_id: int, at: datetime) -> list[int]:
    """Return who is to be told of an alert at the level it has come to; `Alert.DoesNotExist`."""
    columns = Alert.objects.values_list("store_id", "owner", "level")
    store_id, owner, level = columns.get(pk=alert_id)
    return on_duty(store_id, owner, at, level=level)
