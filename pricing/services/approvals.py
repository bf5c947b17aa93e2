"""Deciding on suggestions: approve (checked again with today's figures), reject, escalate, withdraw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from config.lib import clock
from config.lib.errors import AppError, Conflict, Denied, FieldError, Invalid, NotFound, gettext_noop
from pricing.engine.approval import RANK, Decider, Level, Needed, may_decide
from pricing.engine.approval_policy import Policy
from pricing.engine.lifecycle import PENDING_STATES
from pricing.models import ApprovalDecision, PriceExecution, Recommendation
from pricing.selectors.approvals import due_of, get_policy, is_clearance, needed_at, signatures
from pricing.selectors.context import get_context
from pricing.services.halts import refuse_halted
from pricing.services.lawful import refuse_unlawful
from pricing.services.recheck import Fault, find_faults
from pricing.services.transitions import Moved, MoveNotAllowed, RecommendationChanged, move
from pricing.types import PricingContext, RecommendationState
from tenants.context import current_actor
from tenants.types import Role

CHECK_AFTER = timedelta(hours=4)
LEVEL_OF_ROLE = {
    Role.OPERATOR: Level.OPERATOR,
    Role.MANAGER: Level.MANAGER,
    Role.OWNER: Level.MANAGER,
    Role.CLIENT_ADMIN: Level.CLIENT,
}


class OutsideYourRange(Denied):
    """The price needs somebody else's signature; nothing was changed."""

    code = "outside_your_range"
    title = gettext_noop("This price is not within what you may approve")
    default_remedy = gettext_noop("Escalate it to the level it needs (POST …/escalation).")


class SuggestionNoLongerHolds(Conflict):
    """With today's figures the suggestion is wrong; it has been expired, and `errors` names what changed."""

    code = "suggestion_no_longer_holds"
    title = gettext_noop("The suggestion no longer holds with today's figures")
    default_remedy = gettext_noop("Wait for the next run's suggestion, or start a run.")
    permanent = True


class NotNow(Conflict):
    """Something passing stands against approving now; nothing was changed."""

    code = "approval_not_now"
    title = gettext_noop("The suggestion cannot be approved at this moment")
    default_remedy = gettext_noop("Try again when what `errors` names has passed.")


@dataclass(frozen=True, slots=True)
class Approver:
    """Who decides: the person, their role for the client, and whether they may clear stock."""

    person_id: int
    role: Role | None
    can_clear: bool = False

    @property
    def level(self) -> Level | None:
        """Their position in the approval matrix; None for roles without one."""
        return None if self.role is None else LEVEL_OF_ROLE.get(self.role)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision led to: the state after it, and whose signature is still missing ("" for none)."""

    recommendation_id: int
    sku: str
    state: RecommendationState
    version: int
    level_needed: str = ""


def approve(
    *,
    recommendation_id: int,
    version: int | None,
    approver: Approver,
    price: Decimal | None = None,
    reason: str = "",
    context: PricingContext | None = None,
) -> Decided:
    """Sign a suggestion, at another `price` if one is given (an override, which needs a reason).

    In one transaction: not halted, live and unchanged since `version`, within the approver's range, and
    holding with today's figures (`context`; loaded where it is not given). The last signature approves it,
    one before that hands it to the next level. `OutsideYourRange` and `NotNow` change nothing;
    `SuggestionNoLongerHolds` has expired the suggestion when it is raised, so do not roll it back. `Refused`
    for a reason that asks for what is unlawful; reasons to reject or halt may name it.
    """
    refuse_unlawful(reason=reason)
    with transaction.atomic():
        row = _pending(recommendation_id, version)
        decided = _sign(row, approver, price, reason, context)
    if isinstance(decided, AppError):
        raise decided
    return decided


def reject(*, recommendation_id: int, version: int | None, approver: Approver, reason: str) -> Decided:
    """Refuse a suggestion for good; any approver may, and says why."""
    return _end(recommendation_id, version, approver, RecommendationState.REJECTED, "rejected", reason)


def withdraw(*, recommendation_id: int, version: int | None, approver: Approver, reason: str) -> Decided:
    """Take a live suggestion back, an approved one that nobody has carried out included."""
    return _end(recommendation_id, version, approver, RecommendationState.WITHDRAWN, "withdrawn", reason)


def escalate(
    *, recommendation_id: int, version: int | None, approver: Approver, reason: str, to: Level | None = None
) -> Decided:
    """Hand a suggestion to a higher level, the next one unless `to` names it; the client's window begins."""
    with transaction.atomic():
        row = _pending(recommendation_id, version)
        present = RANK.get(Level(row.level_needed), 0) if row.level_needed else 0
        higher = [level for level in RANK if RANK[level] > present]
        if not higher or (to is not None and to not in higher):
            raise Invalid(errors=[FieldError("/to", "There is no such higher level.", "no_higher_level")])
        level = to or higher[0]
        _note(row, approver, "escalated", None, reason)
        moved = _escalate(row, level, reason)
    return _told(moved, level.value)


