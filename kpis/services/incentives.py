"""Statements of what a month's figures are worth to a person: by rule, frozen, open to objection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from config.lib.calendars import Period
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from kpis.engine.action_states import APPEAL_STEPS, AppealState, may_step
from kpis.engine.incentive import Attained, Earnings, Rule, compute, read_rule, rule_faults
from kpis.models import Appeal, IncentiveRule, IncentiveStatement
from kpis.selectors.assignments import AssignmentView, list_assignments
from kpis.selectors.definitions import list_definitions
from kpis.selectors.incentives import find_rule, get_appeal, get_rule, get_statement
from kpis.selectors.lines import Row, text
from kpis.selectors.reviews import find_held_review
from kpis.services.issues import StepNotAllowed
from kpis.services.reviews import seal
from tenants import audit, outbox
from tenants.context import current_actor, require_client

_Lines = Mapping[tuple[int, str], Mapping[str, Any]]


class NotReviewed(Conflict):
    """Points are computed from what a meeting agreed on, so the month's review has to be held first."""

    code = "not_reviewed"
    title = gettext_noop("The month's review has not been held yet")
    permanent = True


@dataclass(frozen=True, slots=True)
class Correction:
    """What an accepted objection changes: how far the target of a KPI of a store was met."""

    store_id: int
    kpi: str
    attainment: Decimal


def save_rule(*, version: int, name: str, effective_on: date, document: Mapping[str, Any]) -> Row:
    """Record the rule that follows `version` (0: there was none); `Invalid` names all faults."""
    with transaction.atomic():
        _lock()
        latest = IncentiveRule.objects.order_by("-version").first()
        if (latest.version if latest else 0) != version:
            raise PreconditionFailed
        _check_rule(document)
        row = IncentiveRule.objects.create(
            version=version + 1,
            name=name,
            effective_on=effective_on,
            document=dict(document),
            recorded_at=clock.now(),
            recorded_by=current_actor().label,
        )
        audit.record(
            "incentive_rule.saved", target=("incentive_rule", row.version), after={"document": row.document}
        )
    return get_rule(version + 1)


def make_statements(month: Period) -> list[int]:
    """Freeze the statement of everybody who answered for a KPI at the month's end; returns the new ones' ids.

    Who has one for the month keeps it. `NotReviewed` before the month's review is held, `Invalid` without a
    rule in force.
    """
    review = find_held_review(month.id)
    if review is None:
        raise NotReviewed(f"the review of {month.id} is not held")
    rule = find_rule(month.end)
    if rule is None:
        raise Invalid(
            errors=[FieldError("/month", "No incentive rule is in force in this month.", "no_rule")]
        )
    lines = _lines_of(review)
    made = []
    with transaction.atomic():
        _lock()
        for user_id, shares in _by_person(month.end, lines).items():
            if not IncentiveStatement.objects.filter(user_id=user_id, month=month.id).exists():
                attained = [_attained(share, lines) for share in shares]
                made.append(_record(user_id, shares[0].person, month.id, rule, review, attained, None).pk)
    return made


def file_appeal(*, statement_id: int, user_id: int, reason: str) -> Row:
    """Object to one's own latest statement of a month; `NotFound` for anybody else's."""
    statement = get_statement(statement_id, user_id=user_id)
    with transaction.atomic():
        _lock()
        newest = _newest(user_id, statement["month"])
        if newest.pk != statement_id:
            raise StepNotAllowed("there is a later statement of this month")
        if Appeal.objects.filter(statement_id=statement_id).exists():
            raise StepNotAllowed("an objection to this statement was filed already")
        row = Appeal.objects.create(
            statement_id=statement_id,
            user_id=user_id,
            state=AppealState.OPEN.value,
            reason=reason,
            filed_at=clock.now(),
        )
        audit.record(
            "appeal.filed", target=("appeal", row.pk), after={"statement": statement_id, "reason": reason}
        )
    return get_appeal(row.pk)


def decide_appeal(
    *, appeal_id: int, version: int, to: AppealState, decision: str, corrections: Sequence[Correction]
) -> Row:
    """Reject an objection, or accept it with what changes: that makes the next version of the statement.

    Nobody decides on their own objection (`StepNotAllowed`).
    """
    with transaction.atomic():
        _lock()
        row = Appeal.objects.select_for_update().filter(pk=appeal_id).first()
        if row is None:
            raise NotFound(f"there is no appeal {appeal_id}")
        if row.version != version:
            raise PreconditionFailed
        if not may_step(APPEAL_STEPS, AppealState(row.state), to):
            raise StepNotAllowed(f"an appeal that is {row.state} cannot become {to.value}")
        if current_actor().id == row.user_id:
            raise StepNotAllowed("nobody decides on their own objection")
        row.state, row.decision = to.value, decision
        row.decided_at, row.decided_by = clock.now(), current_actor().label
        row.version += 1
        row.save()
        if to is AppealState.ACCEPTED:
            _correct(row, corrections)
        audit.record(f"appeal.{to.value}", target=("appeal", row.pk), after={"decision": decision})
    return get_appeal(appeal_id)


