"""Price tests from plan to verdict: drawn, begun, watched, ended; a person sets every price.

While a test runs a lock keeps rules away from its listing. It is released with the verdict or the stop, and
the price to be kept is suggested where another one stands: that of the treatment where it was better, else
the control's.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import get_store
from pricing.engine.contribution import evaluate, keeps
from pricing.engine.randomisation import compare_arms
from pricing.engine.switchback import Arm, Design, draw_blocks, permitted_assignments
from pricing.engine.trial import (
    Guardrails,
    TrialDay,
    TrialState,
    TrialVerdict,
    broken_guardrails,
    conclude,
    figures_of,
)
from pricing.models import PriceTest
from pricing.selectors.context import get_context
from pricing.selectors.experiments import (
    COLUMNS,
    Row,
    days_of,
    design_of,
    get_test,
    list_running,
    result_body,
    window_of_days,
)
from pricing.services.halts import PricingHalted
from pricing.services.lawful import refuse_unlawful
from pricing.services.locks import release_locks_of, set_lock
from pricing.services.proposals import BelowFloor, propose
from pricing.services.trial_plans import (
    TrialDraft,
    context_for,
    design_for,
    find_faults,
    plain,
    power_of,
    warnings_of,
)
from pricing.types import LockKind, PricingContext, ProposalKind, Reason
from tenants import audit, outbox
from tenants.context import current_actor, require_client

EVENT = "pricing.test_closed"
SETTLES_AFTER_DAYS = 3
"""Orders and visits of the last days are still being restated."""
_LOCK_DAYS = SETTLES_AFTER_DAYS + 4


class PriceTestRefused(Invalid):
    """A price of the test is not permitted, or something else moves the price in its days."""

    code = "price_test_refused"
    title = gettext_noop("The test cannot run as planned")
    default_remedy = gettext_noop("Change what the errors name, or choose other days.")


class PriceTestStepRefused(Conflict):
    """The step does not follow from the test's state or day."""

    code = "price_test_step_refused"
    title = gettext_noop("The test is past this step")


def plan_test(draft: TrialDraft) -> Row:
    """Plan a test: its blocks are drawn now and never again. Returns its row.

    `PriceTestRefused` with everything that forbids it, `Invalid` for a design that is none, `NotFound` for an
    unknown store or listing, `Refused` for an unlawful purpose.
    """
    refuse_unlawful(name=draft.name)
    context = context_for(draft.store_id, draft.sku)
    design = design_for(
        start_on=draft.start_on,
        blocks=draft.blocks,
        block_days=draft.block_days,
        washout_days=draft.washout_days,
        today=context.on,
    )
    if draft.control == draft.treatment:
        raise Invalid(errors=[FieldError("/treatment_price", "The prices are the same.", "same")])
    seed = draft.seed or secrets.token_hex(8)
    planned = power_of(context, design, draft.wanted)
    with transaction.atomic():
        _lock_plans(draft.store_id)
        _refuse(context, draft.control, draft.treatment, design)
        blocks = draw_blocks(design, seed=seed)
        row = PriceTest.objects.create(
            store_id=draft.store_id,
            sku=draft.sku,
            name=draft.name.strip(),
            currency=context.currency,
            control_amount=draft.control,
            treatment_amount=draft.treatment,
            start_on=design.start,
            last_on=design.last,
            blocks=design.blocks,
            block_days=design.block_days,
            washout_days=design.washout_days,
            seed=seed,
            assignment=[block.arm is Arm.TREATMENT for block in blocks],
            power=plain(planned),
            warnings=warnings_of(planned, design, seed),
            guardrails={name: str(value) for name, value in asdict(draft.guardrails).items()},
            state=TrialState.PLANNED.value,
            planned_at=clock.now(),
            planned_by=current_actor().label,
        )
        audit.record("price_test.planned", target=("price_test", row.pk), after=_audited(row))
    return get_test(row.pk)


