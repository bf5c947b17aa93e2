"""Is a formula sound: do its names exist, do its units fit, are its functions used as they are meant?

Everything that is wrong is told at once. A part whose dimension cannot be known (an unknown name) is not
judged further, so one mistake does not cause ten complaints.
"""

from __future__ import annotations

from difflib import get_close_matches

from kpis.engine.formula import dimensions as d
from kpis.engine.formula.parser import COMPARISONS
from kpis.engine.formula.scope import Scope
from kpis.engine.formula.syntax import At, Binary, Call, Fault, Name, Negate, Node, Number
from kpis.types import Unit

# How many arguments each function takes (least, most); None: any number.
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    "abs": (1, 1),
    "min": (2, None),
    "max": (2, None),
    "coalesce": (2, None),
    "if": (3, 3),
    "previous": (1, 1),
    "days": (0, 0),
}


def check(node: Node, scope: Scope, unit: Unit) -> list[Fault]:
    """Return every fault of meaning, by position; none means the formula may be computed in `unit`."""
    checker = _Checker(scope)
    found = checker.dimension(node)
    if found is not None and not d.allows(unit, found):
        checker.faults.append(
            Fault(
                "wrong_unit",
                node.at,
                f"The formula gives {found}, not {unit.value}",
                "Choose the unit that follows from it, or mend the formula.",
            )
        )
    return sorted(checker.faults, key=lambda fault: fault.at.start)


class _Checker:
    """Finds the dimension of each part; None where it cannot be known."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.faults: list[Fault] = []

    def dimension(self, node: Node) -> d.Dimension | None:
        if isinstance(node, Number):
            return d.BARE_ZERO if node.value == 0 else d.BARE
        if isinstance(node, Name):
            return self._name(node)
        if isinstance(node, Negate):
            return self._number(node.of)
        if isinstance(node, Binary):
            return self._binary(node)
        return self._call(node)

    def _name(self, node: Name) -> d.Dimension | None:
        found = self.scope.dimension(node.key)
        if found is None:
            near = get_close_matches(node.key, [*self.scope.kpis, *self.scope.measures], n=3)
            remedy = f"Did you mean {', '.join(near)}?" if near else "See the lists of KPIs and measures."
            if node.key in FUNCTIONS:
                remedy = f"{node.key} is a function: write {node.key}(…)."
            self._fault("unknown_name", node.at, f"There is no measure or KPI {node.key!r}", remedy)
        return found

    def _number(self, node: Node) -> d.Dimension | None:
        found = self.dimension(node)
        if found is not None and found.is_truth:
            self._fault(
                "no_number", node.at, "A comparison is no number", "Use it as the first part of if(…)."
            )
            return None
        return found

    def _binary(self, node: Binary) -> d.Dimension | None:
        left, right = self._number(node.left), self._number(node.right)
        if left is None or right is None:
            return d.TRUTH if node.operator in COMPARISONS else None
        if node.operator in {"*", "/"}:
            if node.operator == "/" and right.is_bare and right.is_zero:
                self._fault(
                    "division_by_zero", node.right.at, "Nothing can be divided by 0", "Name a divisor."
                )
            return left.times(right, 1 if node.operator == "*" else -1)
        found = self._same(node.at, (left, right))
        return d.TRUTH if node.operator in COMPARISONS else found

    def _same(self, at: At, parts: tuple[d.Dimension | None, ...]) -> d.Dimension | None:
        """The dimension parts have in common; a fault where they have none."""
        known = [part for part in parts if part is not None]
        found = next((part for part in known if not part.is_bare), known[0] if known else None)
        for part in known:
            if found is not None and not found.fits(part):
                remedy = "Bring both to the same unit, for instance by dividing each by what it counts."
                if part.is_bare or found.is_bare:
                    remedy = "A bare number has no currency: multiply a measure by it instead."
                self._fault("units_differ", at, f"{found} and {part} do not fit together", remedy)
                return None
        return found

    def _call(self, node: Call) -> d.Dimension | None:
        if node.function not in FUNCTIONS:
            near = get_close_matches(node.function, FUNCTIONS, n=2)
            remedy = f"Did you mean {', '.join(near)}?" if near else f"Known: {', '.join(FUNCTIONS)}."
            self._fault("unknown_function", node.at, f"There is no function {node.function!r}", remedy)
            for argument in node.arguments:
                self.dimension(argument)
            return None
        least, most = FUNCTIONS[node.function]
        count = len(node.arguments)
        if count < least or (most is not None and count > most):
            wanted = str(least) if least == most else f"at least {least}"
            self._fault(
                "arguments",
                node.at,
                f"{node.function} takes {wanted} arguments, not {count}",
                "Mend the list.",
            )
            return None
        if node.function == "days":
            return d.DAYS
        if node.function == "if":
            return self._choice(node)
        return self._same(node.at, tuple(self._number(argument) for argument in node.arguments))

    def _choice(self, node: Call) -> d.Dimension | None:
        condition, then, otherwise = node.arguments
        found = self.dimension(condition)
        if found is not None and not found.is_truth:
            self._fault(
                "no_comparison", condition.at, "if(…) begins with a comparison", "Write such as orders > 0."
            )
        return self._same(node.at, (self._number(then), self._number(otherwise)))

    def _fault(self, code: str, at: At, message: str, remedy: str) -> None:
        self.faults.append(Fault(code, at, message, remedy))
