"""Plans of action: drafted from evidence or written by a person, signed by another one, never sent by us."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from django.db import transaction
from django.db.models import Max

from alerts.engine.health import WarningState
from alerts.engine.poa import Part, PlanLanguage, digest, draft_plan, gaps_of, sections_of, to_plain
from alerts.models import HealthWarning, PlanOfAction
from alerts.selectors.health import Row, get_plan
from alerts.selectors.plan_case import gather_case
from alerts.services.health import audited, lock_warning, move, save_warning
from config.lib import clock
from config.lib.errors import Conflict, Denied, FieldError, Invalid, NotFound, gettext_noop
from tenants.context import current_actor
from tenants.types import ActorKind


class PlanNotCurrent(Conflict):
    """Only the latest version of a plan can be signed or sent back, and only once."""

    code = "plan_not_current"
    title = gettext_noop("This version of the plan is not the current one")


class PlanHasGaps(Conflict):
    """The plan still has parts that a person must write."""

    code = "plan_has_gaps"
    title = gettext_noop("The plan of action is not complete")
    default_remedy = gettext_noop("Write the missing parts as a new version (POST …/plans).")


class SecondPersonNeeded(Denied):
    """Whoever drafted a plan cannot sign it off."""

    code = "second_person_needed"
    title = gettext_noop("Another person has to sign this off")


def draft_from_evidence(
    *, warning_id: int, version: int, language: PlanLanguage, action_ids: Sequence[int] = ()
) -> Row:
    """Draft the next version of a warning's plan from our own records; gaps are marked, nothing is invented.

    `action_ids` names actions that belong to it though their KPI does not tell so.
    """
    case, evidence = gather_case(warning_id, language, action_ids=action_ids)
    sections = draft_plan(case, language)
    items = [asdict(each) for each in evidence]
    return _add(warning_id, version, language, to_plain(sections), items, gaps_of(sections), is_drafted=True)


def write_plan(*, warning_id: int, version: int, language: PlanLanguage, texts: Mapping[Part, str]) -> Row:
    """Keep a person's text as the next version; the evidence of the version before stays with it.

    `Invalid` when there is no text at all. A part left empty, or with a gap's mark in it, stays a gap.
    """
    if not any(text.strip() for text in texts.values()):
        raise Invalid(errors=[FieldError("/sections", "Write at least one part.", "required")])
    sections = sections_of(texts, language)
    last = PlanOfAction.objects.filter(warning_id=warning_id).order_by("-number").first()
    evidence = [] if last is None else last.evidence
    return _add(
        warning_id, version, language, to_plain(sections), evidence, gaps_of(sections), is_drafted=False
    )


def sign_off(*, warning_id: int, version: int, number: int, note: str) -> Row:
    """Sign the latest version, by a person who did not draft it; from then on it may be submitted.

    `SecondPersonNeeded`, `PlanHasGaps`, `PlanNotCurrent`, `NotFound`.
    """
    with transaction.atomic():
        row = lock_warning(warning_id, version)
        plan = _current(row, number)
        actor = current_actor()
        if actor.kind is not ActorKind.USER:
            raise SecondPersonNeeded("A person has to sign.")
        if (plan.drafted_by_kind, plan.drafted_by_id) == (actor.kind.value, actor.id):
            raise SecondPersonNeeded(f"Version {number} was drafted by you.")
        if plan.gaps:
            raise PlanHasGaps("; ".join(plan.gaps))
        before = audited(row)
        plan.signed_at, plan.signed_by, plan.sign_note = clock.now(), actor.label, note[:1000]
        plan.save(update_fields=["signed_at", "signed_by", "sign_note"])
        move(row, WarningState.SIGNED_OFF, f"plan {number} (SHA-256 {plan.sha256}) signed off; {note}")
        save_warning(row, "signed_off", before)
    return get_plan(warning_id, number)


def send_back(*, warning_id: int, version: int, number: int, reason: str) -> Row:
    """Send the latest version back to its drafter; the warning is in work again."""
    if not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Say what is wrong with it.", "required")])
    with transaction.atomic():
        row = lock_warning(warning_id, version)
        plan = _current(row, number)
        before = audited(row)
        plan.returned_at, plan.returned_by = clock.now(), current_actor().label
        plan.return_reason = reason[:1000]
        plan.save(update_fields=["returned_at", "returned_by", "return_reason"])
        move(row, WarningState.IN_WORK, f"plan {number} sent back: {reason}")
        save_warning(row, "plan_returned", before)
    return get_plan(warning_id, number)


def _current(row: HealthWarning, number: int) -> PlanOfAction:
    plan = PlanOfAction.objects.filter(warning=row).order_by("-number").first()
    if plan is None or number > plan.number or number < 1:
        raise NotFound(f"Warning {row.pk} has no plan of action {number}.")
    if plan.number != number or plan.returned_at is not None or plan.signed_at is not None:
        raise PlanNotCurrent(f"The latest version is {plan.number}.")
    return plan


def _add(
    warning_id: int,
    version: int,
    language: PlanLanguage,
    sections: list[dict[str, object]],
    evidence: list[dict[str, object]],
    gaps: Sequence[str],
    *,
    is_drafted: bool,
) -> Row:
    with transaction.atomic():
        row = lock_warning(warning_id, version)
        before = audited(row)
        actor = current_actor()
        last = PlanOfAction.objects.filter(warning=row).aggregate(last=Max("number"))["last"] or 0
        plan = PlanOfAction.objects.create(
            warning=row,
            number=last + 1,
            language=language.value,
            sections=sections,
            evidence=evidence,
            gaps=list(gaps),
            sha256=digest({"sections": sections, "evidence": evidence}),
            is_drafted=is_drafted,
            drafted_at=clock.now(),
            drafted_by_kind=actor.kind.value,
            drafted_by_id=actor.id,
            drafted_by=actor.label,
        )
        told = "drafted from evidence" if is_drafted else "written"
        move(row, WarningState.DRAFT_READY, f"plan {plan.number} {told}; {len(plan.gaps)} gaps")
        save_warning(row, "plan_drafted", before)
    return get_plan(warning_id, plan.number)
