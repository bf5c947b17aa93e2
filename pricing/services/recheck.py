"""Whether a suggestion still holds with today's figures: floor, law, price, data, locks and cadence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from pricing.engine.contribution import keeps
from pricing.models import Recommendation
from pricing.rules.checks import check_price
from pricing.selectors.price_histories import history_of
from pricing.types import Lock, LockKind, PricingContext, ProposalKind

CADENCE = timedelta(hours=4)
CHANGES_A_DAY = 2
_LOCK_OF = {
    ProposalKind.PROMOTION.value: LockKind.PROMOTION,
    ProposalKind.EXPERIMENT.value: LockKind.TEST,
    ProposalKind.PILOT.value: LockKind.PILOT,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason not to approve now. `is_lasting`: waiting does not help, it has to be suggested anew."""

    code: str
    text: str
    is_lasting: bool


def find_faults(row: Recommendation, context: PricingContext, price: Decimal) -> list[Fault]:
    """Return all that stands against approving `price` with the figures of `context`, lasting first."""
    found = [*_lasting(row, context, price), *_passing(row, context)]
    return sorted(found, key=lambda fault: not fault.is_lasting)


def _lasting(row: Recommendation, context: PricingContext, price: Decimal) -> list[Fault]:
    found = []
    if context.price is not None and row.current_amount is not None and context.price != row.current_amount:
        text = f"The price was {_plain(row.current_amount)} and is {_plain(context.price)} now."
        found.append(Fault("price_moved", text, is_lasting=True))
    if context.missing:
        text = f"The cost is not known any more: {', '.join(context.missing)}."
        found.append(Fault("cost_missing", text, is_lasting=True))
    if row.kind == ProposalKind.CLEARANCE.value:
        is_kept, floor = price >= row.floor_amount, "clearance floor"
    else:
        is_kept, floor = keeps(context.structure, price, context.floor_margin), "floor"
    if not is_kept:
        text = f"With today's costs {_plain(price)} {context.currency} does not keep the {floor}."
        found.append(Fault("below_floor_now", text, is_lasting=True))
    bounds = context.bounds
    if (bounds.lowest is not None and price < bounds.lowest) or (
        bounds.highest is not None and price > bounds.highest
    ):
        found.append(
            Fault("out_of_bounds", f"{_plain(price)} is outside the listing's bounds.", is_lasting=True)
        )
    past = history_of(store_id=context.store_id, sku=context.sku, on=context.on)
    found.extend(
        Fault(each.code, f"{each.text} ({each.reference})", is_lasting=True)
        for each in check_price(context, price, past)
        if each.blocks
    )
    return found


def _is_own(row: Recommendation, lock: Lock) -> bool:
    """A promotion's, test's or pilot's own price is what its lock is there for."""
    return _LOCK_OF.get(row.kind) is lock.kind and row.source_id == lock.source_id


def _passing(row: Recommendation, context: PricingContext) -> list[Fault]:
    found = [
        Fault("stale_input", f"{age.name} is older than {age.limit_hours} hours.", is_lasting=False)
        for age in context.ages
        if not age.is_fresh
    ]
    found.extend(
        Fault("locked", f"The listing is locked ({lock.kind.value}): {lock.reason}", is_lasting=False)
        for lock in context.locks
        if not _is_own(row, lock)
    )
    last = context.last_changed_at
    if last is not None and context.at - last < CADENCE:
        found.append(
            Fault(
                "cadence", f"The price changed less than 4 hours ago, at {last:%H:%M} UTC.", is_lasting=False
            )
        )
    if context.changes_today >= CHANGES_A_DAY:
        found.append(
            Fault(
                "changes_today", f"The price changed {context.changes_today} times today.", is_lasting=False
            )
        )
    return found


def _plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")
