"""Stating a fee, tax or duty in place of the table's: a new dated version each time, with its reason."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from config.lib import clock
from config.lib.dated import BadDefinition
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from connectors.selectors.stores import get_store
from pricing.fees.parameters import PARAMETERS
from pricing.fees.units import read_stated
from pricing.models import FeeOverride
from pricing.selectors.fee_overrides import ANY_STORE, Scope, StatedFee, find_override, get_override
from pricing.services.lawful import refuse_unlawful
from tenants import audit
from tenants.context import current_actor


def set_fee_override(
    *, key: str, scope: Scope, value: Any, effective_on: date, reason: str, version: int
) -> StatedFee:
    """Record a value for a scope from a day on, in place of `version` (0: none); None withdraws it.

    `value` is in the form of the parameter's unit, numbers as text. `UnknownFeeParameter`, `NotFound` for an
    unknown store, `Invalid` for a value that is none of the unit or an override that would withdraw nothing,
    `PreconditionFailed` when somebody else was faster, `Refused` for an unlawful reason.
    """
    refuse_unlawful(reason=reason)
    parameter = PARAMETERS.get(key)
    if scope.store_id != ANY_STORE:
        get_store(scope.store_id)
    before = find_override(key, scope)
    if (before.version if before else 0) != version:
        raise PreconditionFailed
    if value is None and (before is None or before.value is None):
        raise Invalid(errors=[FieldError("/value", "There is nothing to withdraw.", "nothing_stated")])
    if value is not None:
        try:
            read_stated(parameter.unit, value, key)
        except BadDefinition as error:
            raise Invalid(errors=[FieldError("/value", error.detail, "unit")]) from error
    try:
        with transaction.atomic():
            FeeOverride.objects.create(
                key=key,
                store_id=scope.store_id,
                category=scope.category,
                sku=scope.sku,
                version=version + 1,
                effective_on=effective_on,
                value=value,
                reason=reason,
                recorded_at=clock.now(),
                recorded_by=current_actor().label,
            )
            after = get_override(key, scope)
            audit.record(
                "fee_override.set",
                target=("fee_override", f"{key}:{scope.store_id}:{scope.category}:{scope.sku}"),
                before=_audited(before),
                after=_audited(after),
            )
    except IntegrityError as error:
        raise PreconditionFailed from error
    return after


def _audited(stated: StatedFee | None) -> dict[str, Any] | None:
    if stated is None:
        return None
    return {
        **asdict(stated.scope),
        "key": stated.key,
        "version": stated.version,
        "effective_on": stated.effective_on.isoformat(),
        "value": stated.value,
        "reason": stated.reason,
    }
