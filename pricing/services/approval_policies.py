"""Recording a store's approval policy: a dated version, checked as a whole; old ones are never changed."""

from __future__ import annotations

from datetime import date
from zoneinfo import available_timezones

from django.db import transaction

from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from connectors.selectors.stores import get_store
from pricing.engine.approval import RANK, Level, Range
from pricing.engine.approval_policy import Policy, dump
from pricing.engine.windows import Window
from pricing.models import ApprovalPolicy
from pricing.selectors.approvals import PolicyVersion, get_policy, latest_version
from tenants import audit
from tenants.context import current_actor


def set_policy(*, store_id: int, policy: Policy, effective_on: date, version: int) -> PolicyVersion:
    """Record a version that holds from a shop day on (today or later); `version` is the last one known.

    `Invalid` with every fault; `PreconditionFailed` when somebody recorded one since; `NotFound`.
    """
    store = get_store(store_id)
    today = business_day(clock.now(), store.time_zone)
    faults = policy_faults(policy)
    if effective_on < today:
        faults.append(FieldError("/effective_on", f"It cannot begin before today, {today}.", "past"))
    if faults:
        raise Invalid(errors=faults)
    with transaction.atomic():
        before = get_policy(store_id, effective_on)
        if latest_version(store_id) != version:
            raise PreconditionFailed
        row, is_new = ApprovalPolicy.objects.get_or_create(
            store_id=store_id,
            version=version + 1,
            defaults={
                "effective_on": effective_on,
                "document": dump(policy),
                "recorded_at": clock.now(),
                "recorded_by": current_actor().label[:150],
            },
        )
        if not is_new:
            raise PreconditionFailed
        audit.record(
            "approval_policy.recorded",
            target=("store", store_id),
            before={"version": before.version, "policy": dump(before.policy)},
            after={
                "version": row.version,
                "effective_on": effective_on.isoformat(),
                "policy": row.document,
            },
        )
    return PolicyVersion(store_id, row.version, effective_on, policy, row.recorded_at, row.recorded_by)


def policy_faults(policy: Policy) -> list[FieldError]:
    """Return every fault of a policy, with a pointer into it."""
    faults = []
    seen: set[Level] = set()
    for index, each in enumerate(policy.ranges):
        where = f"/ranges/{index}"
        if each.level not in RANK or each.level in seen:
            faults.append(FieldError(f"{where}/level", "Each level has one range.", "duplicate"))
        seen.add(each.level)
        if each.second is not None and RANK.get(each.second, 0) < RANK.get(each.level, 0):
            faults.append(
                FieldError(f"{where}/second", "The second signature is of a higher level.", "order")
            )
        if each.level is not Level.CLIENT and _is_unlimited(each):
            faults.append(FieldError(where, "Only the client's range may be without any limit.", "unlimited"))
    if policy.window is not None:
        faults.extend(_window_faults(policy.window))
    return faults


def _is_unlimited(given: Range) -> bool:
    limits = (given.largest_change, given.least_margin, given.largest_unit_value, given.largest_month_value)
    return not given.needs_target and all(limit is None for limit in limits)


def _window_faults(window: Window) -> list[FieldError]:
    faults = []
    if window.time_zone not in available_timezones():
        faults.append(FieldError("/window/time_zone", "Name an IANA time zone like Asia/Tokyo.", "unknown"))
    if window.closes <= window.opens and window.closes.isoformat() != "00:00:00":
        faults.append(FieldError("/window/closes", "It closes after it opens (00:00: at midnight).", "order"))
    return faults
