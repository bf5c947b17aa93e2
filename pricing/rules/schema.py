"""The form of a rule set as a JSON Schema (2020-12), made of the tables that the parser reads by."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pricing.rules.actions import ACTIONS
from pricing.rules.actions.base import Action, Parameter, ParameterType
from pricing.rules.conditions import operators_of
from pricing.rules.fields import LIMIT_FIELDS, LimitField
from pricing.rules.parse import HIGHEST_MARGIN, MOST_RULES
from pricing.rules.signals import SIGNALS, Signal, SignalType
from pricing.rules.syntax import Limits

SCHEMA = "https://json-schema.org/draft/2020-12/schema"
_NUMBER_TEXT = r"^-?[0-9]+(\.[0-9]+)?$"


def json_schema() -> dict[str, Any]:
    """Return the schema of a rule set's document.

    Ranges of numbers are told in descriptions and in `x-range` (numbers are decimal strings, which JSON
    Schema cannot compare); the parser checks them.
    """
    return {
        "$schema": SCHEMA,
        "title": "Rule set",
        "description": "The first rule whose condition holds acts; limits, the ending and the floor follow.",
        **_object(
            {
                "name": {"type": "string", "minLength": 1, "maxLength": 120},
                "rules": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_RULES,
                    "items": {"$ref": "#/$defs/rule"},
                },
                "limits": {"$ref": "#/$defs/limits"},
                "ranges": {"$ref": "#/$defs/ranges"},
                "uses_endings": {
                    "type": "boolean",
                    "default": True,
                    "description": "Whether prices get the endings of their market.",
                },
            },
            required=("name", "rules"),
        ),
        "$defs": {
            "number": {"anyOf": [{"type": "string", "pattern": _NUMBER_TEXT}, {"type": "integer"}]},
            "rule": _rule(),
            "clause": _clause(),
            "condition": {"oneOf": [_condition(signal) for signal in SIGNALS.values()]},
            "action": {"oneOf": [_action(action) for action in ACTIONS.values()]},
            "limits": _object({field.name: _limit(field) for field in LIMIT_FIELDS}),
            "ranges": _object(
                {each.key: _range(each) for each in SIGNALS.values() if each.is_numeric},
                description="What inputs may be: lowest and highest. The proof of the floor holds within.",
            ),
        },
    }


def _object(
    properties: dict[str, Any], *, required: Iterable[str] = (), description: str = ""
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if list(required):
        schema["required"] = list(required)
    return {**schema, "description": description} if description else schema


def _number(description: str, low: Decimal | None = None, high: Decimal | None = None) -> dict[str, Any]:
    ends = [None if each is None else f"{each:f}" for each in (low, high)]
    schema: dict[str, Any] = {"$ref": "#/$defs/number", "description": description}
    return schema if low is None and high is None else {**schema, "x-range": ends}


def _rule() -> dict[str, Any]:
    return _object(
        {
            "key": {"type": "string", "minLength": 1, "maxLength": 60, "description": "Unique in the set."},
            "when": {"$ref": "#/$defs/clause", "description": "Left out: always."},
            "then": {"$ref": "#/$defs/action"},
            "until_margin": _number(
                "Margin of net revenue to which the rule may lower a price, not further",
                Decimal(0),
                HIGHEST_MARGIN,
            ),
            "reason": {"type": "string", "maxLength": 300, "description": "Told beside the suggestion."},
        },
        required=("key", "then"),
    )


def _clause() -> dict[str, Any]:
    several = {"type": "array", "maxItems": 50, "items": {"$ref": "#/$defs/clause"}}
    return {
        "oneOf": [
            _object({"all": several}, required=("all",)),
            _object({"any": {**several, "minItems": 1}}, required=("any",)),
            _object({"not": {"$ref": "#/$defs/clause"}}, required=("not",)),
            {"$ref": "#/$defs/condition"},
        ]
    }


def _condition(signal: Signal) -> dict[str, Any]:
    return _object(
        {
            "signal": {"const": signal.key},
            "op": {"enum": [op.value for op in operators_of(signal)]},
            "value": _wanted(signal),
        },
        required=("signal", "op", "value"),
        description=f"{signal.meaning} ({signal.type.value})",
    )


def _wanted(signal: Signal) -> dict[str, Any]:
    if signal.is_numeric:
        return _number(signal.meaning, signal.low, signal.high)
    if signal.type is SignalType.FLAG:
        return {"type": "boolean"}
    word = {"enum": list(signal.choices)} if signal.choices else {"type": "string", "minLength": 1}
    return {"anyOf": [word, {"type": "array", "minItems": 1, "maxItems": 50, "items": word}]}


def _action(action: Action) -> dict[str, Any]:
    properties = {each.name: _parameter(each) for each in action.parameters}
    required = [each.name for each in action.parameters if each.is_required]
    return _object(
        {"action": {"const": action.key}, **properties},
        required=("action", *required),
        description=action.meaning,
    )


def _parameter(parameter: Parameter) -> dict[str, Any]:
    if parameter.type is ParameterType.CHOICE:
        return {"enum": list(parameter.choices), "description": parameter.meaning}
    if parameter.type is ParameterType.STEPS:
        pair = {"type": "array", "minItems": 2, "maxItems": 2, "items": {"$ref": "#/$defs/number"}}
        return {
            "type": "array",
            "minItems": 1,
            "maxItems": 20,
            "items": pair,
            "description": parameter.meaning,
        }
    return _number(parameter.meaning, parameter.low, parameter.high)


def _limit(field: LimitField) -> dict[str, Any]:
    default = getattr(Limits(), field.name)
    if field.is_flag:
        return {"type": "boolean", "default": default, "description": field.meaning}
    schema = _number(field.meaning, field.low, field.high)
    return schema if default is None else {**schema, "default": str(default)}


def _range(signal: Signal) -> dict[str, Any]:
    ends = _number(signal.meaning, signal.low, signal.high)
    return {"type": "array", "minItems": 2, "maxItems": 2, "items": ends}
