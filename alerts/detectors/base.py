"""What a detector is: it gathers what it needs in few statements and decides on it without any database.

`gather` reads for all stores of a rule at once; `decide` is pure, so that it can be tested by tables and
replayed on history. Missing, late or provisional data are `NO_DATA`, never a breach.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar, cast

from alerts.engine import parameters as forms
from alerts.types import Check, Policy, Severity
from connectors.types import StoreRef

P = TypeVar("P")
I = TypeVar("I")  # noqa: E741 - the inputs of a detector
V = TypeVar("V")


class Reads:
    """What rules of one round have read already: many rules ask for the same scorecards and stocks."""

    def __init__(self) -> None:
        self._known: dict[Hashable, object] = {}

    def once(self, about: Hashable, read: Callable[[], V]) -> V:
        """Return what is known about this, reading it the first time."""
        if about not in self._known:
            self._known[about] = read()
        return cast(V, self._known[about])


@dataclass(frozen=True, slots=True)
class Scope(Generic[P]):
    """What a rule asks about: its parameters, its stores and the instant to look at."""

    parameters: P
    stores: tuple[StoreRef, ...]
    at: datetime
    reads: Reads = field(default_factory=Reads, compare=False)

    @property
    def store_ids(self) -> tuple[int, ...]:
        """The ids of the stores, for statements and for `Reads.once`."""
        return tuple(store.id for store in self.stores)


class Detector(ABC, Generic[P, I]):
    """One way to find out that something is wrong; a stateless singleton in DETECTORS.

    `cadence` is how often it looks by the clock, `listens` names the events after which it looks at once.
    `can_look_back` tells whether `gather` is true to a past instant, so that a rule can be tried on history.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    meaning: ClassVar[str]
    parameters: ClassVar[type[Any]]
    severity: ClassVar[Severity] = Severity.WARNING
    policy: ClassVar[Policy] = Policy()
    cadence: ClassVar[timedelta] = timedelta(hours=1)
    listens: ClassVar[frozenset[str]] = frozenset()
    can_look_back: ClassVar[bool] = False
    why_not_back: ClassVar[str] = "What it looks at is known for the present only."

    @abstractmethod
    def gather(self, scope: Scope[P]) -> I:
        """Read everything the decision needs, for all stores of the scope, as it was known at its instant."""

    @abstractmethod
    def decide(self, inputs: I, parameters: P) -> list[Check]:
        """Return a check for every subject that was looked at; pure."""

    def check(self, scope: Scope[P]) -> list[Check]:
        """Gather and decide."""
        return self.decide(self.gather(scope), scope.parameters)

    def rests_on(self, subject: str, parameters: P) -> Sequence[Sequence[str]]:
        """Groups of streams (one of each is enough) of which a subject is made; empty: of none.

        While one of the groups is late, a subject that is not found is not gone, it cannot be seen.
        """
        return ()

    def history(self, scope: Scope[P], instants: Sequence[datetime]) -> Iterator[tuple[datetime, I]]:
        """What it would have looked at, at each of these instants; only where it can look back."""
        for at in instants:
            yield at, self.gather(Scope(scope.parameters, scope.stores, at))

    def read(self, document: Mapping[str, Any]) -> P:
        """Make the parameters of a rule's document; `Invalid` with every fault."""
        return cast(P, forms.read(self.parameters, document))

    def refuse_parameters(self, parameters: P) -> None:
        """Refuse what only a look at the catalogues shows (an unknown KPI, say); `Invalid`. Nothing here."""