def _sign(
    row: Recommendation,
    approver: Approver,
    price: Decimal | None,
    reason: str,
    context: PricingContext | None,
) -> Decided | AppError:
    """Do it, or say what stands against it; an error that is returned comes with a change to be kept."""
    now = clock.now()
    if row.expires_at <= now:
        return _expire(row, [Fault("expired", f"It expired at {row.expires_at:%Y-%m-%d %H:%M} UTC.", True)])
    signed = signatures(row.pk)
    amount = price or (signed[-1].amount if signed else None) or row.suggested_amount
    is_override = price is not None and price != row.suggested_amount
    given = context or get_context(row.store_id, row.sku)
    if is_override:
        _check_override(amount, reason, given, is_first=not signed)
    policy = get_policy(row.store_id, given.on).policy
    needed = _needed(row, policy, given, amount, is_first=not signed)
    faults = find_faults(row, given, amount)
    lasting = [fault for fault in faults if fault.is_lasting]
    if needed.levels:
        decider = Decider(approver.person_id, approver.level, approver.can_clear)
        signers = tuple(each.actor_id or 0 for each in signed)
        author = row.inputs.get("author_id")
        refusal = may_decide(needed, decider, signers, four_eyes=policy.four_eyes, author_id=author)
        if refusal is not None:
            told = [FieldError("", refusal.text, refusal.code), *_as_errors(needed)]
            raise OutsideYourRange(refusal.text, errors=told)
    if lasting and is_override:
        raise Invalid(errors=[FieldError("/price", fault.text, fault.code) for fault in lasting])
    if lasting:
        return _expire(row, lasting)
    if faults:
        raise NotNow(faults[0].text, errors=[FieldError("", each.text, each.code) for each in faults])
    _note(
        row, approver, "approved", amount, reason, level=needed.levels[len(signed)], is_override=is_override
    )
    if len(signed) + 1 < len(needed.levels):
        following = needed.levels[len(signed) + 1]
        return _told(_escalate(row, following, reason or "signed, the next signature is needed"), following)
    moved = move(row.pk, RecommendationState.APPROVED, amount=amount, reason=reason, at=now)
    due = now + timedelta(hours=policy.execution_hours)
    PriceExecution.objects.create(
        recommendation_id=row.pk,
        store_id=row.store_id,
        sku=row.sku,
        approved_at=now,
        due_at=due,
        check_at=due + CHECK_AFTER,
    )
    return _told(moved)


def _needed(
    row: Recommendation, policy: Policy, context: PricingContext, amount: Decimal, *, is_first: bool
) -> Needed:
    """What the policy asks for; a level that somebody escalated to by hand is not fallen short of."""
    floor = row.floor_amount if is_clearance(row) else None
    needed = needed_at(policy, context, amount, clearance_floor=floor)
    asked = row.level_needed if row.state == RecommendationState.ESCALATED.value and is_first else ""
    if not asked or not needed.levels or needed.levels[0] is Level.CLEARANCE:
        return needed
    first = max(needed.levels[0], Level(asked), key=lambda level: RANK.get(level, 0))
    return Needed((first, *needed.levels[1:]), needed.why)


def _check_override(amount: Decimal, reason: str, context: PricingContext, *, is_first: bool) -> None:
    faults = []
    if not reason.strip():
        faults.append(FieldError("/reason", "Another price needs a reason.", "required"))
    if amount <= 0 or amount % context.structure.tick:
        faults.append(FieldError("/price", f"Prices go in steps of {context.structure.tick}.", "off_tick"))
    if not is_first:
        faults.append(
            FieldError("/price", "A second signature confirms the price, or rejects it.", "signed_already")
        )
    if faults:
        raise Invalid(errors=faults)


def _pending(recommendation_id: int, version: int | None) -> Recommendation:
    """The row, locked, in a transaction that no halt can overtake."""
    place = Recommendation.objects.filter(pk=recommendation_id).values_list("store_id", "rule_set_id").first()
    if place is None:
        raise NotFound(f"There is no recommendation {recommendation_id}.")
    refuse_halted(*place)
    row = Recommendation.objects.select_for_update().get(pk=recommendation_id)
    if version is not None and row.version != version:
        raise RecommendationChanged(f"Recommendation {row.pk} is at version {row.version}.")
    if row.state not in [state.value for state in PENDING_STATES]:
        raise MoveNotAllowed(f"A recommendation that is {row.state} is not waiting for a decision.")
    return row


def _expire(row: Recommendation, faults: list[Fault]) -> AppError:
    move(row.pk, RecommendationState.EXPIRED, reason="; ".join(fault.text for fault in faults))
    return SuggestionNoLongerHolds(
        faults[0].text, errors=[FieldError("", fault.text, fault.code) for fault in faults]
    )


def _escalate(row: Recommendation, level: Level, reason: str) -> Moved:
    due = None
    if level is Level.CLIENT:
        due = due_of(row.store_id, clock.now().date(), clock.now())
    return move(row.pk, RecommendationState.ESCALATED, reason=reason, level_needed=level.value, due_at=due)


def _end(
    recommendation_id: int,
    version: int | None,
    approver: Approver,
    to: RecommendationState,
    verdict: str,
    reason: str,
) -> Decided:
    if not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Say why.", "required")])
    with transaction.atomic():
        moved = move(recommendation_id, to, version=version, reason=reason)
        row = Recommendation.objects.get(pk=recommendation_id)
        _note(row, approver, verdict, None, reason)
    return _told(moved)


def _note(
    row: Recommendation,
    approver: Approver,
    verdict: str,
    amount: Decimal | None,
    reason: str,
    *,
    level: Level | None = None,
    is_override: bool = False,
) -> None:
    ApprovalDecision.objects.create(
        recommendation_id=row.pk,
        level=level or approver.level or "",
        verdict=verdict,
        amount=amount,
        is_override=is_override,
        reason=reason[:500],
        actor_id=approver.person_id,
        actor=current_actor().label[:150],
        role="" if approver.role is None else approver.role.value,
        at=clock.now(),
    )


def _as_errors(needed: Needed) -> list[FieldError]:
    return [FieldError("", reason.text, reason.code) for reason in needed.why]


def _told(moved: Moved, level: str = "") -> Decided:
    return Decided(moved.recommendation_id, moved.sku, moved.after, moved.version, level)
