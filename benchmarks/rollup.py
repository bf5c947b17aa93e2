"""P7: rolling up what changed costs a small part of rolling up everything.

The client has 10 stores with 540 days of order lines (200,000, or as many as `--lines` says; the goal is
about 5 million). One order line in a hundred of the last 30 days is changed; the incremental roll-up takes
the days that this made dirty, with the sums that look back from them and the totals of their weeks and
months. The full arm computes every day anew by the same code. Both write what differs and nothing else.

The control makes every day of the history dirty instead: it must miss the goal.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import connection

from benchmarks import database, measure
from benchmarks.scorecard_data import DAYS, STORES, fill_lines, make_store
from config.lib import clock
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.types import Family
from kpis.services.rollup import recompute_days, roll_up
from tenants.context import use_tenant

GOAL, REPEATS, CHANGED_DAYS = 0.10, 3, 30


def main() -> None:
    """Fill a client's tables, roll everything up, then time both arms in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--lines", type=int, default=200_000, help="order lines to generate")
    lines = parser.parse_args().lines
    with database.throwaway() as name:
        client = database.make_client("rollup")
        last = clock.now().date() - timedelta(days=1)
        with use_tenant(client):
            stores = [make_store(n, last) for n in range(STORES)]
        started = time.perf_counter()
        fill_lines(name, client, stores, last, lines=lines)
        filled = time.perf_counter() - started
        with use_tenant(client):
            _measure(stores, last, lines, filled)


def _measure(stores: Sequence[int], last: date, lines: int, filled: float) -> None:
    rng = random.Random(7)
    every = [(store_id, last - timedelta(days=n)) for store_id in stores for n in range(DAYS)]
    recompute_days(days=every)
    full, incremental, control = [], [], []
    for _ in range(REPEATS):
        changed = _change(rng.randrange(100), last)
        started = time.perf_counter()
        _drain()
        incremental.append(time.perf_counter() - started)
        started = time.perf_counter()
        recompute_days(days=every)
        full.append(time.perf_counter() - started)
        mark_dirty_days(DirtyMark(store_id, day, Family.ORDERS) for store_id, day in every)
        started = time.perf_counter()
        _drain()
        control.append(time.perf_counter() - started)
    whole = sorted(full)[len(full) // 2]
    measure.report(
        "P7",
        ratio=sorted(incremental)[len(incremental) // 2] / whole,
        goal=GOAL,
        at="most",
        n=REPEATS,
        control_fails=sorted(control)[len(control) // 2] / whole > GOAL,
        detail={
            "what": "rolling up a change of 1 % of the order lines of 30 days / computing every day anew",
            "order_lines": lines,
            "stores": STORES,
            "days": DAYS,
            "changed_lines": changed,
            "fill_seconds": round(filled, 1),
            "incremental_seconds": [round(each, 2) for each in incremental],
            "full_seconds": [round(each, 2) for each in full],
            "control_seconds": [round(each, 2) for each in control],
        },
    )


def _change(remainder: int, last: date) -> int:
    """Change one line in a hundred of the last 30 days and mark its days; returns how many lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update fact_order_line set quantity = quantity + 1 where business_on > %s and id %% 100 = %s"
            " returning store_id, business_on",
            [last - timedelta(days=CHANGED_DAYS), remainder],
        )
        rows = cursor.fetchall()
    mark_dirty_days(DirtyMark(store_id, day, Family.ORDERS) for store_id, day in rows)
    return len(rows)


def _drain() -> None:
    """Roll up until nothing is dirty any more."""
    while roll_up().claimed:
        pass


if __name__ == "__main__":
    main()
