"""Conditions: read from a document, written back, and asked of a listing's signals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pricing.rules.faults import (
    Faults,
    pointer,
    read_choice,
    read_each,
    read_flag,
    read_list,
    read_number,
    read_object,
    read_text,
)
from pricing.rules.signals import SIGNALS, Known, Signal, SignalType
from pricing.rules.syntax import AllOf, AnyOf, Clause, Condition, Not, Operator

_ORDERED = (Operator.LT, Operator.LE, Operator.GT, Operator.GE, Operator.EQ, Operator.NE)
_WORDS = (Operator.EQ, Operator.NE, Operator.IN)
OPERATORS: Mapping[SignalType, tuple[Operator, ...]] = {
    SignalType.CHOICE: _WORDS,
    SignalType.TAGS: _WORDS,
    SignalType.FLAG: (Operator.EQ, Operator.NE),
}
"""How signals of a type may be compared; numbers, which are not listed, by order and equality."""

MOST_DEPTH = 6
"""How deep all, any and not may be nested."""


def operators_of(signal: Signal) -> tuple[Operator, ...]:
    """Return how a signal may be compared."""
    return OPERATORS.get(signal.type, _ORDERED)


def conditions_in(clause: Clause) -> Iterator[Condition]:
    """Yield the comparisons a clause is made of."""
    if isinstance(clause, Condition):
        yield clause
    elif isinstance(clause, Not):
        yield from conditions_in(clause.clause)
    else:
        for each in clause.clauses:
            yield from conditions_in(each)


def signals_in(clause: Clause) -> frozenset[str]:
    """Return the signals a clause asks for."""
    return frozenset(condition.signal for condition in conditions_in(clause))


def holds(clause: Clause, values: Mapping[str, Known | None]) -> bool:
    """Does a clause hold? A condition on a signal that nobody knows does not, nor does `Not` around one."""
    if isinstance(clause, AllOf):
        return all(holds(each, values) for each in clause.clauses)
    if isinstance(clause, AnyOf):
        return any(holds(each, values) for each in clause.clauses)
    if isinstance(clause, Not):
        is_known = all(values.get(signal) is not None for signal in signals_in(clause.clause))
        return is_known and not holds(clause.clause, values)
    value = values.get(clause.signal)
    return value is not None and _compares(clause, value)


def _compares(condition: Condition, value: Known) -> bool:
    wanted = condition.value
    if isinstance(value, frozenset):
        words = wanted if isinstance(wanted, tuple) else (str(wanted),)
        return value.isdisjoint(words) == (condition.op is Operator.NE)
    if isinstance(value, Fraction) and isinstance(wanted, Decimal):
        return _ordered(condition.op, value, Fraction(wanted))
    if condition.op is Operator.IN:
        return isinstance(wanted, tuple) and value in wanted
    return (value == wanted) == (condition.op is Operator.EQ)


def _ordered(op: Operator, value: Fraction, wanted: Fraction) -> bool:
    return {
        Operator.LT: value < wanted,
        Operator.LE: value <= wanted,
        Operator.GT: value > wanted,
        Operator.GE: value >= wanted,
        Operator.EQ: value == wanted,
        Operator.NE: value != wanted,
    }[op]


def read_clause(value: Any, at: str, faults: Faults, depth: int = 0) -> Clause | None:
    """Read a clause of a document; None after a fault."""
    if depth > MOST_DEPTH:
        faults.add(at, "depth", f"Conditions may be nested at most {MOST_DEPTH} deep.")
        return None
    kinds = [kind for kind in ("all", "any", "not", "signal") if isinstance(value, Mapping) and kind in value]
    if len(kinds) != 1:
        faults.add(at, "clause", "A condition has exactly one of: all, any, not, signal.")
        return None
    if kinds == ["signal"]:
        return _read_condition(value, at, faults)
    kind = kinds[0]
    inner = read_object(value, at, faults, known=(kind,), required=())[kind]
    if kind == "not":
        clause = read_clause(inner, pointer(at, kind), faults, depth + 1)
        return Not(clause) if clause is not None else None
    clauses = read_each(
        read_list(inner, pointer(at, kind), faults, least=0 if kind == "all" else 1, most=50),
        pointer(at, kind),
        faults,
        lambda each, place, found: read_clause(each, place, found, depth + 1),
    )
    return AllOf(tuple(clauses)) if kind == "all" else AnyOf(tuple(clauses))


def _read_condition(value: Mapping[str, Any], at: str, faults: Faults) -> Condition | None:
    members = ("signal", "op", "value")
    read_object(value, at, faults, known=members, required=members)
    key = read_choice(value["signal"], pointer(at, "signal"), faults, tuple(SIGNALS))
    if key is None or "op" not in value or "value" not in value:
        return None
    signal = SIGNALS[key]
    op = read_choice(value["op"], pointer(at, "op"), faults, [each.value for each in operators_of(signal)])
    if op is None:
        return None
    wanted = _read_wanted(signal, Operator(op), value["value"], pointer(at, "value"), faults)
    return Condition(key, Operator(op), wanted) if wanted is not None else None


def _read_wanted(
    signal: Signal, op: Operator, value: Any, at: str, faults: Faults
) -> Decimal | str | bool | tuple[str, ...] | None:
    if signal.is_numeric:
        return read_number(value, at, faults, low=signal.low, high=signal.high)
    if signal.type is SignalType.FLAG:
        return read_flag(value, at, faults)

    def word(each: Any, place: str, found: Faults) -> str | None:
        if signal.choices:
            return read_choice(each, place, found, signal.choices)
        return read_text(each, place, found, least=1, most=60)

    if op is not Operator.IN:
        return word(value, at, faults)
    words = read_each(read_list(value, at, faults, least=1, most=50), at, faults, word)
    return tuple(words) or None


def dump_clause(clause: Clause) -> dict[str, Any]:
    """Write a clause as a document; reading it again gives the same clause."""
    if isinstance(clause, Not):
        return {"not": dump_clause(clause.clause)}
    if isinstance(clause, AllOf | AnyOf):
        name = "all" if isinstance(clause, AllOf) else "any"
        return {name: [dump_clause(each) for each in clause.clauses]}
    value: Any = clause.value
    if isinstance(value, Decimal):
        value = f"{value:f}"
    elif isinstance(value, tuple):
        value = list(value)
    return {"signal": clause.signal, "op": clause.op.value, "value": value}
