"""A call that has been let in: the request, who makes it, and the simulator's parts a handler may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from re import Pattern

from connectors.simulator.http.clock import SimulatorClock
from connectors.simulator.http.faults import Faults
from connectors.simulator.http.messages import Answer, Request, refuse
from connectors.simulator.http.paging import Paging
from connectors.simulator.http.record import Record
from connectors.simulator.http.reports.desk import Desk
from connectors.simulator.http.settings import Knobs
from connectors.simulator.http.tokens import Grant
from connectors.simulator.world import World
from connectors.simulator.world.model import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """What the simulator is made of."""

    world: World
    clock: SimulatorClock
    knobs: Knobs
    paging: Paging
    desk: Desk
    record: Record
    faults: Faults


@dataclass(frozen=True, slots=True)
class Call:
    """One authorised call. `at` is the moment it speaks of; `path` holds the parts of the path."""

    request: Request
    grant: Grant
    parts: Parts
    at: datetime
    path: Mapping[str, str]
    operation: str

    @property
    def query(self) -> Mapping[str, str]:
        """The query parameters."""
        return self.request.query

    def store(self, marketplace_id: str) -> Store:
        """The caller's store on a marketplace; refused when it has none there."""
        store = self.parts.world.store_of(self.grant.seller, marketplace_id)
        if store is None or store.market.region != self.grant.region:
            raise refuse(403, "Unauthorized", "Access to requested resource is denied.")
        return store

    def stores(self) -> list[Store]:
        """All stores the caller's token speaks for."""
        return [
            store
            for store in self.parts.world.stores.values()
            if store.seller_id == self.grant.seller and store.account is self.grant.account
        ]

    def check(self, allowed: frozenset[str], required: tuple[str, ...] = ()) -> None:
        """Refuse unknown and missing query parameters."""
        for name in self.query:
            if name not in allowed:
                raise refuse(400, "InvalidInput", f"Unknown query parameter: {name}")
        for name in required:
            if not self.query.get(name):
                raise refuse(400, "InvalidInput", f"Missing required parameter: {name}")

    def page_size(self, default: int, largest: int, name: str = "") -> int:
        """How many rows a page may hold."""
        text = self.query.get(name, str(default)) if name else str(default)
        if not text.isdigit() or not 1 <= int(text) <= largest:
            raise refuse(400, "InvalidInput", f"{name} must be between 1 and {largest}.")
        return min(int(text), self.parts.knobs.page_size or largest)

    def is_empty(self) -> bool:
        """Whether a planned fault wants this page without rows."""
        return self.parts.faults.next((self.operation,), frozenset({"empty"})) is not None

    def loops(self) -> bool:
        """Whether a planned fault wants the page's own token handed out again."""
        return self.parts.faults.next((self.operation,), frozenset({"loop"})) is not None


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation the simulator offers, with Amazon's published limit. `api` is sp or ads."""

    name: str
    method: str
    path: Pattern[str]
    handler: Handler
    rate: float
    burst: int
    api: str = "sp"
