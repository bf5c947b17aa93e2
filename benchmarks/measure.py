"""How a benchmark is measured and told: interleaved arms, ratios inside one run, one JSON line per goal."""

from __future__ import annotations

import json
import os
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Arm = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """What the repeats of one arm took, in seconds."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle repeat."""
        return statistics.median(self.seconds)

    def summary(self) -> dict[str, float]:
        """Median and quartiles in milliseconds."""
        low, middle, high = statistics.quantiles(self.seconds, n=4)
        return {"q1_ms": _ms(low), "median_ms": _ms(middle), "q3_ms": _ms(high)}


def interleave(
    arms: Mapping[str, Arm], *, repeats: int = 7, before: Callable[[str], None] | None = None
) -> dict[str, Timing]:
    """Run every arm once per repeat, alternating the order, after one untimed warm-up each.

    `before(name)` prepares an arm and is not timed.
    """
    names = list(arms)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(repeats + 1):
        for name in names if turn % 2 else reversed(names):
            if before is not None:
                before(name)
            started = time.perf_counter()
            arms[name]()
            elapsed = time.perf_counter() - started
            if turn:
                taken[name].append(elapsed)
    return {name: Timing(tuple(seconds)) for name, seconds in taken.items()}


def latencies(arms: Mapping[str, Arm], *, calls: int, warm_up: int = 50) -> dict[str, tuple[float, ...]]:
    """Time single calls, one of each arm in turn, so that noise of the machine meets all arms alike."""
    taken: dict[str, list[float]] = {name: [] for name in arms}
    for turn in range(calls + warm_up):
        for name, arm in arms.items():
            started = time.perf_counter()
            arm()
            elapsed = time.perf_counter() - started
            if turn >= warm_up:
                taken[name].append(elapsed)
    return {name: tuple(seconds) for name, seconds in taken.items()}


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ratio_interval(
    top: Sequence[float], bottom: Sequence[float], *, draws: int = 2000
) -> tuple[float, float]:
    """A 95 % bootstrap interval of median(top)/median(bottom), with a fixed seed."""
    rng = random.Random(7)
    ratios = sorted(
        statistics.median(rng.choices(top, k=len(top)))
        / statistics.median(rng.choices(bottom, k=len(bottom)))
        for _ in range(draws)
    )
    return ratios[int(0.025 * draws)], ratios[int(0.975 * draws) - 1]


def report(
    goal_id: str,
    *,
    ratio: float,
    goal: float,
    at: Literal["least", "most"],
    n: int,
    detail: Mapping[str, Any],
    control_fails: bool,
) -> bool:
    """Print the line of one goal. It is met only when the control arm misses the same goal."""
    reached = ratio >= goal if at == "least" else ratio <= goal
    line = {
        "id": goal_id,
        "ratio": round(ratio, 4),
        "goal": goal,
        "ok": reached and control_fails,
        "n": n,
        "detail": {
            "at": at,
            "control_fails": control_fails,
            "cores": os.cpu_count(),
            "load": [round(value, 2) for value in os.getloadavg()],
            **detail,
        },
    }
    print(json.dumps(line), flush=True)
    return bool(line["ok"])


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 4)
