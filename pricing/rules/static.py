"""What is wrong with a rule set by itself: rules that never act, contradict each other, or cannot work.

Reachability and contradictions are decided exactly over the declared ranges (`pricing.rules.satisfy`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pricing.rules.actions import ACTIONS
from pricing.rules.actions.base import Direction
from pricing.rules.satisfy import Domain, TooManyCombinations, find_assignment
from pricing.rules.signals import SIGNALS, SignalType, told
from pricing.rules.syntax import Rule, RuleSet
from pricing.rules.verdicts import Problem, Severity

_ENDLESS = Decimal(10) ** 9
_OPPOSITE = {(Direction.DOWN, Direction.UP), (Direction.UP, Direction.DOWN)}


def find_problems(rule_set: RuleSet) -> list[Problem]:
    """Return every fault of the rules and limits, in the order of the document."""
    domain = domain_of(rule_set)
    found: list[Problem] = []
    for place, rule in enumerate(rule_set.rules):
        found += _reach(rule_set, place, domain)
        found += _contradictions(rule_set, place, domain)
        found += _limits(rule_set, place, rule)
    if rule_set.limits.max_step > rule_set.limits.max_day_move:
        found.append(
            Problem(
                Severity.WARNING,
                "step_beyond_day",
                "/limits/max_step",
                "One step may be larger than a whole day may move the price.",
                "Lower max_step to max_day_move, or raise that.",
            )
        )
    return found


def domain_of(rule_set: RuleSet) -> Domain:
    """Return what signals may be: the declared ranges, else the natural ones."""
    ranges = {
        key: rule_set.ranges.get(
            key,
            (
                signal.low if signal.low is not None else -_ENDLESS,
                signal.high if signal.high is not None else _ENDLESS,
            ),
        )
        for key, signal in SIGNALS.items()
        if signal.is_numeric
    }
    return Domain(
        ranges,
        whole=frozenset(key for key, each in SIGNALS.items() if each.type is SignalType.COUNT),
        tags=frozenset(key for key, each in SIGNALS.items() if each.type is SignalType.TAGS),
    )


def direction_of(rule: Rule) -> Direction:
    """Which way a rule's action may move a price."""
    return ACTIONS[rule.then.action].direction(rule.then.values)


def _reach(rule_set: RuleSet, place: int, domain: Domain) -> Iterator[Problem]:
    rule, earlier = rule_set.rules[place], rule_set.rules[:place]
    pointer = f"/rules/{place}/when"
    try:
        if find_assignment(holding=[rule.when], domain=domain) is None:
            yield Problem(
                Severity.ERROR,
                "never_true",
                pointer,
                f"The condition of {rule.key} cannot be true within the declared ranges.",
                "Correct the condition, or declare a wider range.",
            )
        elif find_assignment(holding=[rule.when], failing=[r.when for r in earlier], domain=domain) is None:
            takers = _takers(rule, earlier, domain)
            yield Problem(
                Severity.ERROR,
                "unreachable",
                pointer,
                f"{rule.key} never acts: whenever its condition holds, an earlier rule ({takers}) acts.",
                "Move it up, or narrow the earlier condition.",
            )
    except TooManyCombinations:
        yield Problem(
            Severity.WARNING,
            "undecided",
            pointer,
            f"Whether {rule.key} is ever reached could not be decided: too many conditions at once.",
            "Split the rule.",
        )


def _takers(rule: Rule, earlier: tuple[Rule, ...], domain: Domain) -> str:
    """The earlier rules that can act where this one would."""
    return ", ".join(
        each.key for each in earlier if find_assignment(holding=[rule.when, each.when], domain=domain)
    )


def _contradictions(rule_set: RuleSet, place: int, domain: Domain) -> Iterator[Problem]:
    """Rules of opposite direction that can hold at once: the order decides, which a person should know."""
    rule = rule_set.rules[place]
    for first in rule_set.rules[:place]:
        if (direction_of(first), direction_of(rule)) not in _OPPOSITE:
            continue
        try:
            witness = find_assignment(holding=[first.when, rule.when], domain=domain)
        except TooManyCombinations:
            continue
        if witness is not None:
            ways = (direction_of(first).value, direction_of(rule).value)
            yield Problem(
                Severity.WARNING,
                "contradiction",
                f"/rules/{place}",
                f"{first.key} (price {ways[0]}) and {rule.key} (price {ways[1]}) can both apply;"
                f" {first.key} stands first and wins.",
                "Make the conditions exclusive, or order them as you mean it.",
                {signal: told(value) for signal, value in sorted(witness.items())},
            )


def _limits(rule_set: RuleSet, place: int, rule: Rule) -> Iterator[Problem]:
    limits, values = rule_set.limits, rule.then.values
    floor = limits.floor_margin
    aimed = values.get("margin")
    if rule.then.action == "target_margin" and isinstance(aimed, Decimal) and aimed < floor:
        yield Problem(
            Severity.ERROR,
            "target_below_floor",
            f"/rules/{place}/then/margin",
            f"{rule.key} aims at a margin of {aimed}, below the floor margin of {floor}.",
            "Aim at the floor margin or above it.",
        )
    if rule.until_margin is not None and rule.until_margin < floor:
        yield Problem(
            Severity.WARNING,
            "until_below_floor",
            f"/rules/{place}/until/margin",
            f"{rule.key} stops at a margin of {rule.until_margin}; the floor of {floor} stops it before.",
            "Leave `until` out, or raise it.",
        )
    by = values.get("by")
    if rule.then.action == "percent" and isinstance(by, Decimal) and abs(by) > limits.max_step:
        yield Problem(
            Severity.WARNING,
            "step_cut",
            f"/rules/{place}/then/by",
            f"{rule.key} moves by {abs(by)}; a step of more than {limits.max_step} is cut.",
            "Lower the move, or raise max_step.",
        )
