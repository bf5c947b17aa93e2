"""Can any combination of rules pass the floor? Proved over the declared ranges, or refuted by a price
that does.

Interval reasoning first: from the declared range of prices every action's interval gives every price that
can be handed to the limits, and what limits and endings can add widens it, so no input within the ranges
leads out of it. Then the last stages, from the floor on, which alone decide what leaves, are tried at every
tick of that interval and of every cost structure: a price that comes out has to keep the margin exactly. What
comes in does not matter any more; so neither does which rules fired, nor in which order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from pricing.engine.contribution import evaluate
from pricing.rules.actions import ACTIONS
from pricing.rules.floors import Floor, floor_of
from pricing.rules.intervals import INFINITE, Interval
from pricing.rules.limits import PIPELINE
from pricing.rules.limits.base import Draft, Limit, down_to_tick, up_to_tick
from pricing.rules.museum.ground import PRICE, listing
from pricing.rules.satisfy import Domain
from pricing.rules.static import domain_of
from pricing.rules.syntax import ActionCall, AllOf, Rule, RuleSet
from pricing.rules.verdicts import FloorProof, ProofStatus, RuleReach
from pricing.types import Bounds, PricingContext

_NEAR = (Decimal("0.5"), Decimal("1.5"))
"""Of the listing's price: where prices are taken to lie when a rule set declares no range."""
_ENDING_ADDS = Decimal("1.05")
_NOTHING = Rule("none", AllOf(()), ActionCall("hold"))


def prove_floor(
    rule_set: RuleSet,
    *,
    contexts: Sequence[PricingContext] = (),
    pipeline: Sequence[Limit] = PIPELINE,
) -> FloorProof:
    """Prove the floor for the museum's listing and for each of `contexts` (listings the set is meant for)."""
    domain = domain_of(rule_set)
    listings = [listing(), *(each for each in contexts if each.price is not None and not each.missing)]
    cells, reaches, shown = 0, [], {}
    for context in listings:
        prices = _prices(rule_set, context)
        floor = floor_of(context, rule_set)
        found = [_reach(rule, prices, domain, floor) for rule in rule_set.rules]
        if context is listings[0]:
            reaches, shown = found, {**rule_set.ranges, "price": (prices.low, prices.high)}
        handed = _handed(found, prices, floor, rule_set, context, pipeline)
        for tick, result in _outcomes(context, rule_set, floor, handed, _last_stages(pipeline)):
            cells += 1
            if result is not None and not floor.keeps(result):
                return FloorProof(
                    ProofStatus.REFUTED,
                    f"{_named(pipeline)} let a price pass that does not keep the margin",
                    shown,
                    tuple(reaches),
                    cells,
                    _example(context, floor, tick, result),
                )
    because = (
        f"every price from any rule passes {_named(pipeline)} last; at each of {cells} prices that can get"
        f" there ({len(listings)} cost structures) what comes out keeps the margin, or nothing comes out"
    )
    return FloorProof(ProofStatus.PROVED, because, shown, tuple(reaches), cells)


def _last_stages(pipeline: Sequence[Limit]) -> Sequence[Limit]:
    """The stages from the last floor on; without a floor the last stage of all."""
    floors = [place for place, limit in enumerate(pipeline) if limit.stage == "floor"]
    return pipeline[floors[-1] if floors else -1 :]


def _named(pipeline: Sequence[Limit]) -> str:
    return " and ".join(limit.key for limit in _last_stages(pipeline))


def _prices(rule_set: RuleSet, context: PricingContext) -> Interval:
    """Which prices the listing may have now: the declared range, else half to one and a half of its price."""
    price = context.price or PRICE
    low, high = rule_set.ranges.get("price", (price * _NEAR[0], price * _NEAR[1]))
    highest = context.structure.highest
    return Interval(min(low, highest), min(high, highest))


def _reach(rule: Rule, prices: Interval, domain: Domain, floor: Floor) -> RuleReach:
    """How far a rule goes from any of the prices, before any limit."""
    reached = ACTIONS[rule.then.action].interval(prices, rule.then.values, domain.ranges)
    highest = floor.structure.highest
    searched = Interval(Decimal(0), highest)
    reached = reached.widened(floor.structure.tick).clamp(searched) or Interval(highest, highest)
    first = floor.lift(floor.structure.tick)
    return RuleReach(rule.key, reached.low, reached.high, first is None or reached.low < first)


def _handed(
    reaches: Sequence[RuleReach],
    prices: Interval,
    floor: Floor,
    rule_set: RuleSet,
    context: PricingContext,
    pipeline: Sequence[Limit],
) -> Interval:
    """Every price that can be handed to the last stage: what rules reach, lifts to bounds, and endings."""
    found = prices
    step = rule_set.limits.max_step if any(limit.key == "max_step" for limit in pipeline) else None
    for reach in reaches:
        reached: Interval | None = Interval(reach.lowest, reach.highest)
        if step is not None:
            # One change goes no further than a step from where it began, whatever the rule asks for.
            way = Interval(prices.low * (1 - step), prices.high * (1 + step))
            reached = way.clamp(Interval(reach.lowest, reach.highest))
        if reached is not None:
            found = found.hull(reached)
    lifts = [context.bounds.lowest, context.bounds.advertised, rule_set.limits.lowest]
    lifts.append(floor.lift(floor.structure.tick))
    lifts += [_margin_price(rule, floor) for rule in rule_set.rules]
    for lift in lifts:
        if lift is not None:
            found = found.hull(Interval(lift, lift))
    tick, highest = floor.structure.tick, floor.structure.highest
    high = found.high if found.high == INFINITE else found.high * _ENDING_ADDS
    return Interval(max(found.low / _ENDING_ADDS, tick), max(min(high, highest), tick))


def _margin_price(rule: Rule, floor: Floor) -> Decimal | None:
    """Where `until` may lift a rule's price to."""
    if rule.until_margin is None:
        return None
    return replace(floor, margin=rule.until_margin).lift(floor.structure.tick)


def _outcomes(
    context: PricingContext, rule_set: RuleSet, floor: Floor, handed: Interval, last: Sequence[Limit]
) -> Iterator[tuple[Decimal, Decimal | None]]:
    """Yield every tick that can be handed to the last stages with what comes out of it (None: nothing)."""
    step = context.structure.tick
    tick, end = up_to_tick(handed.low, step), down_to_tick(handed.high, step)
    # The widest way there is: whatever a limit or bound forbids can only take prices away.
    free = replace(context, bounds=Bounds())
    draft = Draft(
        context=free,
        rule_set=replace(rule_set, limits=replace(rule_set.limits, lowest=None, highest=None)),
        rule=_NOTHING,
        current=context.price or PRICE,
        price=tick,
        low=step,
        high=context.structure.highest,
        floor=floor,
    )
    while tick <= end:
        yield tick, _through(replace(draft, price=tick), last)
        tick += step


def _through(draft: Draft, stages: Sequence[Limit]) -> Decimal | None:
    for stage in stages:
        verdict = stage.apply(draft)
        if verdict.outcome is not None:
            return None
        draft = verdict.draft
    return draft.price


def _example(context: PricingContext, floor: Floor, tick: Decimal, result: Decimal) -> dict[str, str]:
    kept = evaluate(context.structure, result)
    return {
        "sku": context.sku,
        "price_before": f"{tick:f}",
        "price_after": f"{result:f}",
        "contribution": f"{kept.contribution:f}",
        "floor_margin": f"{floor.margin:f}",
    }
