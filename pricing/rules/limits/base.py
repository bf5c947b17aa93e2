"""What gates and limits are: a gate looks at the listing before any rule, a limit at a proposed price."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from pricing.engine.solve import DeadZone
from pricing.rules.floors import Floor
from pricing.rules.syntax import Rule, RuleSet
from pricing.types import Outcome, PricingContext, Reason


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition without which no rule is asked. `check` returns every reason why it is not met; the
    listing is then `outcome` (BLOCKED: something is missing or wrong; HOLD: not now)."""

    key: str
    meaning: str
    outcome: Outcome
    check: Callable[[PricingContext, RuleSet], tuple[Reason, ...]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A price on its way through the limits.

    `current` is the price now, `price` the one proposed. `low` and `high` are the ends of where steps, the
    shop day and the family let it go; limits only narrow them. `zones` are the dead zones of the costs.
    """

    context: PricingContext
    rule_set: RuleSet
    rule: Rule
    current: Decimal
    price: Decimal
    low: Decimal
    high: Decimal
    floor: Floor
    zones: tuple[DeadZone, ...] = ()

    @property
    def is_down(self) -> bool:
        """Is the price to fall?"""
        return self.price < self.current

    def narrowed(self, low: Decimal, high: Decimal) -> Draft:
        """Return the draft with a narrower way, its ends drawn in to ticks."""
        tick = self.context.structure.tick
        return replace(
            self, low=max(self.low, up_to_tick(low, tick)), high=min(self.high, down_to_tick(high, tick))
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a limit says: the draft as it goes on, or `outcome` if it ends here; why, in either case."""

    draft: Draft
    reason: Reason
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit; `stage` is where its trace step belongs: limit, ending, bounds or floor."""

    key: str
    stage: str
    meaning: str
    apply: Callable[[Draft], Verdict]


def passed(draft: Draft, text: str = "within the limit") -> Verdict:
    """Let a draft through as it is."""
    return Verdict(draft, Reason("within", text))


def moved(draft: Draft, price: Decimal, reason: Reason) -> Verdict:
    """Let a draft through at another price."""
    return Verdict(replace(draft, price=price), reason)


def held(draft: Draft, reason: Reason) -> Verdict:
    """Stop: the price stays as it is."""
    return Verdict(draft, reason, Outcome.HOLD)


def clamp(draft: Draft, code: str, text: str, values: dict[str, str]) -> Verdict:
    """Bring the price into the draft's way; stop where the way has no price left."""
    if draft.low > draft.high:
        return held(draft, Reason(code, f"{text}; no price is left", values))
    price = min(max(draft.price, draft.low), draft.high)
    return passed(draft) if price == draft.price else moved(draft, price, Reason(code, text, values))


def up_to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """Return the lowest tick not below a price."""
    return (price / tick).quantize(Decimal(1), rounding=ROUND_CEILING) * tick


def down_to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """Return the highest tick not above a price."""
    return (price / tick).quantize(Decimal(1), rounding=ROUND_FLOOR) * tick
