"""The reference part of docs/pricing-rules.md: made of the tables, so that it cannot fall behind them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal

from pricing.rules.actions import ACTIONS
from pricing.rules.conditions import operators_of
from pricing.rules.fields import LIMIT_FIELDS
from pricing.rules.limits import GATES, PIPELINE
from pricing.rules.presets import PRESETS
from pricing.rules.schema import json_schema
from pricing.rules.signals import SIGNALS
from pricing.rules.syntax import Limits

MARK = "<!-- What follows is written by `python manage.py rule_docs`. -->"


def reference() -> str:
    """Return the generated part: signals, actions, limits, the order of evaluation, library and schema."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield MARK
    yield from _table(
        "Signals",
        ("Signal", "Type", "Compared by", "Range", "Meaning"),
        (
            (
                f"`{signal.key}`",
                signal.type.value,
                " ".join(op.value for op in operators_of(signal)),
                ", ".join(signal.choices) or _range(signal.low, signal.high),
                signal.meaning,
            )
            for signal in SIGNALS.values()
        ),
    )
    yield from _table(
        "Actions",
        ("Action", "Parameter", "Type", "Range", "Meaning"),
        _actions(),
    )
    yield from _table(
        "Limits",
        ("Limit", "When left out", "Range", "Meaning"),
        (
            (
                f"`{field.name}`",
                _default(getattr(Limits(), field.name)),
                _range(field.low, field.high),
                field.meaning,
            )
            for field in LIMIT_FIELDS
        ),
    )
    yield from _table(
        "The order of evaluation",
        ("Step", "Kind", "What it sees to"),
        [
            *((f"`{gate.key}`", f"gate ({gate.outcome.value})", gate.meaning) for gate in GATES),
            ("rules", "rule", "The first rule whose condition holds acts, and only that one."),
            *((f"`{limit.key}`", limit.stage, limit.meaning) for limit in PIPELINE),
            ("checks", "check", "What laws and platforms say to the price."),
        ],
    )
    yield from _table(
        "Library", ("Template", "What it does"), ((f"`{p.key}`", p.meaning) for p in PRESETS.values())
    )
    yield from ("", "## JSON Schema", "", "```json", json.dumps(json_schema(), indent=1), "```")


def _actions() -> Iterator[tuple[str, ...]]:
    for action in ACTIONS.values():
        yield f"`{action.key}`", "", "", "", action.meaning
        for each in action.parameters:
            name = f"`{each.name}`" + ("" if each.is_required else " (optional)")
            allowed = ", ".join(each.choices) or _range(each.low, each.high)
            yield "", name, each.type.value, allowed, each.meaning


def _table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield from ("", f"## {title}", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}")
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _range(low: Decimal | None, high: Decimal | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else low} … {'' if high is None else high}".strip()


def _default(value: object) -> str:
    return "none" if value is None else str(value).lower()
