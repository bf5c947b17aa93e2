"""Recording how a store prices: a new dated version each time, nothing overwritten."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from config.lib import clock
from config.lib.errors import FieldError, Invalid, PreconditionFailed
from connectors.selectors.stores import get_store
from pricing.engine.terms import AdsMode, Registration, StatedPolicy, Terms, Withholding
from pricing.models import PricingPolicy
from pricing.selectors.policies import TERM_COLUMNS, find_policy, to_stated
from pricing.types import Tier
from tenants import audit
from tenants.context import current_actor

PLANNABLE = (
    "purchase", "first_leg", "duty", "import_tax", "inbound", "referral", "fulfilment", "storage", "payment",
    "advertising", "returns", "packaging", "after_sales", "local_service", "other",
)  # fmt: skip
"""The lines of which a planning value may be stated."""

_WORDS = {
    "registration": tuple(each.value for each in Registration),
    "withholding": tuple(each.value for each in Withholding),
    "ads_mode": (AdsMode.MEASURED.value, AdsMode.NONE.value),
}


def set_policy(*, store_id: int, tier: str, effective_on: date, terms: Terms, version: int) -> StatedPolicy:
    """Record what holds for a tier of a store ("" all tiers) from a day on, in place of `version` (0: none).

    `NotFound` for an unknown store, `Invalid` with every fault, `PreconditionFailed` when somebody else was
    faster.
    """
    get_store(store_id)
    faults = _faults(tier, terms)
    if faults:
        raise Invalid(errors=faults)
    before = find_policy(store_id, tier)
    if (before.version if before else 0) != version:
        raise PreconditionFailed
    try:
        with transaction.atomic():
            row = PricingPolicy.objects.create(
                store_id=store_id,
                tier=tier,
                effective_on=effective_on,
                version=version + 1,
                recorded_at=clock.now(),
                recorded_by=current_actor().label,
                planning=_written_planning(terms),
                required=None if terms.required is None else list(terms.required),
                **{name: getattr(terms, name) for name in TERM_COLUMNS},
            )
            audit.record(
                "pricing_policy.set",
                target=("pricing_policy", f"{store_id}:{tier or 'store'}"),
                before=_audited(before),
                after=_audited(to_stated(row)),
            )
    except IntegrityError as error:
        raise PreconditionFailed from error
    return to_stated(row)


def _faults(tier: str, terms: Terms) -> list[FieldError]:
    faults = [
        FieldError(f"/{name}", f"One of {', '.join(words)}, or empty.", "unknown")
        for name, words in _WORDS.items()
        if getattr(terms, name) not in ("", *words)
    ]
    if tier and tier not in tuple(Tier):
        faults.append(FieldError("/tier", f"One of {', '.join(Tier)}, or store.", "unknown"))
    if (
        terms.target_margin is not None
        and terms.floor_margin is not None
        and terms.floor_margin > terms.target_margin
    ):
        faults.append(FieldError("/floor_margin", "The floor is above the target.", "above_target"))
    unknown = [line for line in terms.required or () if line not in PLANNABLE]
    if unknown:
        faults.append(FieldError("/required", f"Known are {', '.join(PLANNABLE)}.", "unknown"))
    for line, planned in terms.planning.items():
        if line not in PLANNABLE:
            faults.append(FieldError(f"/planning/{line}", f"Known are {', '.join(PLANNABLE)}.", "unknown"))
        elif (planned.amount is None) == (planned.rate is None):
            faults.append(
                FieldError(f"/planning/{line}", "State an amount or a rate, one of them.", "one_of")
            )
    return faults


def _written_planning(terms: Terms) -> dict[str, dict[str, str]]:
    return {
        line: {
            name: format(value, "f")
            for name, value in (("amount", planned.amount), ("rate", planned.rate))
            if value is not None
        }
        for line, planned in terms.planning.items()
    }


def _audited(policy: StatedPolicy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    stated = {
        name: format(value, "f") if isinstance(value, Decimal) else value
        for name in TERM_COLUMNS
        if (value := getattr(policy.terms, name)) not in (None, "")
    }
    return {
        **stated,
        "effective_on": policy.effective_on.isoformat(),
        "version": policy.version,
        "planning": _written_planning(policy.terms),
        "required": None if policy.terms.required is None else list(policy.terms.required),
    }
