"""Saving, activating and retiring rule sets: a saved version never changes, an activated one is proved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import list_stores
from pricing.models import PriceRuleSet, PriceRuleSetActivation, PriceRuleSetVersion
from pricing.rules.faults import Faults, pointer
from pricing.rules.parse import dump_rule_set, parse_rule_set
from pricing.rules.scope import Scope, dump_scope, parse_scope
from pricing.rules.verdicts import Severity, Verification
from pricing.rules.verdicts import document as document_of
from pricing.rules.verify import verify
from pricing.selectors.rule_sets import Row, get_rule_set, get_version
from pricing.services.lawful import refuse_unlawful
from tenants import audit
from tenants.context import current_actor


class RuleSetUnsound(Invalid):
    """A rule set was not activated: `errors` names every problem that was found."""

    code = "rule_set_unsound"
    title = gettext_noop("The rule set has problems that forbid its activation")


def create_rule_set(
    *, key: str, document: Mapping[str, Any], scope: Mapping[str, Any], note: str = ""
) -> Row:
    """Save the first version of a new rule set, as a draft, and return the rule set's row.

    `Conflict` for a key that is taken, `Invalid` with every fault of document and scope.
    """
    refuse_unlawful(note=note)
    read, covered = _read(document, scope)
    with transaction.atomic():
        row, is_new = PriceRuleSet.objects.get_or_create(
            key=key,
            defaults={
                "name": read["name"],
                "created_at": clock.now(),
                "created_by": current_actor().label,
            },
        )
        if not is_new:
            raise Conflict(
                f"there is a rule set {key!r} already", remedy="Save a new version of it with PUT."
            )
        _add_version(row, read, covered, note)
        audit.record(
            "rule_set.created",
            target=("rule_set", row.pk),
            after={"key": key, "version": 1, "document": read, "scope": dump_scope(covered)},
        )
    return get_rule_set(key)


def save_version(
    *, key: str, document: Mapping[str, Any], scope: Mapping[str, Any], version: int, note: str = ""
) -> Row:
    """Save a new version of a rule set in place of the row's `version`; the one in force stays in force.

    `NotFound`, `Invalid` with every fault, `PreconditionFailed` when somebody else was faster.
    """
    refuse_unlawful(note=note)
    read, covered = _read(document, scope)
    with transaction.atomic():
        row = _locked(key, version)
        before = get_version(key, row.latest_version)
        row.latest_version += 1
        row.name = read["name"]
        _raise_version(row, "latest_version", "name")
        _add_version(row, read, covered, note)
        audit.record(
            "rule_set.saved",
            target=("rule_set", row.pk),
            before={"version": before["version"], "document": before["document"], "scope": before["scope"]},
            after={"version": row.latest_version, "document": read, "scope": dump_scope(covered)},
        )
    return get_rule_set(key)


def activate(*, key: str, chosen: int, version: int) -> Row:
    """Put the version `chosen` in force, in place of the row's `version`.

    It is verified first: `RuleSetUnsound` (422) with every problem that is an error, and nothing changed.
    `NotFound` for an unknown rule set or version, `PreconditionFailed` when somebody else was faster.
    """
    saved = get_version(key, chosen)
    found = verify(parse_rule_set(saved["document"]))
    _refuse(found)
    with transaction.atomic():
        row = _locked(key, version)
        before = row.active_version
        row.active_version, row.retired_at = chosen, None
        _raise_version(row, "active_version", "retired_at")
        PriceRuleSetActivation.objects.create(
            rule_set=row,
            version=chosen,
            verification=document_of(found),
            activated_at=clock.now(),
            activated_by=current_actor().label,
        )
        audit.record(
            "rule_set.activated",
            target=("rule_set", row.pk),
            before={"active_version": before},
            after={"active_version": chosen},
        )
    return get_rule_set(key)


def retire(*, key: str, reason: str, version: int) -> Row:
    """Take a rule set out of force; it can be activated again. Nothing happens to one that is not active.

    `NotFound`, `PreconditionFailed` when somebody else was faster.
    """
    with transaction.atomic():
        row = _locked(key, version)
        if row.retired_at is not None:
            return get_rule_set(key)
        before = row.active_version
        row.active_version, row.retired_at = 0, clock.now()
        _raise_version(row, "active_version", "retired_at")
        audit.record(
            "rule_set.retired",
            target=("rule_set", row.pk),
            before={"active_version": before},
            after={"active_version": 0, "reason": reason},
        )
    return get_rule_set(key)


def _read(document: Mapping[str, Any], scope: Mapping[str, Any]) -> tuple[dict[str, Any], Scope]:
    """Return document and scope as they are stored; `Invalid` with the faults of both, by their places."""
    faults = Faults()
    read: dict[str, Any] = {}
    covered = Scope()
    try:
        read = dump_rule_set(parse_rule_set(document))
    except Invalid as error:
        faults.found += [
            FieldError(f"/document{each.pointer}", each.detail, each.code) for each in error.errors
        ]
    try:
        covered = parse_scope(scope)
        known = {store.id for store in list_stores()}
        for n, store_id in enumerate(covered.stores):
            if store_id not in known:
                faults.add(pointer("/scope/stores", n), "choice", f"There is no store {store_id}.")
    except Invalid as error:
        faults.found += error.errors
    faults.refuse()
    return read, covered


def _refuse(found: Verification) -> None:
    errors = [problem for problem in found.problems if problem.severity is Severity.ERROR]
    if errors:
        raise RuleSetUnsound(
            f"{len(errors)} problem(s) forbid the activation",
            remedy="Save a version that mends each of them.",
            errors=[FieldError(each.pointer, f"{each.text} {each.remedy}", each.code) for each in errors],
        )


def _locked(key: str, version: int) -> PriceRuleSet:
    row = PriceRuleSet.objects.select_for_update().filter(key=key).first()
    if row is None:
        raise NotFound(f"there is no rule set {key!r}")
    if row.version != version:
        raise PreconditionFailed
    return row


def _raise_version(row: PriceRuleSet, *changed: str) -> None:
    row.version += 1
    row.save(update_fields=["version", *changed])


def _add_version(row: PriceRuleSet, document: dict[str, Any], scope: Scope, note: str) -> None:
    PriceRuleSetVersion.objects.create(
        rule_set=row,
        version=row.latest_version,
        document=document,
        scope=dump_scope(scope),
        note=note,
        saved_at=clock.now(),
        saved_by=current_actor().label,
    )
