"""How fast do rows come in: against bare SQL (P2), against dlt (P3), and when nothing is new (P4)?

The product's arm is its whole sync job: the flat-file orders report is decoded, read, mapped to typed
records, and stored page by page with raw pages, dirty days, cursor, counts and events. Only the network is
left out.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from benchmarks import ingest_arms as arms
from benchmarks.database import make_client, throwaway
from benchmarks.measure import Timing, interleave, ratio_interval, report
from benchmarks.orders_file import OrdersFile, write_orders
from connectors.types import StoreRef
from tenants.context import use_tenant
from tenants.types import ClientRef

if TYPE_CHECKING:
    from benchmarks.dlt_arms import DltArms

LINES = 100_000
INCREMENT = 20_000
SAMPLE = 2_000
REPEATS = 7
_UPSERT_GOAL, _MERGE_GOAL, _APPEND_GOAL, _UNCHANGED_GOAL = 0.85, 6.0, 1.2, 1.1


def main() -> None:
    """Run the goals in a database of their own."""
    with throwaway():
        client = make_client("bench")
        with use_tenant(client):
            store = arms.make_store()
            plain = arms.PlainTable(client, store)
            whole = write_orders(LINES)
            full_goals(client, store, plain, whole)
            arms.forget(client, store)
            incremental_goals(client, store)


def full_goals(client: ClientRef, store: StoreRef, plain: arms.PlainTable, file: OrdersFile) -> None:
    """P2 and P4, in turns: bare SQL, the product's first load, and the same report once more."""
    pages = plain.render(file)
    sample = next(arms.records_of(store, file))[:SAMPLE]
    row_by_row = _seconds(lambda: arms.save_rows(store, sample)) / len(sample)
    product = arms.sync_file(store, file)
    plain.upsert(pages)
    product()
    _require_same(arms.row_hash(arms.SPEC.table), arms.row_hash(arms.PLAIN))
    before = arms.row_writes(arms.SPEC.table)

    def prepare(name: str) -> None:
        if name == "sql":
            arms.empty(client, arms.PLAIN)
        elif name == "product":
            arms.forget(client, store)

    times = interleave(
        {"sql": lambda: plain.upsert(pages), "product": product, "unchanged": product},
        repeats=REPEATS,
        before=prepare,
    )
    inserted, updated = (
        now - then for now, then in zip(arms.row_writes(arms.SPEC.table), before, strict=True)
    )
    _report_upsert(times, file.lines, row_by_row)
    before = arms.row_writes(arms.PLAIN)
    plain.upsert(pages, only_changed=False)
    rewritten = arms.row_writes(arms.PLAIN)[1] - before[1]
    # Every first load, the warm-up too, inserts each row once; whatever is left the unchanged pages wrote.
    _report_unchanged(times, file.lines, inserted - (REPEATS + 1) * file.lines, updated, rewritten)


def _report_upsert(times: dict[str, Timing], lines: int, row_by_row: float) -> None:
    """P2: bytes to stored facts, against staging COPY + ON CONFLICT of the same rows."""
    sql, product = times["sql"], times["product"]
    control = sql.median / lines / row_by_row
    report(
        "P2",
        ratio=sql.median / product.median,
        goal=_UPSERT_GOAL,
        at="least",
        n=REPEATS,
        detail={
            **_told({"sql": sql, "product": product}, lines),
            **_spread(sql, product),
            "control": "a save() per row",
            "control_ratio": round(control, 4),
        },
        control_fails=control < _UPSERT_GOAL,
    )


def _report_unchanged(
    times: dict[str, Timing], lines: int, inserted: int, updated: int, rewritten: int
) -> None:
    """P4: the same report again writes no row and takes less time than the first time."""
    first, again = times["product"], times["unchanged"]
    report(
        "P4",
        # A single row written makes the time worthless.
        ratio=0.0 if inserted or updated else first.median / again.median,
        goal=_UNCHANGED_GOAL,
        at="least",
        n=REPEATS,
        detail={
            **_told({"first": first, "unchanged": again}, lines),
            **_spread(first, again),
            "rows_inserted": inserted,
            "rows_updated": updated,
            "control": "ON CONFLICT DO UPDATE without a look at what differs",
            "control_rows_updated": rewritten,
        },
        control_fails=rewritten > 0,
    )


