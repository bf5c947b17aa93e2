"""A suggestion told in a sentence, such as "Rival 5.0 % cheaper, rank 8: 29.99 → 28.99 USD, floor 24.10"."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from config.lib.money import exponent
from pricing.types import Outcome, PricingContext, Reason

LONGEST = 300
NO_RULE = "no_rule"
"""The reason of a listing for which no rule's condition holds."""
_ASIDE = frozenset({"ending", "leaves"})
_HUNDRED = Decimal(100)
_TENTH = Decimal("0.1")


def suggestion(
    context: PricingContext,
    price: Decimal,
    *,
    margin: Decimal | None,
    floor: Decimal | None,
    reasons: Sequence[Reason],
) -> str:
    """Return why, from what to what, what margin is left and where the floor is."""
    before = f"{amount(context.price, context.currency)} → " if context.price is not None else ""
    told = [f"{before}{amount(price, context.currency)} {context.currency}"]
    if margin is not None:
        told.append(f"margin {percent(margin)}")
    if floor is not None:
        told.append(f"floor {amount(floor, context.currency)}")
    why = [*situation(context), *(reason.text.rstrip(". ") for reason in _telling(reasons))]
    return _short(f"{', '.join(why) or 'By the rules'}: {', '.join(told)}")


def _telling(reasons: Sequence[Reason]) -> list[Reason]:
    """The reason for the move, and of what shortened it the first: an ending is no news, nor what is left."""
    return [*reasons[:1], *[reason for reason in reasons[1:] if reason.code not in _ASIDE][:1]]


def other(context: PricingContext, outcome: Outcome, reasons: Sequence[Reason]) -> str:
    """Return why nothing is suggested for a listing."""
    told = [reason for reason in reasons if reason.code != NO_RULE]
    why = "; ".join(reason.text.rstrip(". ") for reason in told[:2]) or "nothing calls for another price"
    now = (
        f"{amount(context.price, context.currency)} {context.currency}" if context.price is not None else "–"
    )
    lead = {Outcome.HOLD: "Keep", Outcome.BLOCKED: "Blocked at", Outcome.REFUSED: "Refused at"}
    return _short(f"{lead.get(outcome, 'Now')} {now}: {why}")


def situation(context: PricingContext) -> list[str]:
    """Return what is going on around a listing: how the rivals stand, and its rank."""
    found = []
    rivals = context.rivals
    if rivals.lowest is not None and rivals.own_landed:
        gap = (rivals.own_landed - rivals.lowest) / rivals.own_landed
        if gap:
            found.append(f"Rival {percent(abs(gap))} {'cheaper' if gap > 0 else 'dearer'}")
    if context.rank is not None:
        found.append(f"rank {context.rank}")
    return found


def amount(value: Decimal, currency: str) -> str:
    """Return an amount with the decimals of its currency."""
    return format(value.quantize(Decimal(1).scaleb(-exponent(currency)), ROUND_HALF_UP), "f")


def percent(share: Decimal) -> str:
    """Return a share in percent with one decimal."""
    return f"{(share * _HUNDRED).quantize(_TENTH, ROUND_HALF_UP):f} %"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
