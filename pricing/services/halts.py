"""The kill switch: stop all suggestions of a client, a store or a rule set at once, and let them go on."""

from __future__ import annotations

from enum import StrEnum

from django.db import connection, transaction
from django.db.models import QuerySet

from config.lib import clock
from config.lib.errors import Conflict, FieldError, Invalid, NotFound, gettext_noop
from connectors.selectors.stores import get_store
from pricing.models import PriceHalt, Recommendation
from pricing.selectors.halts import HALT_LOCK, HaltView, find_halt, get_halt
from pricing.services.transitions import withdraw_all
from pricing.types import LIVE_STATES
from tenants import audit, outbox
from tenants.context import current_actor, require_client


class HaltScope(StrEnum):
    """What a halt stops."""

    CLIENT = "client"
    STORE = "store"
    RULE_SET = "rule_set"


class PricingHalted(Conflict):
    """Pricing is halted here: nothing is proposed or approved until somebody resumes it."""

    code = "pricing_halted"
    title = gettext_noop("Pricing is halted")
    default_remedy = gettext_noop("Resume it (POST price-halts/{id}/resumption), or wait.")


class HaltNotStanding(Conflict):
    """The halt was lifted already."""

    code = "halt_not_standing"
    title = gettext_noop("The halt does not stand any more")


def refuse_halted(store_id: int, rule_set_id: int | None = None) -> None:
    """Raise `PricingHalted` if a halt covers the store or the rule set; holds until the transaction's end."""
    found = find_halt(store_id, rule_set_id)
    if found is not None:
        raise PricingHalted(f"Halted by {found.halted_by} ({found.scope}): {found.reason}")


def halt(
    *, scope: HaltScope, reason: str, store_id: int | None = None, rule_set_id: int | None = None
) -> HaltView:
    """Stop pricing in a scope, in one transaction: every live suggestion of it is withdrawn, approved ones
    that nobody has carried out included. A halt that stands already is answered as it is.

    It waits for the short transactions that propose or approve at this moment, and catches what they wrote.
    """
    store_id, rule_set_id = _scoped(scope, store_id, rule_set_id)
    if not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Say why pricing is halted.", "required")])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s, %s)", [HALT_LOCK, require_client().id])
        row, is_new = PriceHalt.objects.get_or_create(
            scope=scope.value,
            store_id=store_id,
            rule_set_id=rule_set_id,
            resumed_at__isnull=True,
            defaults={
                "reason": reason[:500],
                "halted_at": clock.now(),
                "halted_by": current_actor().label[:150],
            },
        )
        if not is_new:
            return get_halt(row.pk)
        row.withdrawn = withdraw_all(_live(scope, store_id, rule_set_id), reason=f"halted: {reason}")
        row.save(update_fields=["withdrawn"])
        _told(row, "halted")
    return get_halt(row.pk)


def resume(*, halt_id: int, version: int, reason: str) -> HaltView:
    """Lift a halt; withdrawn suggestions stay withdrawn, the next run proposes anew.

    `NotFound`, `HaltNotStanding`, or `Conflict` when somebody changed it since `version`.
    """
    if not reason.strip():
        raise Invalid(errors=[FieldError("/reason", "Say why pricing may go on.", "required")])
    with transaction.atomic():
        row = PriceHalt.objects.select_for_update().filter(pk=halt_id).first()
        if row is None:
            raise NotFound(f"There is no halt {halt_id}.")
        if row.resumed_at is not None:
            raise HaltNotStanding(f"It was lifted by {row.resumed_by}.")
        if row.version != version:
            raise Conflict("The halt has changed since you read it.")
        row.resumed_at, row.resumed_by = clock.now(), current_actor().label[:150]
        row.resume_reason = reason[:500]
        row.version += 1
        row.save()
        _told(row, "resumed")
    return get_halt(row.pk)


def _scoped(scope: HaltScope, store_id: int | None, rule_set_id: int | None) -> tuple[int, int]:
    needed = {HaltScope.CLIENT: (False, False), HaltScope.STORE: (True, False)}.get(scope, (False, True))
    faults = []
    for pointer, value, is_needed in (
        ("/store_id", store_id, needed[0]),
        ("/rule_set_id", rule_set_id, needed[1]),
    ):
        if is_needed != (value is not None):
            text = "is needed" if is_needed else "has no meaning"
            faults.append(FieldError(pointer, f"It {text} for the scope {scope.value}.", "scope"))
    if faults:
        raise Invalid(errors=faults)
    if store_id is not None:
        get_store(store_id)
    return store_id or 0, rule_set_id or 0


def _live(scope: HaltScope, store_id: int, rule_set_id: int) -> QuerySet[Recommendation]:
    rows = Recommendation.objects.filter(state__in=LIVE_STATES)
    if scope is HaltScope.STORE:
        rows = rows.filter(store_id=store_id)
    elif scope is HaltScope.RULE_SET:
        rows = rows.filter(rule_set_id=rule_set_id)
    return rows


def _told(row: PriceHalt, what: str) -> None:
    told = {
        "scope": row.scope,
        "store_id": row.store_id,
        "rule_set_id": row.rule_set_id,
        "reason": row.resume_reason if what == "resumed" else row.reason,
        "withdrawn": row.withdrawn,
    }
    outbox.emit(f"pricing.{what}", {"halt_id": row.pk, "scope": row.scope, "store_id": row.store_id})
    audit.record(f"pricing.{what}", target=("price_halt", row.pk), after=told)
