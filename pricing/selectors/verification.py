"""What is found in rule sets that somebody tries: proofs and wars, for listings as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from config.lib.errors import Conflict, FieldError, Invalid, gettext_noop
from pricing.engine.contribution import evaluate
from pricing.engine.price_war import Mover, War, play
from pricing.engine.solve import lowest_price
from pricing.rules.bots import BOTS
from pricing.rules.evaluate import run
from pricing.rules.parse import parse_rule_set
from pricing.rules.syntax import RuleSet
from pricing.rules.verdicts import Verification
from pricing.rules.verify import verify
from pricing.selectors.context import get_context
from pricing.types import PricingContext, RivalView

_CEILING = Decimal(3)


class NoPriceToPlay(Conflict):
    """The listing has no price or lacks costs, so no war can be played with it."""

    code = "no_price_to_play"
    title = gettext_noop("The listing cannot be played with")


@dataclass(frozen=True, slots=True)
class PlayedWar:
    """A war with the listing and the floor it was played for."""

    war: War
    currency: str
    floor: Decimal | None


def verify_document(document: Mapping[str, Any]) -> Verification:
    """Examine a rule set that need not be saved. `Invalid` with every fault of the document."""
    return verify(parse_rule_set(document))


def play_war(
    *,
    document: Mapping[str, Any],
    store_id: int,
    sku: str,
    bot: str,
    rival: Decimal,
    rival_least: Decimal,
    days: int,
) -> PlayedWar:
    """Play a rule set against a bot with a listing as it stands; nothing is saved.

    `NotFound` for an unknown store or listing, `Invalid` for a document with faults or a rival that starts
    below its least price, `NoPriceToPlay` while the listing's price or costs are not known.
    """
    rule_set = parse_rule_set(document)
    if not Decimal(0) < rival_least <= rival:
        raise Invalid(
            f"a rival at {rival} cannot have {rival_least} as its least price",
            errors=[FieldError("/rival_least", "It must be above 0 and at most the rival's price.", "range")],
        )
    context = get_context(store_id, sku)
    if context.price is None or context.missing:
        wanting = ", ".join(context.missing) or "the price"
        raise NoPriceToPlay(
            f"nobody knows {wanting} of {sku}", remedy="Complete the costs, or sync the store."
        )
    structure, margin = context.structure, max(context.floor_margin, rule_set.limits.floor_margin)
    floor = lowest_price(structure, margin)
    war = play(
        own=context.price,
        rival=rival,
        move=mover_of(rule_set, context),
        answer=BOTS[bot].make(rival_least, context.price * _CEILING, structure.tick),
        floor=floor or Decimal(0),
        ceiling=context.price * _CEILING,
        days=days,
        per_day=max(min(rule_set.limits.changes_per_day, 24 // rule_set.limits.cadence_hours), 1),
        units_per_day=context.units_per_day or Decimal(1),
        contribution=lambda price: evaluate(structure, price).contribution,
    )
    return PlayedWar(war, context.currency, floor)


def mover_of(rule_set: RuleSet, situation: PricingContext) -> Mover:
    """Return how the rule set answers a rival's price with this listing, free of locks and waiting times."""
    free = replace(
        situation,
        locks=(),
        ages=tuple(replace(age, is_fresh=True) for age in situation.ages),
        last_changed_at=None,
        changes_today=0,
    )

    def move(own: Decimal, other: Decimal, turn: int) -> Decimal:
        rivals = RivalView(other, min(other, own), own, own <= other, 1, free.at)
        proposal = run(replace(free, price=own, day_start_price=own, rivals=rivals), rule_set)
        return own if proposal.price is None else proposal.price

    return move
