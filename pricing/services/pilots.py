"""Pilots: a rule set begins with few listings of a store; a daily look widens, finishes or stops it by
itself."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from config.lib import clock
from config.lib.calendars import business_day
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, gettext_noop
from connectors.selectors.stores import get_store
from connectors.types import StoreRef
from pricing.engine.pilot import STAGES, Decision, Guardrails, Turn, decide
from pricing.engine.terms import Profile
from pricing.models import PricePilot, PriceRuleSet, Recommendation
from pricing.selectors.listing_state import list_listing_rows
from pricing.selectors.outcomes import list_figures
from pricing.selectors.pilots import (
    BEFORE_DAYS,
    COLUMNS,
    FINISHED,
    RUNNING,
    STOPPED,
    Compared,
    Row,
    compare_stage,
    get_pilot,
    guardrails_of,
    members_of,
)
from pricing.selectors.profiles import profiles_of
from pricing.selectors.rule_sets import ActiveRules, load_active
from pricing.services.lawful import refuse_unlawful
from pricing.services.transitions import withdraw_all
from pricing.types import Reason
from tenants import audit, outbox
from tenants.context import current_actor, require_client

STOPPED_EVENT = "pricing.pilot_stopped"
_RATE = Decimal("0.0001")


class PilotRefused(Invalid):
    """The rule set cannot be piloted there."""

    code = "pilot_refused"
    title = gettext_noop("The pilot cannot begin")
    default_remedy = gettext_noop("Change what the errors name.")


class PilotStepRefused(Conflict):
    """The pilot does not run any more, or another one runs."""

    code = "pilot_step_refused"
    title = gettext_noop("The pilot is past this step")


@dataclass(frozen=True, slots=True)
class PilotDraft:
    """A pilot as somebody plans it; no `skus`: every active listing that the rule set counts for."""

    store_id: int
    rule_set_key: str
    skus: Sequence[str] = ()
    guardrails: Guardrails = field(default_factory=Guardrails)
    seed: str = ""
    note: str = ""


def start_pilot(draft: PilotDraft) -> Row:
    """Begin a pilot of the version in force; live suggestions of the rule set for others are withdrawn.

    `NotFound` for an unknown store, rule set or SKU, `PilotRefused`, `PilotStepRefused` while one runs.
    """
    refuse_unlawful(note=draft.note)
    store = get_store(draft.store_id)
    today = business_day(clock.now(), store.time_zone)
    with transaction.atomic():
        _lock_pilots(store.id)
        rules = _rules(store, draft.rule_set_key)
        if PricePilot.objects.filter(store_id=store.id, rule_set_id=rules.id, state=RUNNING).exists():
            raise PilotStepRefused("a pilot of this rule set runs in the store already")
        first_day = today + timedelta(days=1)
        row = PricePilot.objects.create(
            store_id=store.id,
            rule_set_id=rules.id,
            rule_set_key=rules.key,
            rule_set_version=rules.version,
            skus=_sized(store, _covered(store, rules, draft.skus), today),
            seed=draft.seed or secrets.token_hex(8),
            stage_on=first_day,
            started_on=first_day,
            guardrails=_plain(draft.guardrails),
            state=RUNNING,
            note=draft.note.strip(),
            started_at=clock.now(),
            started_by=current_actor().label,
        )
        others = Recommendation.objects.filter(store_id=store.id, rule_set_id=rules.id)
        withdraw_all(
            others.exclude(sku__in=members_of(_values(row))),
            reason=f"pilot {row.pk} began: not in its first stage",
        )
        audit.record("price_pilot.started", target=("price_pilot", row.pk), after=_audited(row))
    return get_pilot(row.pk)


def stop_pilot(*, pilot_id: int, version: int, reason: str) -> Row:
    """Stop a pilot by hand. `Invalid` without a reason, `PilotStepRefused` where it does not run,
    `PreconditionFailed` for another version, `NotFound`."""
    if not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Say why it is stopped.", "required")])
    refuse_unlawful(reason=reason)
    with transaction.atomic():
        row = _locked(pilot_id)
        if row.version != version:
            raise PreconditionFailed
        if row.state != RUNNING:
            raise PilotStepRefused(f"pilot {pilot_id} is {row.state}")
        _stop(row, [Reason("by_hand", reason.strip()[:300])])
    return get_pilot(pilot_id)


def look_after_pilots() -> int:
    """Look at every running pilot; returns how many widened, finished or stopped. Safe to repeat."""
    ids = PricePilot.objects.filter(state=RUNNING).order_by("id").values_list("id", flat=True)
    return sum(look_after_pilot(pilot_id) is not Turn.WAIT for pilot_id in list(ids))


def look_after_pilot(pilot_id: int) -> Turn:
    """Look at a pilot and do what its guardrails say; one that does not run waits."""
    with transaction.atomic():
        row = _locked(pilot_id)
        if row.state != RUNNING:
            return Turn.WAIT
        store = get_store(row.store_id)
        today = business_day(clock.now(), store.time_zone)
        in_force = PriceRuleSet.objects.filter(pk=row.rule_set_id).values_list("active_version", flat=True)
        if in_force.first() != row.rule_set_version:
            _stop(row, [Reason("rule_set_changed", "another version is in force, or none")])
            return Turn.STOP
        compared = compare_stage(store, _values(row), today)
        decision = decide(row.stage, compared.observed, guardrails_of(_values(row)))
        row.observed = _observed(compared)
        row.checked_at = clock.now()
        _act(row, decision, today)
    return decision.turn


def _act(row: PricePilot, decision: Decision, today: date) -> None:
    if decision.turn is Turn.STOP:
        _stop(row, decision.reasons)
        return
    before = _audited(row)
    row.reasons = _told(decision.reasons)
    if decision.turn is Turn.WAIT:
        row.save()
        return
    if decision.turn is Turn.WIDEN:
        row.stage += 1
        row.stage_on = today + timedelta(days=1)
    else:
        row.state, row.closed_at = FINISHED, clock.now()
    row.version += 1
    row.save()
    verb = "widened" if decision.turn is Turn.WIDEN else "finished"
    audit.record(f"price_pilot.{verb}", target=("price_pilot", row.pk), before=before, after=_audited(row))


def _stop(row: PricePilot, reasons: Sequence[Reason]) -> None:
    """Stop a pilot: what its rule set suggested for members is withdrawn, and that is told."""
    before = _audited(row)
    chosen = members_of(_values(row))
    withdrawn = withdraw_all(
        Recommendation.objects.filter(store_id=row.store_id, rule_set_id=row.rule_set_id, sku__in=chosen),
        reason=f"pilot {row.pk} stopped: {reasons[0].text}",
    )
    row.state, row.closed_at, row.reasons = STOPPED, clock.now(), _told(reasons)
    row.version += 1
    row.save()
    outbox.emit(
        STOPPED_EVENT,
        {
            "pilot_id": row.pk,
            "store_id": row.store_id,
            "rule_set_id": row.rule_set_id,
            "reasons": [each.code for each in reasons],
            "withdrawn": withdrawn,
        },
    )
    after = {**_audited(row), "withdrawn": withdrawn}
    audit.record("price_pilot.stopped", target=("price_pilot", row.pk), before=before, after=after)


def _rules(store: StoreRef, key: str) -> ActiveRules:
    if not PriceRuleSet.objects.filter(key=key).exists():
        raise NotFound(f"there is no rule set {key!r}")
    found = next((each for each in load_active(store.id).all if each.key == key), None)
    if found is None:
        detail = "It is not in force in this store; activate a version first."
        raise PilotRefused(errors=[FieldError("/rule_set", detail, "not_active")])
    return found


def _covered(store: StoreRef, rules: ActiveRules, skus: Sequence[str]) -> list[str]:
    """The listings that the rule set counts for; `NotFound` or `PilotRefused` for named ones that it does
    not."""
    active, profiles = load_active(store.id), profiles_of(store.id)
    rows = list_listing_rows(store, list(skus) or None)
    unknown = sorted(set(skus) - {row.sku for row in rows})
    if unknown:
        raise NotFound(f"store {store.id} has no listing {unknown[0]!r}")
    found = []
    for row in rows:
        tier = (profiles.get(row.sku) or Profile(row.sku)).tier.value
        counts = active.find(store_id=store.id, market=store.market, tier=tier, sku=row.sku)
        if counts is not None and counts.id == rules.id:
            found.append(row.sku)
        elif skus:
            detail = f"The rule set does not count for {row.sku}."
            raise PilotRefused(errors=[FieldError("/skus", detail, "not_in_scope")])
    if not found:
        raise PilotRefused(errors=[FieldError("/rule_set", "It counts for no listing here.", "no_listings")])
    return found


def _sized(store: StoreRef, skus: Sequence[str], today: date) -> list[list[str]]:
    """The listings with their units a day over the two weeks before today."""
    first, last = today - timedelta(days=BEFORE_DAYS), today - timedelta(days=1)
    figures = list_figures(store.id, skus, first, last)
    return [
        [
            sku,
            str(
                (Decimal(sum(figures[sku].units.values()) if sku in figures else 0) / BEFORE_DAYS).quantize(
                    _RATE
                )
            ),
        ]
        for sku in skus
    ]


def _lock_pilots(store_id: int) -> None:
    with connection.cursor() as cursor:
        key = f"pricing.pilots:{require_client().id}:{store_id}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _locked(pilot_id: int) -> PricePilot:
    row = PricePilot.objects.select_for_update().filter(pk=pilot_id).first()
    if row is None:
        raise NotFound(f"there is no price pilot {pilot_id}")
    return row


def _values(row: PricePilot) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}


def _plain(given: Guardrails) -> dict[str, Any]:
    return {
        "days_per_stage": given.days_per_stage,
        "least_skus": given.least_skus,
        "least_contribution_change": str(given.least_contribution_change),
        "least_buy_box_change": str(given.least_buy_box_change),
    }


def _observed(compared: Compared) -> dict[str, Any]:
    observed = compared.observed

    def text(value: Decimal | None) -> str | None:
        return None if value is None else f"{value:f}"

    return {
        "complete_days": observed.complete_days,
        "contribution_change": text(observed.contribution_change),
        "buy_box_change": text(observed.buy_box_change),
        "below_floor": list(observed.below_floor),
        "stale": list(observed.stale),
        "members": len(compared.members),
        "controls": len(compared.controls),
    }


def _told(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    return [{"code": each.code, "text": each.text, "values": dict(each.values)} for each in reasons]


def _audited(row: PricePilot) -> dict[str, Any]:
    return {
        "store_id": row.store_id,
        "rule_set": row.rule_set_key,
        "rule_set_version": row.rule_set_version,
        "state": row.state,
        "stage": row.stage,
        "share": str(STAGES[row.stage]),
        "listings": len(row.skus),
        "reasons": [each["code"] for each in row.reasons],
    }
