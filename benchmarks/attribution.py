"""Does the checklist name the causes that were planted? Precision and recall per cause over made worlds.

Every world is a client with three stores, synced from the simulated Amazon and rolled up by the product
itself. A third of the worlds has one planted cause per store, a third has two, a third has none. A cause
counts as named where its verdict is "likely". Stores that ran out of stock by themselves count against the
stock-out's precision, although the checklist is right about them: what was not planted counts as false.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from redis import Redis

from benchmarks import database, measure
from kpis.engine.attribution.verdict import Cause
from tenants.context import use_tenant
from tests.flows.causes import CAUSES, NOW, Score, judge, learn, world_of
from tests.flows.conftest import served

WORLDS = int(os.environ.get("ATTRIBUTION_WORLDS", "30"))
# The thresholds of the checks were chosen on the worlds of seeds 1 to 30; these have not been looked at.
FIRST_SEED = 31
GOAL = 0.8


class _Undo(Exception):
    """Leaves a world's transaction without keeping anything of it."""


@contextmanager
def _forgotten() -> Iterator[None]:
    """Whatever is written in the block is rolled back after it."""
    try:
        with transaction.atomic():
            yield
            raise _Undo
    except _Undo:
        return


def main() -> None:
    """Judge every world and print a line per cause."""
    score, started = Score(), time.monotonic()
    with database.throwaway():
        client = database.make_client("attribution")
        for seed in range(FIRST_SEED, FIRST_SEED + WORLDS):
            world = world_of(seed, is_planted=seed % 3 != 0, more=seed % 3 == 2)
            with use_tenant(client), _forgotten(), served(world, NOW):
                judge(world, learn(world), score)
            _forget_tokens()
            print(f"world {seed}: {time.monotonic() - started:.0f} s", file=sys.stderr)
    for line in sorted(score.wrong):
        print(line, file=sys.stderr)
    for cause in CAUSES.values():
        _report(score, cause)


def _report(score: Score, cause: Cause) -> None:
    """Both lines of a cause. The controls name every cause everywhere, and none anywhere."""
    planted = score.hits[cause] + score.missed[cause]
    detail = {
        "planted": planted,
        "named": score.hits[cause] + score.false[cause],
        "right": score.hits[cause],
        "stores": score.stores,
        "worlds": WORLDS,
    }
    for name, value, control in (
        ("precision", score.precision(cause), planted / score.stores),
        ("recall", score.recall(cause), 0.0),
    ):
        measure.report(
            f"attribution.{cause.value}.{name}",
            ratio=value or 0.0,
            goal=GOAL,
            at="least",
            n=planted,
            detail=detail,
            control_fails=control < GOAL,
        )


def _forget_tokens() -> None:
    """The next world's Amazon knows none of this one's tokens."""
    Redis.from_url(settings.REDIS_URL).flushdb()


if __name__ == "__main__":
    main()
