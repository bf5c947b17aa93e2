"""What does it cost to keep measures up to date (P7)? A change of 1 % of 30 days' lines against all anew.

Ten stores, 540 days, five million order lines unless LINES says otherwise. Incremental: the changed lines
mark their days as a sync does, and the product's own roll-up takes them. Full: the same roll-up with every
(store, day) dirty. Both compute every measure of every source that reads orders; afterwards the sums must
equal plain SQL over the lines. The control marks all days for the same change, and must miss the goal.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection, transaction

from benchmarks import database, measure
from connectors import models as c
from connectors.services.dirty import DirtyMark, mark_dirty_days
from connectors.types import Family
from kpis.services.rollup import roll_up
from tenants.context import use_tenant
from tenants.types import ClientRef

LINES = int(os.environ.get("LINES", "5000000"))
REPEATS = int(os.environ.get("REPEATS", "7"))
FULL_REPEATS = int(os.environ.get("FULL_REPEATS", "1"))
STORES, DAYS, RECENT = 10, 540, 30
LAST = date(2026, 10, 31)
FIRST = LAST - timedelta(days=DAYS - 1)
GOAL, SYNC_GOAL = 0.10, 1.15

_FILL = """
insert into fact_order_line (store_id, run_id, source_updated_at, ingested_at, platform_order_id, line_no,
  sku, product_id, ordered_at, business_on, status, channel, quantity, currency, gross_amount, tax_amount,
  tax_collector, shipping_amount, shipping_tax_amount, discount_amount, points_amount, is_replacement,
  is_business, buyer_hash)
select (%(stores)s::bigint[])[1 + n %% %(n)s], 1, now(), now(), %(prefix)s || n / %(n)s / 2, 'L' || n,
  'SKU-' || n %% 997, 'P', now(), %(first)s::date + (n / %(n)s / 2 %% %(days)s)::int,
  case n %% 20 when 0 then 'cancelled' else 'shipped' end, 'platform', 1 + n %% 3, 'USD',
  10 + n %% 8999 * 0.01, 1 + n %% 97 * 0.01, 'platform', 0, 0, n %% 5 * 0.10, 0, n %% 101 = 0, false, ''
from generate_series(0, %(lines)s - 1) n
"""

# Every hundredth line of the last 30 days gets another price, and its day is marked as a sync marks it.
_CHANGE = """
update fact_order_line set gross_amount = gross_amount + 0.01, source_updated_at = now()
where business_on > %(since)s and id %% 100 = %(turn)s
"""

_TRUTH = """
select coalesce(sum(gross_amount - tax_amount), 0) from fact_order_line
where not is_replacement and business_on between %(first)s and %(last)s
"""

_STORED = """
select coalesce(sum(value), 0) from kpis_daily_measure
where known_to is null and measure = 'gmv_ordered' and business_on between %(first)s and %(last)s
"""


def main() -> None:
    """Fill a database of its own and race the arms."""
    with database.throwaway() as name:
        client = database.make_client("bench")
        with use_tenant(client):
            stores = [_make_store(n) for n in range(STORES)]
        _fill(name, client, stores, "O-", FIRST, DAYS, LINES)
        with use_tenant(client):
            full = [_everything(stores) for _ in range(FULL_REPEATS)]
            _require_exact()
            incremental = [_changed(stores, turn, RECENT) for turn in range(REPEATS)]
            _require_exact()
            control = _changed(stores, REPEATS, DAYS)
            _report(full, incremental, control)
            _slowdown(client, stores)


def _report(full: Sequence[float], incremental: Sequence[float], control: float) -> None:
    whole = statistics.median(full)
    measure.report(
        "P7",
        ratio=statistics.median(incremental) / whole,
        goal=GOAL,
        at="most",
        n=len(incremental),
        control_fails=control / whole > GOAL,
        detail={
            "what": "roll-up after 1 % of 30 days' lines changed / roll-up of everything",
            "lines": LINES,
            "stores": STORES,
            "days": DAYS,
            "full_s": [round(seconds, 2) for seconds in full],
            "incremental_s": [round(seconds, 3) for seconds in incremental],
            "control_s": round(control, 2),
            "plain_sql_s": round(_seconds_of_plain_sql(), 2),
        },
    )


def _slowdown(client: ClientRef, stores: Sequence[int]) -> None:
    """P7.sync: what a roll-up adds to storing a day's lines of every store."""
    from benchmarks import ingest_arms as arms
    from benchmarks.orders_file import write_orders

    file = write_orders(20_000)
    store = arms.make_store()
    alone, together = [], []
    for turn in range(REPEATS):
        arms.forget(client, store)
        started = time.perf_counter()
        arms.sync_file(store, file)()
        stored = time.perf_counter() - started
        started = time.perf_counter()
        while roll_up().claimed:
            pass
        rolled = time.perf_counter() - started
        if turn:
            alone.append(stored)
            together.append(stored + rolled)
    ratio = statistics.median(together) / statistics.median(alone)
    # Who rolls everything up after each sync must miss the goal.
    control = 1 + _everything(stores) / statistics.median(alone)
    measure.report(
        "P7.sync",
        ratio=ratio,
        goal=SYNC_GOAL,
        at="most",
        n=len(alone),
        control_fails=control > SYNC_GOAL,
        detail={
            "what": "a first load of 20,000 lines with its roll-up / without",
            "alone_s": [round(seconds, 2) for seconds in alone],
            "control": round(control, 2),
            "with_roll_up_s": [round(seconds, 2) for seconds in together],
        },
    )


