"""A running simulator for tests and the demo: in this process, on a free loopback port, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from connectors.simulator.http.asgi import Application
from connectors.simulator.http.limits import Limits
from connectors.simulator.http.server import Server
from connectors.simulator.http.settings import Knobs
from connectors.simulator.http.simulator import Simulator
from connectors.simulator.world import Size, World, generate

ORIGINS = (
    "https://api.amazon.com",
    "https://sellingpartnerapi-na.amazon.com",
    "https://sellingpartnerapi-fe.amazon.com",
    "https://advertising-api.amazon.com",
    "https://advertising-api-fe.amazon.com",
    "https://tortuga-prod-na.s3-external-1.amazonaws.com",
    "https://tortuga-prod-fe.s3.us-west-2.amazonaws.com",
    "https://offline-report-storage-us-east-1-prod.s3.amazonaws.com",
    "https://www.ecb.europa.eu",
)


def endpoints(base_url: str) -> dict[str, str]:
    """The value of PLATFORM_ENDPOINTS that sends every platform's traffic to a simulator."""
    return dict.fromkeys(ORIGINS, base_url)


@dataclass(frozen=True, slots=True)
class Running:
    """A simulator on the wire. `simulator` may be looked into and turned directly from the test."""

    simulator: Simulator
    base_url: str

    def endpoints(self) -> dict[str, str]:
        """The value of PLATFORM_ENDPOINTS."""
        return endpoints(self.base_url)


@contextmanager
def running_simulator(
    world: World | None = None,
    *,
    seed: int = 7,
    end: date | None = None,
    size: Size | None = None,
    now: datetime | None = None,
    frozen: bool = False,
    limits: Limits | None = None,
    knobs: Knobs | None = None,
) -> Iterator[Running]:
    """Serve a world (or make one of `seed`, `end`, `size`) until the block is left.

    Without `limits` nothing is throttled, without `knobs` reports are ready at once: tests that want
    Amazon's limits and waiting pass `Limits()` and `Knobs()`.
    """
    if world is None:
        world = generate(seed, end or date(2026, 11, 20), size)
    simulator = Simulator(
        world,
        now=now,
        frozen=frozen,
        limits=limits or Limits(enforced=False),
        knobs=knobs or Knobs(queue_seconds=0, process_seconds=0),
    )
    server = Server(Application(simulator))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator", daemon=True)
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(server.start(), loop).result(10)
        yield Running(simulator, f"http://127.0.0.1:{port}")
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
