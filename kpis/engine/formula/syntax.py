"""What a formula is made of: a small tree whose nodes know where in the text they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class At:
    """A place in the text: `start` counts characters from 0."""

    start: int
    length: int

    def to(self, other: At) -> At:
        """From here to the end of `other`."""
        return At(self.start, other.start + other.length - self.start)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a formula: what, where, and what to do about it."""

    code: str
    at: At
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written; "12 %" is 0.12."""

    at: At
    value: Decimal


@dataclass(frozen=True, slots=True)
class Name:
    """A measure or KPI, by key."""

    at: At
    key: str


@dataclass(frozen=True, slots=True)
class Negate:
    """The number with the other sign."""

    at: At
    of: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Two numbers and what is done with them: + - * / or a comparison."""

    at: At
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function of `kpis.engine.formula.functions`."""

    at: At
    function: str
    arguments: tuple[Node, ...]


Node = Number | Name | Negate | Binary | Call


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and everything below it."""
    yield node
    if isinstance(node, Negate):
        yield from walk(node.of)
    elif isinstance(node, Binary):
        yield from walk(node.left)
        yield from walk(node.right)
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from walk(argument)


def names_in(node: Node) -> frozenset[str]:
    """Return the keys a formula mentions."""
    return frozenset(found.key for found in walk(node) if isinstance(found, Name))
