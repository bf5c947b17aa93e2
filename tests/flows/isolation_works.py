"""What the threads of the isolation tests do for a client: every way to read its rows, and one write.

Each answers texts that begin with the client's slug, as far as the rows are the client's own.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import orjson
from django.db import connection

from config.lib.calendars import Period
from connectors.facts.orders import OrderLine
from connectors.models import Store
from connectors.selectors.connections import connections_query, get_connection
from connectors.selectors.order_lines import order_lines_query, shape
from connectors.selectors.runs import find_latest_run
from connectors.selectors.stores import list_stores
from connectors.services.connections import update_connection
from kpis.selectors.plans import list_targets
from kpis.selectors.scorecards import get_scorecard
from tests.flows import premises

Work = Callable[[random.Random, str], list[str]]


def orm_get(rng: random.Random, slug: str) -> list[str]:
    """One row by a key that both clients have."""
    return [OrderLine.objects.get(pk=rng.randint(1, premises.LINES)).sku]


def orm_list(rng: random.Random, slug: str) -> list[str]:
    """A list, through a cursor on the server."""
    rows = OrderLine.objects.order_by("id").values_list("platform_order_id", flat=True)
    return list(rows.iterator(chunk_size=20))


def orm_join(rng: random.Random, slug: str) -> list[str]:
    """A row and the one it points to, fetched lazily."""
    store = Store.objects.get(pk=1)
    return [store.name, store.connection.name]


def raw_rows(rng: random.Random, slug: str) -> list[str]:
    """Plain SQL without a word about the client."""
    with connection.cursor() as cursor:
        cursor.execute("select platform_order_id from fact_order_line where id = any(%s)", [[1, 2, 3]])
        return [row[0] for row in cursor.fetchall()]


def raw_copy(rng: random.Random, slug: str) -> list[str]:
    """COPY out."""
    with (
        connection.cursor() as cursor,
        cursor.copy("copy (select name from connectors_store) to stdout") as out,
    ):
        return [row[0] for row in out.rows()]


def selectors(rng: random.Random, slug: str) -> list[str]:
    """What the API shows."""
    run = find_latest_run(store_id=1, stream=f"{slug}-stream")
    names = [store.name for store in list_stores()] + [row["name"] for row in connections_query()]
    lines = [orjson.loads(orjson.dumps(shape(row))) for row in order_lines_query()[:5]]
    return [*names, run.stream if run else "no run", *(line["sku"] for line in lines)]


def scorecard(rng: random.Random, slug: str) -> list[str]:
    """The hot path, with targets."""
    card = get_scorecard(Period.parse("2026-W32"), store_ids=(1,))
    owners = [target.owner for target in list_targets(1, premises.DAY)]
    return [card["stores"][0]["name"], *(line["owner"] for line in card["kpis"] if line["owner"]), *owners]


def service(rng: random.Random, slug: str) -> list[str]:
    """A write with its audit entry; two threads may meet at the same version."""
    seen = get_connection(1)
    changed = update_connection(
        connection_id=1, version=seen.version, name=f"{slug} connection {rng.randint(1, 999)}"
    )
    return [seen.name, changed.name]


READS: tuple[Work, ...] = (orm_get, orm_list, orm_join, raw_rows, raw_copy, selectors, scorecard)
WORKS: tuple[Work, ...] = (*READS, service)
