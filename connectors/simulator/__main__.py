"""`python -m connectors.simulator`: serve a seeded world; prints one JSON line when it is ready."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Sequence
from datetime import date, datetime

from config.lib import clock
from connectors.simulator.http.asgi import Application
from connectors.simulator.http.limits import Limits
from connectors.simulator.http.server import Server
from connectors.simulator.http.settings import Knobs
from connectors.simulator.http.simulator import Simulator
from connectors.simulator.testing import endpoints
from connectors.simulator.world import Size, generate


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m connectors.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--end-date", type=date.fromisoformat, default=None, help="last day of the past")
    parser.add_argument("--days", type=int, default=90, help="days of past")
    parser.add_argument("--horizon", type=int, default=7, help="days the clock may be moved on")
    parser.add_argument("--accounts", type=int, default=2, help="clients, each with a US, JP and MX store")
    parser.add_argument("--skus", type=int, default=14, help="SKUs per store")
    parser.add_argument("--volume", type=float, default=1.0, help="1 is about nine orders a store and day")
    parser.add_argument("--costs", choices=("mixed", "native"), default="mixed", help="their currencies")
    parser.add_argument("--no-plants", action="store_true", help="leave the planted causes out")
    parser.add_argument("--now", type=datetime.fromisoformat, default=None, help="set the clock (ISO 8601)")
    parser.add_argument("--frozen", action="store_true", help="the clock stands still until it is moved")
    parser.add_argument("--limit-scale", type=float, default=1.0, help="times Amazon's limits; 0 lifts them")
    parser.add_argument("--queue-seconds", type=float, default=0.2)
    parser.add_argument("--process-seconds", type=float, default=0.5)
    parser.add_argument("--control", action="store_true", help="accepted for clarity; /_sim/ is always there")
    return parser.parse_args(arguments)


def build(options: argparse.Namespace) -> Simulator:
    """The simulator the options describe."""
    size = Size(
        accounts=options.accounts,
        skus=options.skus,
        days=options.days,
        horizon=options.horizon,
        volume=options.volume,
        mixed_costs=options.costs == "mixed",
        plants=not options.no_plants,
    )
    world = generate(options.seed, options.end_date or clock.today("UTC"), size)
    limits = Limits(scale=options.limit_scale or 1.0, enforced=bool(options.limit_scale))
    knobs = Knobs(queue_seconds=options.queue_seconds, process_seconds=options.process_seconds)
    return Simulator(world, now=options.now, frozen=options.frozen, limits=limits, knobs=knobs)


async def serve(options: argparse.Namespace) -> None:
    """Serve until interrupted or terminated."""
    server, stopped = Server(Application(build(options))), asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    port = await server.start(options.port)
    base = f"http://127.0.0.1:{port}"
    ready = {"port": port, "base_url": base, "seed": options.seed, "endpoints": endpoints(base)}
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()
    await stopped.wait()
    await server.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parse()))
