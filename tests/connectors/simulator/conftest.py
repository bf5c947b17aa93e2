"""One world and one simulator on the wire for the tests that only look; changed ones are put back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest

from connectors.simulator.testing import Running, running_simulator
from connectors.simulator.world import World, generate
from tests.connectors.simulator.caller import Caller

END = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 20, tzinfo=UTC)


@pytest.fixture(scope="session")
def world() -> World:
    """The default world."""
    return generate(7, END)


@pytest.fixture(scope="session")
def _served(world: World) -> Iterator[Running]:
    with running_simulator(world, now=NOW, frozen=True) as running:
        yield running


@pytest.fixture
def sim(_served: Running) -> Iterator[Running]:
    """A running simulator whose clock stands at NOW: no limits, reports at once. Put back after each test."""
    yield _served
    simulator = _served.simulator
    simulator.knobs.queue_seconds = simulator.knobs.process_seconds = 0
    simulator.knobs.page_size = 0
    simulator.limits.enforced, simulator.limits.scale = False, 1.0
    simulator.reset()


@pytest.fixture
def caller(sim: Running, world: World) -> Iterator[Callable[[str], Caller]]:
    """Callers by store key, e.g. `caller("harbor-us")`."""
    made: list[Caller] = []

    def make(store: str) -> Caller:
        made.append(Caller(sim.base_url, world.stores[store]))
        return made[-1]

    yield make
    for one in made:
        one.http.close()