def _correct(appeal: Appeal, corrections: Sequence[Correction]) -> None:
    before = get_statement(appeal.statement_id)
    lines = before["document"]["lines"]
    known = {(line["store"], line["kpi"]) for line in lines}
    faults = [
        FieldError(f"/corrections/{n}", "The statement has no such line.", "unknown_line")
        for n, each in enumerate(corrections)
        if (each.store_id, each.kpi) not in known
    ]
    if faults or not corrections:
        raise Invalid(errors=faults or [FieldError("/corrections", "Say what is corrected.", "required")])
    changed = {(each.store_id, each.kpi): each.attainment for each in corrections}
    attained = [
        Attained(
            line["store"],
            line["kpi"],
            Decimal(line["share"]),
            changed.get((line["store"], line["kpi"]), _decimal(line["attainment"])),
        )
        for line in lines
    ]
    review = {"id": before["review_id"], "sha256": before["document"]["review_sha256"]}
    rule = get_rule(before["rule_version"])
    _record(before["user_id"], before["person"], before["month"], rule, review, attained, appeal.pk)


def _record(
    user_id: int,
    person: str,
    month: str,
    rule: Row,
    review: Mapping[str, Any],
    attained: Sequence[Attained],
    appeal_id: int | None,
) -> IncentiveStatement:
    read = read_rule(rule["document"])
    earnings = compute(read, attained)
    before = IncentiveStatement.objects.filter(user_id=user_id, month=month).count()
    document, digest = seal(_document(user_id, person, month, rule, review, read, earnings))
    row = IncentiveStatement.objects.create(
        user_id=user_id,
        person=person,
        month=month,
        version=before + 1,
        rule_version=rule["version"],
        review_id=review["id"],
        document=document,
        sha256=digest,
        points=earnings.points,
        appeal_id=appeal_id,
        made_at=clock.now(),
        made_by=current_actor().label,
    )
    outbox.emit("kpis.incentive_stated", {"statement_id": row.pk, "month": month})
    audit.record(
        "incentive.stated",
        target=("incentive_statement", row.pk),
        after={
            "user": user_id,
            "month": month,
            "points": row.points,
            "sha256": digest,
            "version": row.version,
        },
    )
    return row


def _document(
    user_id: int,
    person: str,
    month: str,
    rule: Row,
    review: Mapping[str, Any],
    read: Rule,
    earnings: Earnings,
) -> Row:
    return {
        "user_id": user_id,
        "person": person,
        "month": month,
        "rule": {"version": rule["version"], "name": rule["name"], **rule["document"]},
        "review_sha256": review["sha256"],
        "lines": [
            {
                "store": line.attained.store_id,
                "kpi": line.attained.kpi,
                "share": text(line.attained.share),
                "weight": text(line.weight),
                "attainment": text(line.attained.attainment),
                "points": text(line.points),
            }
            for line in earnings.lines
        ],
        "points": text(earnings.points),
        "share_with_data": text(earnings.known),
        "bonus": None
        if earnings.bonus is None
        else {"amount": text(earnings.bonus), "currency": read.currency},
    }


def _lines_of(review: Mapping[str, Any]) -> _Lines:
    """The lines of the stores' own scorecards that have a target to attain."""
    return {
        (card["store"], line["key"]): line
        for card in review["pack"]["scorecards"]
        if card["store"] is not None
        for line in card["kpis"]
        if line["target"] is not None
    }


def _by_person(on: date, lines: _Lines) -> dict[int, list[AssignmentView]]:
    found: dict[int, list[AssignmentView]] = {}
    stores = sorted({store_id for store_id, _ in lines})
    for share in list_assignments(on, store_ids=stores, kpis={kpi for _, kpi in lines}) if stores else ():
        if share.user_id is not None and (share.store_id, share.kpi) in lines:
            found.setdefault(share.user_id, []).append(share)
    return found


def _attained(share: AssignmentView, lines: _Lines) -> Attained:
    score = lines[share.store_id, share.kpi]["score"]
    return Attained(share.store_id, share.kpi, share.share, _decimal(score))


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _check_rule(document: Mapping[str, Any]) -> None:
    faults = [FieldError(pointer, told, code) for pointer, code, told in rule_faults(read_rule(document))]
    known = list_definitions()
    faults += [
        FieldError(f"/weights/{kpi}", "There is no such KPI.", "unknown_kpi")
        for kpi in document["weights"]
        if kpi not in known
    ]
    if faults:
        raise Invalid(errors=faults)


def _newest(user_id: int, month: str) -> IncentiveStatement:
    return IncentiveStatement.objects.filter(user_id=user_id, month=month).latest("version")


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"kpis.incentives:{require_client().id}"],
        )