def incremental_goals(client: ClientRef, store: StoreRef) -> None:
    """P3: increments of a file, against dlt's merge and its Arrow append."""
    try:
        from benchmarks.dlt_arms import DltArms
    except ImportError as missing:
        for name, goal in (("P3-merge", _MERGE_GOAL), ("P3-append", _APPEND_GOAL)):
            report(
                name, ratio=0.0, goal=goal, at="least", n=0,
                detail={"error": f"{missing}: install requirements/bench.txt"}, control_fails=False,
            )  # fmt: skip
        return
    peer = DltArms()
    try:
        _race(client, store, peer)
    finally:
        peer.close()


def _race(client: ClientRef, store: StoreRef, peer: DltArms) -> None:
    numbers = count()
    current: dict[str, OrdersFile] = {}
    turns = dict.fromkeys(("product", "merge", "merge_arrow", "append"), 0)
    files: dict[int, OrdersFile] = {}

    def next_increment(name: str) -> None:
        turn = turns[name]
        turns[name] += 1
        if turn not in files:
            files[turn] = write_orders(INCREMENT, first=next(numbers) * INCREMENT)
        current[name] = files[turn]

    def latest(name: str, arm: Callable[[OrdersFile], Callable[[], None]]) -> Callable[[], None]:
        return lambda: arm(current[name])()

    times = interleave(
        {
            "product": latest("product", lambda file: arms.sync_file(store, file)),
            "merge": latest("merge", peer.merge_rows),
            "merge_arrow": latest("merge_arrow", peer.merge),
            "append": latest("append", peer.append),
        },
        repeats=REPEATS,
        before=next_increment,
    )
    with arms.owner(client) as cursor:
        ours = arms.content_hash(cursor, arms.SPEC.table, peer.columns)
        for table in peer.tables:
            _require_same(ours, arms.content_hash(cursor, table, peer.columns))
    for name, arm, goal in (("P3-merge", "merge", _MERGE_GOAL), ("P3-append", "append", _APPEND_GOAL)):
        report(
            name,
            ratio=times[arm].median / times["product"].median,
            goal=goal,
            at="least",
            n=REPEATS,
            detail={
                **_told({"product": times["product"], f"dlt_{arm}": times[arm]}, INCREMENT),
                **_spread(times[arm], times["product"]),
                **_about(arm, times),
            },
            # The peer raced against itself is not ahead of itself.
            control_fails=times[arm].median / times["merge"].median < goal,
        )


def _about(arm: str, times: dict[str, Timing]) -> dict[str, Any]:
    shared = {
        "control": "dlt's own merge of rows in the product's place",
        "peer_does_more": "infers schemas, knows 60 destinations",
        "peer_does_less": "no raw pages, dirty days, events, per-page restart; no unique key",
    }
    if arm == "append":
        return {**shared, "peer_route": "Arrow table, CSV loader, append: stored rows are not looked at"}
    arrow = times["merge_arrow"].median / times["product"].median
    return {
        **shared,
        "peer_route": "typed rows, CSV loader, merge upsert",
        "ratio_to_merge_of_arrow_tables": round(arrow, 4),
    }


def _told(times: dict[str, Timing], lines: int) -> dict[str, Any]:
    return {
        "rows": lines,
        **{name: timing.summary() for name, timing in times.items()},
        "rows_per_second": {name: round(lines / timing.median) for name, timing in times.items()},
    }


def _spread(top: Timing, bottom: Timing) -> dict[str, Any]:
    """How sure a ratio is, and what it was in the repeats that other work on the machine disturbed least."""
    low, high = ratio_interval(top.seconds, bottom.seconds)
    best = min(top.seconds) / min(bottom.seconds)
    return {"interval_95": [round(low, 3), round(high, 3)], "ratio_of_best": round(best, 4)}


def _seconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def _require_same(ours: tuple[int, str], theirs: tuple[int, str]) -> None:
    if ours != theirs:
        raise SystemExit(f"the arms stored different rows: {ours} and {theirs}")


if __name__ == "__main__":
    main()
