"""The demo's marketplace: the simulator as a process, and which world it shows."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from config.lib import clock
from config.loopback import loopback_client
from config.processes import Process
from config.serving import answers
from connectors.simulator.testing import endpoints

SEED = 7
DAYS = 90
_AHEAD_DAYS = 7
_LONGEST_DAYS = 60


@dataclass(frozen=True, slots=True)
class World:
    """The simulated marketplace on a port; `end` is the last day of the past on the demo's first run.

    Later runs keep `end` and only let time go on, so that what was synced before stays true.
    """

    port: int
    end: date

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def env(self, also: Mapping[str, str]) -> dict[str, str]:
        """What sends the product's connectors to it, and these origins elsewhere."""
        return {"PLATFORM_ENDPOINTS": json.dumps({**endpoints(self.base_url), **also})}

    def process(self) -> Process:
        """The program that serves it."""
        ahead = max(0, (clock.today("UTC") - self.end).days) + _AHEAD_DAYS
        return Process(
            "simulator",
            [
                *(sys.executable, "-m", "connectors.simulator", "--port", str(self.port)),
                *("--seed", str(SEED), "--end-date", self.end.isoformat(), "--days", str(DAYS)),
                *("--horizon", str(ahead), "--limit-scale", "1000", "--queue-seconds", "0.01"),
                *("--process-seconds", "0.02"),
            ],
            is_ready=answers(self.base_url, "/_sim/info"),
        )

    def ask(self, name: str, query: dict[str, str] | None = None) -> Any:
        """Read one of the simulator's control endpoints."""
        with loopback_client(self.base_url, timeout=30) as client:
            answer = client.get(f"/_sim/{name}", params=query)
        answer.raise_for_status()
        return answer.json()


class DemoTooOld(RuntimeError):
    """The demo was first run so long ago that its world has ended."""


def open_world(var_dir: Path) -> World:
    """Choose the world: that of the demo's first run here, else one that ends today."""
    note = var_dir / "demo.json"
    today = clock.today("UTC")
    if note.exists():
        end = date.fromisoformat(json.loads(note.read_text(encoding="utf-8"))["end"])
        if (today - end).days > _LONGEST_DAYS:
            raise DemoTooOld("The demo's world has ended; start anew with `make clean demo`.")
    else:
        end = today
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps({"end": end.isoformat()}), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return World(probe.getsockname()[1], end)
