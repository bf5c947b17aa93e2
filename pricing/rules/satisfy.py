"""Can conditions hold together? Decided exactly over declared ranges, with the inputs that show it.

Every signal's values fall into cells between the thresholds a rule set mentions; within a cell every
condition says the same. So one representative per cell (and "nobody knows") is enough, and a search
that gives up a branch as soon as a clause is decided visits few of the combinations. Signals are taken
as independent of each other: what is found impossible is impossible; what is found possible may still
never happen together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from pricing.rules.syntax import AllOf, Clause, Condition, Not, Operator

Value = Decimal | str | bool | None
Assignment = dict[str, Value]

OTHER = "*other*"
"""Stands for any choice that no condition mentions."""
_MOST_STEPS = 200_000


class TooManyCombinations(Exception):
    """The search was given up; nothing is known."""


def find_assignment(
    *,
    holding: Sequence[Clause],
    failing: Sequence[Clause] = (),
    ranges: Mapping[str, tuple[Decimal, Decimal]],
) -> Assignment | None:
    """Return values for which all of `holding` and none of `failing` hold; None: there are none.

    Only values within `ranges` are tried (signals without a range: without bounds). `TooManyCombinations`
    when it would take too long.
    """
    cells = _cells([*holding, *failing], ranges)
    signals = sorted(cells, key=lambda signal: len(cells[signal]))
    search = _Search(signals, cells, holding, failing)
    return search.run({}, 0)


def signals_of(clause: Clause) -> Iterator[str]:
    """Yield every signal a clause asks for, as often as it does."""
    for condition in conditions_of(clause):
        yield condition.signal


def conditions_of(clause: Clause) -> Iterator[Condition]:
    """Yield the comparisons a clause is made of."""
    if isinstance(clause, Condition):
        yield clause
    elif isinstance(clause, Not):
        yield from conditions_of(clause.clause)
    else:
        for each in clause.clauses:
            yield from conditions_of(each)


def holds(clause: Clause, values: Mapping[str, Value]) -> bool | None:
    """Does the clause hold? None while it depends on signals that `values` does not have yet.

    A signal whose value is None is one that nobody knows: its conditions are false, under `Not` too.
    """
    if isinstance(clause, Condition):
        return _compare(clause, values[clause.signal]) if clause.signal in values else None
    if isinstance(clause, Not):
        return _negated(clause.clause, values)
    verdicts = [holds(each, values) for each in clause.clauses]
    if isinstance(clause, AllOf):
        return _settled(verdicts, decisive=False)
    return _settled(verdicts, decisive=True)


def _settled(verdicts: Iterable[bool | None], *, decisive: bool) -> bool | None:
    found: bool | None = not decisive
    for verdict in verdicts:
        if verdict is decisive:
            return decisive
        if verdict is None:
            found = None
    return found


def _negated(clause: Clause, values: Mapping[str, Value]) -> bool | None:
    asked = set(signals_of(clause))
    if any(signal in values and values[signal] is None for signal in asked):
        return False
    inner = holds(clause, values)
    if inner is True:
        return False
    # A clause that is false already may still be about a signal that nobody knows.
    return None if inner is None or asked - set(values) else True


def _compare(condition: Condition, value: Value) -> bool:
    if value is None:
        return False
    wanted = condition.value
    if condition.op is Operator.IN:
        return isinstance(wanted, tuple) and value in wanted
    if condition.op is Operator.EQ:
        return value == wanted
    if condition.op is Operator.NE:
        return value != wanted
    if not isinstance(value, Decimal) or not isinstance(wanted, Decimal):
        return False
    return {
        Operator.LT: value < wanted,
        Operator.LE: value <= wanted,
        Operator.GT: value > wanted,
        Operator.GE: value >= wanted,
    }[condition.op]


class _Search:
    """Backtracking over the cells of one signal after the other."""

    def __init__(
        self,
        signals: Sequence[str],
        cells: Mapping[str, Sequence[Value]],
        holding: Sequence[Clause],
        failing: Sequence[Clause],
    ) -> None:
        self._signals = signals
        self._cells = cells
        self._holding = holding
        self._failing = failing
        self._steps = 0

    def run(self, values: Assignment, place: int) -> Assignment | None:
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise TooManyCombinations
        if any(holds(clause, values) is False for clause in self._holding):
            return None
        if any(holds(clause, values) is True for clause in self._failing):
            return None
        if place == len(self._signals):
            return dict(values)
        signal = self._signals[place]
        for value in self._cells[signal]:
            found = self.run({**values, signal: value}, place + 1)
            if found is not None:
                return found
        return None


def _cells(
    clauses: Iterable[Clause], ranges: Mapping[str, tuple[Decimal, Decimal]]
) -> dict[str, list[Value]]:
    numbers: dict[str, set[Decimal]] = {}
    words: dict[str, set[str]] = {}
    flags: set[str] = set()
    for clause in clauses:
        for condition in conditions_of(clause):
            value = condition.value
            if isinstance(value, bool):
                flags.add(condition.signal)
            elif isinstance(value, Decimal):
                numbers.setdefault(condition.signal, set()).add(value)
            else:
                mentioned = value if isinstance(value, tuple) else (value,)
                words.setdefault(condition.signal, set()).update(mentioned)
    cells: dict[str, list[Value]] = {signal: [True, False, None] for signal in flags}
    cells |= {signal: [*sorted(found), OTHER, None] for signal, found in words.items()}
    for signal, thresholds in numbers.items():
        cells[signal] = [*_points(thresholds, ranges.get(signal)), None]
    return cells


def _points(thresholds: set[Decimal], within: tuple[Decimal, Decimal] | None) -> list[Value]:
    """One value for every cell between the thresholds: the thresholds themselves and what lies between."""
    ordered = sorted(thresholds)
    low, high = within if within is not None else (ordered[0] - 1, ordered[-1] + 1)
    marks = sorted({low, high, *(each for each in ordered if low <= each <= high)})
    points: list[Value] = []
    for here, there in zip(marks, [*marks[1:], None], strict=True):
        points.append(here)
        if there is not None:
            points.append((here + there) / 2)
    return points
