"""Can conditions hold together? Decided exactly over declared ranges, with the inputs that show it.

Every signal's values fall into cells between the thresholds a rule set mentions; within a cell every
condition says the same. So one representative per cell (and "nobody knows") is enough, and a search
that gives up a branch as soon as a clause is decided visits few of the combinations. Signals are taken
as independent of each other: what is found impossible is impossible; what is found possible may still
never happen together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import combinations, pairwise

from pricing.rules.conditions import conditions_in, holds, signals_in
from pricing.rules.signals import Known
from pricing.rules.syntax import AllOf, Clause, Condition, Not

Value = Known | None
Assignment = dict[str, Value]

OTHER = "*other*"
"""Stands for any choice that no condition mentions."""
_MOST_STEPS = 200_000


class TooManyCombinations(Exception):
    """The search was given up; nothing is known."""


@dataclass(frozen=True, slots=True)
class Domain:
    """What signals may be: `ranges` of numbers (without one: no bounds), signals that are `whole` numbers,
    and `tags`, which are any number of words at once."""

    ranges: Mapping[str, tuple[Decimal, Decimal]] = field(default_factory=dict)
    whole: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


def find_assignment(
    *, holding: Sequence[Clause], failing: Sequence[Clause] = (), domain: Domain
) -> Assignment | None:
    """Return values for which all of `holding` and none of `failing` hold; None: there are none.

    Only values of the domain are tried. `TooManyCombinations` when it would take too long.
    """
    cells = _cells([*holding, *failing], domain)
    signals = sorted(cells, key=lambda signal: len(cells[signal]))
    search = _Search(signals, cells, holding, failing)
    return search.run({}, 0)


def settled(clause: Clause, values: Mapping[str, Value]) -> bool | None:
    """Does the clause hold? None while it depends on signals that `values` does not have yet.

    A signal whose value is None is one that nobody knows: its conditions are false, under `Not` too.
    """
    if isinstance(clause, Condition):
        return holds(clause, values) if clause.signal in values else None
    if isinstance(clause, Not):
        return _negated(clause.clause, values)
    verdicts = [settled(each, values) for each in clause.clauses]
    if isinstance(clause, AllOf):
        return _decided(verdicts, decisive=False)
    return _decided(verdicts, decisive=True)


def _decided(verdicts: Iterable[bool | None], *, decisive: bool) -> bool | None:
    found: bool | None = not decisive
    for verdict in verdicts:
        if verdict is decisive:
            return decisive
        if verdict is None:
            found = None
    return found


def _negated(clause: Clause, values: Mapping[str, Value]) -> bool | None:
    asked = signals_in(clause)
    if any(signal in values and values[signal] is None for signal in asked):
        return False
    inner = settled(clause, values)
    if inner is True:
        return False
    # A clause that is false already may still be about a signal that nobody knows.
    return None if inner is None or asked - set(values) else True


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
        if any(settled(clause, values) is False for clause in self._holding):
            return None
        if any(settled(clause, values) is True for clause in self._failing):
            return None
        if place == len(self._signals):
            return dict(values)
        signal = self._signals[place]
        for value in self._cells[signal]:
            found = self.run({**values, signal: value}, place + 1)
            if found is not None:
                return found
        return None


def _cells(clauses: Iterable[Clause], domain: Domain) -> dict[str, list[Value]]:
    numbers: dict[str, set[Decimal]] = {}
    words: dict[str, set[str]] = {}
    flags: set[str] = set()
    for clause in clauses:
        for condition in conditions_in(clause):
            value = condition.value
            if isinstance(value, bool):
                flags.add(condition.signal)
            elif isinstance(value, Decimal):
                numbers.setdefault(condition.signal, set()).add(value)
            else:
                mentioned = value if isinstance(value, tuple) else (value,)
                words.setdefault(condition.signal, set()).update(mentioned)
    cells: dict[str, list[Value]] = {signal: [True, False, None] for signal in flags}
    for signal, found in words.items():
        choices: Iterable[Value] = _subsets(found) if signal in domain.tags else [*sorted(found), OTHER]
        cells[signal] = [*choices, None]
    for signal, thresholds in numbers.items():
        points = _points(thresholds, domain.ranges.get(signal), signal in domain.whole)
        cells[signal] = [*points, None]
    return cells


def _subsets(words: set[str]) -> Iterator[Value]:
    for size in range(len(words) + 1):
        for chosen in combinations(sorted(words), size):
            yield frozenset(chosen)


def _points(
    thresholds: set[Decimal], within: tuple[Decimal, Decimal] | None, is_whole: bool
) -> list[Fraction]:
    """One value for every cell between the thresholds: the thresholds themselves and what lies between."""
    ordered = sorted(thresholds)
    low, high = within if within is not None else (ordered[0] - 1, ordered[-1] + 1)
    if is_whole:
        low, high = low.to_integral_value(ROUND_CEILING), high.to_integral_value(ROUND_FLOOR)
        near = {each.to_integral_value(ROUND_FLOOR) + step for each in ordered for step in (-1, 0, 1)}
        return [Fraction(each) for each in sorted({low, high, *(n for n in near if low <= n <= high)})]
    marks = [Fraction(each) for each in sorted({low, high, *(n for n in ordered if low <= n <= high)})]
    between = [(here + there) / 2 for here, there in pairwise(marks)]
    return sorted([*marks, *between])
