"""The number of a formula over a window of sums. What is missing makes the whole missing, with the reason.

Null semantics (K2): a part without a value makes the formula null; so does a division by zero, whatever is
above it. `coalesce(a, b)` is the first part that has a value. Comparisons with null are null.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal

from kpis.engine.definitions import KPI
from kpis.engine.formula.scope import Scope
from kpis.engine.formula.syntax import Binary, Call, Name, Negate, Node, Number
from kpis.engine.totals import MissingInput, Window
from kpis.types import Reason

_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def compute(node: Node, scope: Scope, window: Window, previous: Window | None) -> Decimal:
    """Return the number; raises `MissingInput` when a part that counts is missing. The formula is checked."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Name):
        return _read(node.key, scope, window, previous)
    if isinstance(node, Negate):
        return -compute(node.of, scope, window, previous)
    if isinstance(node, Binary):
        return _arithmetic(node, scope, window, previous)
    return _call(node, scope, window, previous)


def _read(key: str, scope: Scope, window: Window, previous: Window | None) -> Decimal:
    found = scope.find(key)
    if isinstance(found, KPI):
        return found.compute(window, previous).value
    return window.total(key)


def _arithmetic(node: Binary, scope: Scope, window: Window, previous: Window | None) -> Decimal:
    left = compute(node.left, scope, window, previous)
    right = compute(node.right, scope, window, previous)
    if node.operator == "+":
        return left + right
    if node.operator == "-":
        return left - right
    if node.operator == "*":
        return left * right
    if right == 0:
        raise MissingInput(Reason.DIVISION_BY_ZERO)
    return left / right


def _call(node: Call, scope: Scope, window: Window, previous: Window | None) -> Decimal:
    if node.function == "days":
        return Decimal(window.days)
    if node.function == "previous":
        if previous is None:
            raise MissingInput(Reason.NO_REFERENCE)
        return compute(node.arguments[0], scope, previous, None)
    if node.function == "if":
        condition, then, otherwise = node.arguments
        chosen = then if _holds(condition, scope, window, previous) else otherwise
        return compute(chosen, scope, window, previous)
    if node.function == "coalesce":
        return _first(node.arguments, scope, window, previous)
    values = [compute(argument, scope, window, previous) for argument in node.arguments]
    if node.function == "abs":
        return abs(values[0])
    return min(values) if node.function == "min" else max(values)


def _first(parts: tuple[Node, ...], scope: Scope, window: Window, previous: Window | None) -> Decimal:
    for part in parts[:-1]:
        try:
            return compute(part, scope, window, previous)
        except MissingInput:
            continue
    return compute(parts[-1], scope, window, previous)


def _holds(node: Node, scope: Scope, window: Window, previous: Window | None) -> bool:
    if not isinstance(node, Binary) or node.operator not in _COMPARE:
        raise TypeError("a checked formula begins if(…) with a comparison")
    left = compute(node.left, scope, window, previous)
    return _COMPARE[node.operator](left, compute(node.right, scope, window, previous))