def _everything(stores: Sequence[int]) -> float:
    return _rolled(stores, [FIRST + timedelta(days=n) for n in range(DAYS)])


def _changed(stores: Sequence[int], turn: int, marked: int) -> float:
    """Change 1 % of the lines of the last 30 days, mark the last `marked` days, and time the roll-up."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, {"since": LAST - timedelta(days=RECENT), "turn": turn})
    return _rolled(stores, [LAST - timedelta(days=n) for n in range(marked)])


def _rolled(stores: Sequence[int], days: Sequence[date]) -> float:
    with transaction.atomic():
        mark_dirty_days([DirtyMark(store, day, Family.ORDERS) for store in stores for day in days])
    started = time.perf_counter()
    while roll_up().claimed:
        pass
    return time.perf_counter() - started


def _require_exact() -> None:
    """The stored sums equal the lines, to the last decimal."""
    between = {"first": FIRST, "last": LAST}
    with connection.cursor() as cursor:
        cursor.execute(_TRUTH, between)
        truth: Decimal = cursor.fetchone()[0]
        cursor.execute(_STORED, between)
        stored: Decimal = cursor.fetchone()[0]
    if truth != stored:
        raise SystemExit(f"the roll-up has {stored}, the lines {truth}")


def _seconds_of_plain_sql() -> float:
    """What PostgreSQL takes for the same sums without keeping anything, for scale."""
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "select store_id, business_on, sum(gross_amount - tax_amount), sum(quantity),"
            " count(distinct platform_order_id) from fact_order_line group by 1, 2"
        )
        cursor.fetchall()
    return time.perf_counter() - started


def _make_store(n: int) -> int:
    selling = c.StoreConnection.objects.create(
        platform="amazon_sp", name=f"{n}", account={"seller_id": f"A{n}"}
    )
    return c.Store.objects.create(
        connection=selling,
        platform="amazon_sp",
        market="US",
        marketplace_id=f"M{n}",
        name=f"Shop {n}",
        currency="USD",
        time_zone="America/Los_Angeles",
    ).pk


def _fill(
    name: str, client: ClientRef, stores: Sequence[int], prefix: str, first: date, days: int, lines: int
) -> None:
    with database.as_owner(name) as owner:
        owner.execute(f"set search_path to {client.schema_name}, public")
        owner.execute(
            _FILL,
            {
                "stores": list(stores),
                "n": STORES,
                "prefix": prefix,
                "first": first,
                "days": days,
                "lines": lines,
            },
        )
        owner.execute("analyze fact_order_line")


if __name__ == "__main__":
    main()
