"""A month of a rule set against each library bot: does it circle, race to the floor, or come to rest?

The listing is put into every situation in which one of the rules acts (rank, age of stock, stage … as
the rule asks for), so that a rule cannot hide behind a condition. What a bot does not change stays as
it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pricing.engine.contribution import evaluate
from pricing.engine.price_war import Ending, Mover, War, play
from pricing.engine.solve import lowest_price
from pricing.rules.bots import BOTS
from pricing.rules.evaluate import run
from pricing.rules.museum.ground import AT, PRICE, STRUCTURE, listing, price_of
from pricing.rules.satisfy import OTHER, Assignment, TooManyCombinations, Value, find_assignment
from pricing.rules.static import domain_of
from pricing.rules.syntax import RuleSet
from pricing.rules.verdicts import Problem, Severity, WarVerdict
from pricing.types import Objective, PricingContext, RivalView, Tier

_STARTS = (Decimal("0.92"), Decimal("1"), Decimal("1.08"))
_NEAR = Decimal("1.02")
_HIGHEST = PRICE * 3
_WORST_FIRST = (Ending.LOOP, Ending.RACE_TO_CEILING, Ending.RACE_TO_FLOOR, Ending.UNDECIDED, Ending.SETTLED)
# Signals that stand in the context as they are; what depends on prices follows from the war itself.
_FIELDS = {
    "rank": int,
    "stock_units": int,
    "stock_age_days": int,
    "family_rank": int,
    "cover_days": Decimal,
    "acos": Decimal,
    "fx_move": Decimal,
    "fee_change": Decimal,
    "units_per_day": Decimal,
    "stage": str,
    "tier": Tier,
    "objective": Objective,
}


def fight(rule_set: RuleSet, *, bots: Sequence[str] = tuple(BOTS)) -> list[WarVerdict]:
    """Play every situation and start against each bot; a verdict per bot, of what ended worst."""
    situations = _situations(rule_set)
    return [_against(rule_set, key, situations) for key in bots]


def problems_of(verdicts: Sequence[WarVerdict]) -> Iterator[Problem]:
    """Yield what wars say against activation: circles that the rules make themselves are errors."""
    for verdict in verdicts:
        where = f"from {verdict.start} against {verdict.rival}"
        if verdict.ending is Ending.LOOP:
            is_own = verdict.bot != "reset"
            yield Problem(
                Severity.ERROR if is_own else Severity.WARNING,
                "loop",
                "/rules",
                f"Prices never come to rest against a rival of the kind '{verdict.bot}' ({where}):"
                f" the same come again every {verdict.cycle} turns.",
                "Let one rule raise and another lower only under conditions that exclude each other.",
            )
        elif verdict.ending is not Ending.SETTLED:
            ways = {
                Ending.RACE_TO_FLOOR: "Prices fall to the floor",
                Ending.RACE_TO_CEILING: "Prices rise without end",
                Ending.UNDECIDED: "Prices still move after 30 days",
            }
            yield Problem(
                Severity.WARNING,
                verdict.ending.value,
                "/rules",
                f"{ways[verdict.ending]} against a rival of the kind '{verdict.bot}' ({where});"
                f" lowest {verdict.lowest}.",
                "Stop following at a margin (`until`), or set lowest and highest.",
            )


def _situations(rule_set: RuleSet) -> list[PricingContext]:
    """The quiet listing, and one for every rule in which its condition can hold."""
    domain, planted = domain_of(rule_set), [listing()]
    for rule in rule_set.rules:
        try:
            witness = find_assignment(holding=[rule.when], domain=domain)
        except TooManyCombinations:
            continue
        if witness is not None:
            planted.append(listing(**_plant(witness)))
    return [each for place, each in enumerate(planted) if each not in planted[:place]]


def _plant(witness: Assignment) -> dict[str, Any]:
    planted: dict[str, Any] = {}
    for signal, value in witness.items():
        if signal == "event" and isinstance(value, frozenset):
            planted["events"] = tuple(sorted(value))
        elif signal in _FIELDS and value is not None and value != OTHER:
            planted[signal] = _FIELDS[signal](_plain(value))
    return planted


def _plain(value: Value) -> Decimal | str:
    if isinstance(value, Fraction):
        return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.000001"))
    return str(value)


def _against(rule_set: RuleSet, key: str, situations: Sequence[PricingContext]) -> WarVerdict:
    bot, margin = BOTS[key], rule_set.limits.floor_margin
    floor = lowest_price(STRUCTURE, max(margin, Decimal(0))) or PRICE
    answer = bot.make(floor * Decimal("0.9"), _HIGHEST, STRUCTURE.tick)
    wars: list[tuple[War, Decimal]] = []
    for situation in situations:
        move = _mover(rule_set, situation)
        for start in _STARTS:
            rival = (PRICE * start).quantize(STRUCTURE.tick)
            war = play(
                own=PRICE,
                rival=rival,
                move=move,
                answer=answer,
                floor=floor * _NEAR,
                ceiling=_HIGHEST,
                per_day=max(min(rule_set.limits.changes_per_day, 24 // rule_set.limits.cadence_hours), 1),
                contribution=lambda price: evaluate(STRUCTURE, price).contribution,
            )
            wars.append((war, rival))
    war, rival = min(wars, key=lambda one: (_WORST_FIRST.index(one[0].ending), one[0].lowest))
    return WarVerdict(key, bot.title, war.ending, PRICE, rival, war.cycle, war.lowest, war.changes, war.lost)


def _mover(rule_set: RuleSet, situation: PricingContext) -> Mover:
    known: dict[tuple[Decimal, Decimal], Decimal] = {}

    def move(own: Decimal, other: Decimal, turn: int) -> Decimal:
        if (own, other) not in known:
            context = replace(
                situation,
                price=own,
                day_start_price=own,
                rivals=RivalView(other, min(other, own), own, own <= other, 1, AT),
            )
            known[own, other] = price_of(run(context, rule_set), context)
        return known[own, other]

    return move