def start_test(*, test_id: int, version: int) -> Row:
    """Begin a planned test: everything is checked again, and its listing locked from the first day on.

    `PriceTestStepRefused` for another state or after its first day, `PriceTestRefused`, `PreconditionFailed`.
    """
    with transaction.atomic():
        row = _locked(test_id, version)
        store = get_store(row.store_id)
        today = business_day(clock.now(), store.time_zone)
        _require(row, TrialState.PLANNED)
        if today > row.start_on:
            raise PriceTestStepRefused(
                f"its first day was {row.start_on}", remedy="Stop it and plan another one."
            )
        _lock_plans(row.store_id)
        design = design_of(_values(row))
        context = get_context(row.store_id, row.sku)
        _refuse(context, row.control_amount, row.treatment_amount, design, test_id=row.pk)
        begin, _ = window_of_days(store, design.start, design.last)
        _, until = window_of_days(store, design.start, design.last + timedelta(days=_LOCK_DAYS))
        set_lock(
            store_id=row.store_id,
            sku=row.sku,
            kind=LockKind.TEST,
            source_id=row.pk,
            from_at=begin,
            until_at=until,
            reason=f"price test {row.name}"[:300],
        )
        _step(row, TrialState.RUNNING, "started")
    return get_test(test_id)


def stop_test(*, test_id: int, version: int, reason: str) -> Row:
    """End a planned or running test by hand; there is no verdict then, for whoever stops when a figure
    pleases always finds a difference. `Invalid` without a reason, `PriceTestStepRefused`,
    `PreconditionFailed`."""
    if not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Say why it is stopped.", "required")])
    refuse_unlawful(reason=reason)
    with transaction.atomic():
        row = _locked(test_id, version)
        _require(row, TrialState.PLANNED, TrialState.RUNNING)
        _close(row, TrialState.STOPPED, [Reason("by_hand", reason.strip()[:300])])
    return get_test(test_id)


def look_after_tests() -> int:
    """Stop what has to stop, finish what has run its days; returns how many were closed. Safe to repeat."""
    closed = 0
    planned = PriceTest.objects.filter(state=TrialState.PLANNED.value).order_by("id")
    for test_id in [*planned.values_list("id", flat=True), *list_running()]:
        closed += look_after(test_id)
    return closed


def look_after(test_id: int) -> bool:
    """Look at one open test; returns whether it was closed."""
    with transaction.atomic():
        row = PriceTest.objects.select_for_update().filter(pk=test_id).first()
        if row is None or row.state not in (TrialState.PLANNED, TrialState.RUNNING):
            return False
        today = business_day(clock.now(), get_store(row.store_id).time_zone)
        if row.state == TrialState.PLANNED:
            if today > row.start_on:
                late = Reason("not_started", f"nobody began it by its first day, {row.start_on}")
                _close(row, TrialState.STOPPED, [late])
                return True
            return False
        days = days_of(_values(row))
        reasons = _stops(row, days)
        if reasons:
            _close(row, TrialState.STOPPED, reasons)
            return True
        if (today - row.last_on).days > SETTLES_AFTER_DAYS:
            _finish(row, days)
            return True
        row.checked_at = clock.now()
        row.save(update_fields=["checked_at"])
    return False


def _finish(row: PriceTest, days: Sequence[TrialDay]) -> None:
    """Compare the arms over everything that could have been drawn, and write down every day."""
    structure = get_context(row.store_id, row.sku).structure
    contribution = {
        Arm.CONTROL: evaluate(structure, row.control_amount).contribution,
        Arm.TREATMENT: evaluate(structure, row.treatment_amount).contribution,
    }
    design = design_of(_values(row))
    permitted = permitted_assignments(design, seed=row.seed)
    found = compare_arms(design, tuple(row.assignment), permitted, figures_of(days, contribution))
    verdict, text = conclude(found)
    row.verdict = verdict.value
    row.result = {
        **result_body(found, text),
        "contribution": {arm.value: str(amount) for arm, amount in contribution.items()},
        "day_states": dict(Counter(day.state.value for day in days)),
        "counted": [
            {
                "on": day.on.isoformat(),
                "arm": day.arm.value,
                "state": day.state.value,
                "units": day.seen.units,
                "sessions": day.seen.sessions,
            }
            for day in days
        ],
    }
    _close(row, TrialState.FINISHED, [Reason(verdict.value, text)])


