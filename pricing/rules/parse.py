"""Rule sets as documents (JSON): read with every fault at once, and written back without loss.

Numbers are decimal strings or integers, never JSON fractions: 0.05 is "0.05".
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pricing.rules.actions import ACTIONS
from pricing.rules.actions.base import Parameter, ParameterType, Value
from pricing.rules.conditions import dump_clause, read_clause
from pricing.rules.faults import (
    Faults,
    pointer,
    read_choice,
    read_flag,
    read_list,
    read_number,
    read_object,
    read_text,
)
from pricing.rules.fields import LIMIT_FIELDS, LimitField
from pricing.rules.signals import SIGNALS
from pricing.rules.syntax import ActionCall, AllOf, Limits, Rule, RuleSet

MOST_RULES = 50
MEMBERS = ("name", "rules", "limits", "ranges", "uses_endings")
RULE_MEMBERS = ("key", "when", "then", "until_margin", "reason")
HIGHEST_MARGIN = Decimal("0.95")


def parse_rule_set(document: Mapping[str, Any]) -> RuleSet:
    """Read a rule set. `Invalid` names every fault by a JSON pointer into the document, with its remedy."""
    faults = Faults()
    document = read_object(document, "", faults, known=MEMBERS, required=("name", "rules"))
    name = read_text(document["name"], "/name", faults, least=1, most=120) if "name" in document else None
    rules = _read_rules(document.get("rules", []), faults) if "rules" in document else []
    limits = _read_limits(document.get("limits", {}), faults)
    ranges = _read_ranges(document.get("ranges", {}), faults)
    uses_endings = read_flag(document.get("uses_endings", True), "/uses_endings", faults)
    faults.refuse()
    return RuleSet(name or "", tuple(rules), limits, ranges, bool(uses_endings))


def dump_rule_set(rule_set: RuleSet) -> dict[str, Any]:
    """Write a rule set as a document with every member; reading it again gives an equal rule set."""
    return {
        "name": rule_set.name,
        "rules": [_dump_rule(rule) for rule in rule_set.rules],
        "limits": {
            field.name: _dump_number(getattr(rule_set.limits, field.name))
            for field in LIMIT_FIELDS
            if getattr(rule_set.limits, field.name) is not None
        },
        "ranges": {
            signal: [_dump_number(low), _dump_number(high)] for signal, (low, high) in rule_set.ranges.items()
        },
        "uses_endings": rule_set.uses_endings,
    }


def _read_rules(value: Any, faults: Faults) -> list[Rule]:
    rules: list[Rule] = []
    seen: dict[str, int] = {}
    for n, each in enumerate(read_list(value, "/rules", faults, least=1, most=MOST_RULES)):
        at = pointer("/rules", n)
        rule = _read_rule(each, at, faults)
        if rule is None:
            continue
        if rule.key in seen:
            text = f"The key {rule.key!r} belongs to rule {seen[rule.key]} already; choose another."
            faults.add(pointer(at, "key"), "duplicate", text)
        seen.setdefault(rule.key, n)
        rules.append(rule)
    return rules


def _read_rule(value: Any, at: str, faults: Faults) -> Rule | None:
    document = read_object(value, at, faults, known=RULE_MEMBERS, required=("key", "then"))
    if not document:
        return None
    key = read_text(document.get("key", "-"), pointer(at, "key"), faults, least=1, most=60)
    when = read_clause(document["when"], pointer(at, "when"), faults) if "when" in document else AllOf(())
    then = _read_call(document["then"], pointer(at, "then"), faults) if "then" in document else None
    until = document.get("until_margin")
    margin = (
        read_number(until, pointer(at, "until_margin"), faults, low=Decimal(0), high=HIGHEST_MARGIN)
        if until is not None
        else None
    )
    reason = read_text(document.get("reason", ""), pointer(at, "reason"), faults)
    if key is None or when is None or then is None:
        return None
    return Rule(key, when, then, margin, reason or "")


def _read_call(value: Any, at: str, faults: Faults) -> ActionCall | None:
    if not isinstance(value, Mapping) or "action" not in value:
        faults.add(
            at, "required", 'This must be an object with an action: {"action": "percent", "by": "-0.03"}.'
        )
        return None
    key = read_choice(value["action"], pointer(at, "action"), faults, tuple(ACTIONS))
    if key is None:
        return None
    action = ACTIONS[key]
    required = [each.name for each in action.parameters if each.is_required]
    known = ["action", *(each.name for each in action.parameters)]
    read_object(value, at, faults, known=known, required=required)
    before = len(faults.found)
    values: dict[str, Value] = {}
    for parameter in action.parameters:
        if value.get(parameter.name) is not None:
            found = _read_parameter(value[parameter.name], pointer(at, parameter.name), faults, parameter)
            if found is not None:
                values[parameter.name] = found
    if len(faults.found) > before or any(name not in values for name in required):
        return None
    fault = action.fault(values)
    if fault is not None:
        faults.add(pointer(at, fault[0]), "combination", fault[1])
    return ActionCall(key, values)


def _read_parameter(value: Any, at: str, faults: Faults, parameter: Parameter) -> Value | None:
    if parameter.type is ParameterType.CHOICE:
        return read_choice(value, at, faults, parameter.choices)
    if parameter.type is ParameterType.STEPS:
        return _read_steps(value, at, faults, parameter)
    return read_number(value, at, faults, low=parameter.low, high=parameter.high)


def _read_steps(
    value: Any, at: str, faults: Faults, parameter: Parameter
) -> tuple[tuple[Decimal, Decimal], ...] | None:
    steps: list[tuple[Decimal, Decimal]] = []
    for n, each in enumerate(read_list(value, at, faults, least=1, most=20)):
        place = pointer(at, n)
        pair = read_list(each, place, faults, least=2, most=2)
        if not pair:
            continue
        threshold = read_number(pair[0], pointer(place, 0), faults, low=Decimal(0))
        fraction = read_number(pair[1], pointer(place, 1), faults, low=parameter.low, high=parameter.high)
        if threshold is None or fraction is None:
            continue
        if steps and not (threshold > steps[-1][0] and fraction > steps[-1][1]):
            faults.add(place, "order", "Both numbers of a step must be larger than those of the step before.")
        steps.append((threshold, fraction))
    return tuple(steps) or None


def _read_limits(value: Any, faults: Faults) -> Limits:
    known = [field.name for field in LIMIT_FIELDS]
    document = read_object(value, "/limits", faults, known=known, required=())
    found = {
        field.name: read
        for field in LIMIT_FIELDS
        if document.get(field.name) is not None
        and (read := _read_limit(document[field.name], field, faults)) is not None
    }
    lowest, highest = found.get("lowest"), found.get("highest")
    if lowest is not None and highest is not None and lowest > highest:
        faults.add("/limits/lowest", "order", "The lowest price must not be above the highest.")
    return Limits(**found)


def _read_limit(value: Any, field: LimitField, faults: Faults) -> Any:
    at = pointer("/limits", field.name)
    if field.is_flag:
        return read_flag(value, at, faults)
    number = read_number(value, at, faults, low=field.low, high=field.high, is_whole=field.is_whole)
    return int(number) if number is not None and field.is_whole else number


def _read_ranges(value: Any, faults: Faults) -> dict[str, tuple[Decimal, Decimal]]:
    if not isinstance(value, Mapping):
        faults.add("/ranges", "type", "This must be an object: signal to [lowest, highest].")
        return {}
    ranges: dict[str, tuple[Decimal, Decimal]] = {}
    for key, pair in value.items():
        at = pointer("/ranges", key)
        signal = SIGNALS.get(key)
        if signal is None or not signal.is_numeric:
            known = ", ".join(each.key for each in SIGNALS.values() if each.is_numeric)
            faults.add(at, "choice", f"Only numbers have ranges: {known}.")
            continue
        bounds = read_list(pair, at, faults, least=2, most=2)
        if not bounds:
            continue
        low = read_number(bounds[0], pointer(at, 0), faults, low=signal.low, high=signal.high)
        high = read_number(bounds[1], pointer(at, 1), faults, low=signal.low, high=signal.high)
        if low is None or high is None:
            continue
        if low > high:
            faults.add(at, "order", "The lowest value must not be above the highest.")
        ranges[key] = (low, high)
    return ranges


def _dump_rule(rule: Rule) -> dict[str, Any]:
    document: dict[str, Any] = {
        "key": rule.key,
        "when": dump_clause(rule.when),
        "then": {"action": rule.then.action, **{k: _dump_value(v) for k, v in rule.then.values.items()}},
    }
    if rule.until_margin is not None:
        document["until_margin"] = _dump_number(rule.until_margin)
    if rule.reason:
        document["reason"] = rule.reason
    return document


def _dump_value(value: Value) -> Any:
    if isinstance(value, tuple):
        return [[_dump_number(low), _dump_number(high)] for low, high in value]
    return _dump_number(value)


def _dump_number(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value
