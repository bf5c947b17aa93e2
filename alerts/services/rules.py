"""Making, changing and switching alert rules; a saved version never changes.

A required rule that would reach nobody cannot be put in force (L10): what must be heard is refused while
there is nobody to hear it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from alerts.detectors import DETECTORS
from alerts.detectors.library import LIBRARY, DefaultRule
from alerts.engine import parameters as forms
from alerts.engine.policies import read_policy
from alerts.models import AlertRule, AlertRuleTurn, AlertRuleVersion
from alerts.selectors.channels import reachable_recipients
from alerts.selectors.rules import Row, find_rules, get_rule_row, to_view, write_policy
from alerts.services.transitions import close_rule
from alerts.types import RuleView, Severity
from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import list_stores
from tenants import audit
from tenants.context import current_actor


class NobodyReachable(Invalid):
    """A required rule would reach nobody."""

    code = "nobody_reachable"
    title = gettext_noop("A required rule needs somebody who can be reached")
    default_remedy = gettext_noop("Add a channel for the severity of the rule, then try again.")


@dataclass(frozen=True, slots=True)
class RuleInput:
    """What a rule is to say. None: as the detector has it."""

    title: str
    parameters: Mapping[str, Any]
    store_ids: Sequence[int] = ()
    severity: Severity | None = None
    policy: Mapping[str, Any] | None = None
    owner: str = ""
    is_required: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Installed:
    """What became of the library: rules made and in force, made but not in force, and there already."""

    active: tuple[str, ...]
    waiting: tuple[str, ...]
    present: tuple[str, ...]


def draft_rule(*, key: str, detector: str, said: RuleInput) -> RuleView:
    """Check what a rule is to say and return it as it would be; nothing is written.

    `Invalid` with every fault of detector, parameters, stores and policy at once.
    """
    if detector not in DETECTORS:
        known = ", ".join(DETECTORS.keys())
        detail = f"There is no detector {detector!r}; known are {known}."
        raise Invalid(detail, errors=[FieldError("/detector", detail, "choice")])
    kind = DETECTORS.get(detector)
    faults: list[FieldError] = []
    parameters: dict[str, Any] = {}
    policy = kind.policy
    try:
        read = kind.read(said.parameters)
        kind.refuse_parameters(read)
        parameters = forms.write(read)
    except Invalid as error:
        faults += error.errors
    try:
        policy = read_policy(said.policy or {}, standard=kind.policy)
    except Invalid as error:
        faults += error.errors
    known_stores = {store.id for store in list_stores()}
    for n, store_id in enumerate(said.store_ids):
        if store_id not in known_stores:
            faults.append(FieldError(f"/store_ids/{n}", f"There is no store {store_id}.", "choice"))
    if faults:
        raise Invalid(f"the rule has {len(faults)} fault(s)", errors=faults)
    return RuleView(
        id=0,
        version=1,
        key=key,
        detector=detector,
        title=said.title,
        store_ids=tuple(dict.fromkeys(said.store_ids)),
        parameters=parameters,
        severity=said.severity or kind.severity,
        policy=policy,
        owner=said.owner,
        is_required=said.is_required,
        is_active=False,
    )


def create_rule(*, key: str, detector: str, said: RuleInput) -> Row:
    """Save a new rule, not yet in force; returns its row. `Conflict` for a key that is taken, `Invalid`."""
    rule = draft_rule(key=key, detector=detector, said=said)
    now = clock.now()
    with transaction.atomic():
        row, is_new = AlertRule.objects.get_or_create(
            key=key,
            defaults={
                "detector": detector,
                "created_at": now,
                "created_by": current_actor().label,
                "updated_at": now,
            },
        )
        if not is_new:
            raise Conflict(f"there is an alert rule {key!r} already", remedy="Change it with PUT.")
        _add_version(row, rule, said.note)
        AlertRuleTurn.objects.create(rule=row, next_check_at=now)
        audit.record(
            "alert_rule.created",
            target=("alert_rule", row.pk),
            after={"key": key, "detector": detector, **_said(rule)},
        )
    return get_rule_row(key)


def save_version(*, key: str, said: RuleInput, version: int) -> Row:
    """Save a new version in place of the row's `version`; it counts at once if the rule is in force.

    `NotFound`, `Invalid` with every fault, `NobodyReachable`, `PreconditionFailed` when somebody was faster.
    """
    before = get_rule_row(key)
    rule = draft_rule(key=key, detector=before["detector"], said=said)
    with transaction.atomic():
        row = _locked(key, version)
        if row.is_active:
            _refuse_unheard(rule)
        row.in_force += 1
        _touch(row, "in_force")
        _add_version(row, rule, said.note)
        AlertRuleTurn.objects.filter(rule=row).update(
            next_check_at=clock.now(), failures=0, problem="", broken_at=None
        )
        audit.record(
            "alert_rule.saved",
            target=("alert_rule", row.pk),
            before={"version": before["in_force"], **_said(to_view(before))},
            after={"version": row.in_force, **_said(rule)},
        )
    return get_rule_row(key)


def activate(*, key: str, version: int) -> Row:
    """Put a rule in force; it looks with its next turn, which is now. Nothing happens to one in force.

    `NotFound`, `NobodyReachable`, `PreconditionFailed` when somebody was faster.
    """
    with transaction.atomic():
        row = _locked(key, version)
        if row.is_active:
            return get_rule_row(key)
        _refuse_unheard(find_rules([row.pk])[row.pk])
        row.is_active = True
        _touch(row, "is_active")
        AlertRuleTurn.objects.filter(rule=row).update(
            next_check_at=clock.now(), failures=0, problem="", broken_at=None
        )
        audit.record("alert_rule.activated", target=("alert_rule", row.pk), after={"version": row.in_force})
    return get_rule_row(key)


def deactivate(*, key: str, reason: str, version: int) -> Row:
    """Take a rule out of force: its alerts end, and who was told of one hears that it ended.

    `NotFound`, `PreconditionFailed` when somebody was faster.
    """
    with transaction.atomic():
        row = _locked(key, version)
        if not row.is_active:
            return get_rule_row(key)
        row.is_active = False
        _touch(row, "is_active")
        close_rule(row.pk, reason=reason, at=clock.now())
        audit.record("alert_rule.deactivated", target=("alert_rule", row.pk), after={"reason": reason})
    return get_rule_row(key)


def install_defaults(*, keys: Sequence[str] | None = None) -> Installed:
    """Make the rules of the library (or these of it) that the client does not have, and put them in force.

    A required one that would reach nobody is made, but waits. Safe to repeat: what is there stays as it is.
    """
    chosen = LIBRARY if keys is None else _of_library(keys)
    present = set(AlertRule.objects.values_list("key", flat=True))
    active, waiting = [], []
    with transaction.atomic():
        for each in chosen:
            if each.key in present:
                continue
            row = create_rule(key=each.key, detector=each.detector, said=_input(each))
            if each.is_required and not reachable_recipients(to_view(row)):
                waiting.append(each.key)
                continue
            activate(key=each.key, version=row["version"])
            active.append(each.key)
    there = tuple(each.key for each in chosen if each.key in present)
    return Installed(tuple(active), tuple(waiting), there)


def _of_library(keys: Sequence[str]) -> tuple[DefaultRule, ...]:
    known = {each.key: each for each in LIBRARY}
    faults = [
        FieldError(f"/keys/{n}", f"The library has no rule {key!r}.", "choice")
        for n, key in enumerate(keys)
        if key not in known
    ]
    if faults:
        raise Invalid("the library has not all of these rules", errors=faults)
    return tuple(known[key] for key in dict.fromkeys(keys))


def _input(each: DefaultRule) -> RuleInput:
    return RuleInput(
        title=each.title,
        parameters=each.parameters,
        severity=each.severity,
        policy=write_policy(each.policy),
        owner=each.owner.value,
        is_required=each.is_required,
        note="From the library.",
    )


def _refuse_unheard(rule: RuleView) -> None:
    if rule.is_required and not reachable_recipients(replace(rule, is_active=True)):
        detail = f"Nobody would hear of {rule.key}."
        raise NobodyReachable(detail, errors=[FieldError("/is_required", detail, "nobody_reachable")])


def _locked(key: str, version: int) -> AlertRule:
    row = AlertRule.objects.select_for_update().filter(key=key).first()
    if row is None:
        raise NotFound(f"there is no alert rule {key!r}")
    if row.version != version:
        raise PreconditionFailed
    return row


def _touch(row: AlertRule, *changed: str) -> None:
    row.version += 1
    row.updated_at = clock.now()
    row.save(update_fields=["version", "updated_at", *changed])


def _said(rule: RuleView) -> dict[str, Any]:
    """What a version says, as it is stored and written down."""
    return {
        "title": rule.title,
        "store_ids": list(rule.store_ids),
        "parameters": dict(rule.parameters),
        "severity": rule.severity.value,
        "policy": write_policy(rule.policy),
        "owner": rule.owner,
        "is_required": rule.is_required,
    }


def _add_version(row: AlertRule, rule: RuleView, note: str) -> None:
    AlertRuleVersion.objects.create(
        rule=row,
        number=row.in_force,
        **_said(rule),
        note=note,
        saved_at=clock.now(),
        saved_by=current_actor().label,
    )