def _stops(row: PriceTest, days: Sequence[TrialDay]) -> list[Reason]:
    """Why a running test has to end: a guardrail, or a price that does not keep its floor any more."""
    try:
        context = get_context(row.store_id, row.sku)
    except NotFound:
        return [Reason("listing_gone", "the store does not list it any more")]
    guardrails = Guardrails(**{name: Decimal(value) for name, value in row.guardrails.items()})
    found = broken_guardrails(days, guardrails)
    if not context.missing:
        found += [
            Reason("below_floor", f"{price:f} does not keep the floor with today's costs")
            for price in (row.control_amount, row.treatment_amount)
            if not keeps(context.structure, price, context.floor_margin)
        ]
    return found


def _close(row: PriceTest, state: TrialState, reasons: Sequence[Reason]) -> None:
    """End a test: release its lock, suggest the price to keep, tell."""
    was_running = row.state == TrialState.RUNNING
    row.reasons = [{"code": each.code, "text": each.text, "values": dict(each.values)} for each in reasons]
    row.closed_at = row.checked_at = clock.now()
    release_locks_of(kind=LockKind.TEST, source_id=row.pk, reason=f"the test is {state.value}")
    if was_running:
        row.recommendation_id = _suggest(row, reasons[0])
    _step(row, state, state.value)
    outbox.emit(
        EVENT,
        {
            "test_id": row.pk,
            "store_id": row.store_id,
            "sku": row.sku,
            "state": row.state,
            "verdict": row.verdict,
            "reasons": [each.code for each in reasons],
        },
    )


def _suggest(row: PriceTest, why: Reason) -> int | None:
    """Suggest the price to keep where another one stands; None where it stands, or may not be suggested."""
    is_better = row.verdict == TrialVerdict.BETTER
    wanted = row.treatment_amount if is_better else row.control_amount
    try:
        context = get_context(row.store_id, row.sku)
        if context.missing or context.price in (None, wanted):
            return None
        return propose(
            context=context,
            kind=ProposalKind.EXPERIMENT,
            price=wanted,
            reasons=[Reason("test_winner" if is_better else "test_over", why.text, {"test": str(row.pk)})],
            source_id=row.pk,
        )
    except (NotFound, BelowFloor, PricingHalted):
        # Gone, costs have risen since, or all is halted: what is right then, people or rules decide.
        return None


def _refuse(
    context: PricingContext,
    control: Decimal,
    treatment: Decimal,
    design: Design,
    *,
    test_id: int | None = None,
) -> None:
    prices = {"control_price": control, "treatment_price": treatment}
    faults = find_faults(context, prices, design, test_id=test_id)
    if faults:
        raise PriceTestRefused(errors=faults)


def _lock_plans(store_id: int) -> None:
    """Plans of one store are made one after the other, so two cannot overlap unseen."""
    with connection.cursor() as cursor:
        key = f"pricing.tests:{require_client().id}:{store_id}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _locked(test_id: int, version: int) -> PriceTest:
    row = PriceTest.objects.select_for_update().filter(pk=test_id).first()
    if row is None:
        raise NotFound(f"there is no price test {test_id}")
    if row.version != version:
        raise PreconditionFailed
    return row


def _require(row: PriceTest, *states: TrialState) -> None:
    if row.state not in states:
        raise PriceTestStepRefused(f"test {row.pk} is {row.state}")


def _step(row: PriceTest, state: TrialState, verb: str) -> None:
    before = _audited(row)
    row.state, row.version = state.value, row.version + 1
    if state is TrialState.RUNNING:
        row.started_at = clock.now()
    row.save()
    audit.record(f"price_test.{verb}", target=("price_test", row.pk), before=before, after=_audited(row))


def _values(row: PriceTest) -> Mapping[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}


def _audited(row: PriceTest) -> dict[str, Any]:
    return {
        "store_id": row.store_id,
        "sku": row.sku,
        "state": row.state,
        "control": str(row.control_amount),
        "treatment": str(row.treatment_amount),
        "days": [row.start_on.isoformat(), row.last_on.isoformat()],
        "seed": row.seed,
        "verdict": row.verdict,
        "reasons": [each["code"] for each in row.reasons],
    }
