"""The arms of the ingest benchmark that end in a fact table: the product's sync, and bare SQL beside it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any
from unittest.mock import patch

import msgspec
import psycopg
from django.db import connection, connections, transaction

from benchmarks.orders_file import OrdersFile
from config.lib import clock
from config.lib.redact import Secret
from connectors.engine.protocol import Request, Response, StreamContext
from connectors.facts.orders import OrderLine
from connectors.models import DirtyDay, RawPage, StreamCursor
from connectors.platforms.amazon_sp.streams.orders import read_orders_report
from connectors.platforms.amazon_sp.streams.reports import ReportDocument, ReportState
from connectors.services import sync
from connectors.services.connections import attach_store, create_connection
from connectors.services.staging import make_batch
from connectors.services.statements import statements_for
from connectors.services.tables import TABLES
from connectors.types import OrderLineRecord, StoreRef
from tenants.tasking import run_job_now
from tenants.types import ClientRef, JobState
from tests.support.database import connect

STREAM = "orders_report"
SPEC = TABLES[OrderLineRecord]
PLAIN = "plain_order_line"
_DAYS = 29


def make_store() -> StoreRef:
    """An American Amazon shop of the current client whose history is one report long."""
    connection_view = create_connection(
        platform="amazon_sp",
        name="Benchmark",
        account={"seller_id": "A1BENCH"},
        credential={
            name: Secret("unused-in-a-benchmark") for name in ("client_id", "client_secret", "refresh_token")
        },
    )
    return attach_store(
        connection_id=connection_view.id, marketplace_id="ATVPDKIKX0DER", name="US", backfill_days=_DAYS
    )


def sync_file(store: StoreRef, file: OrdersFile) -> Callable[[], None]:
    """Return the product's arm: the whole job of the orders report's stream, its platform answered here.

    Nothing else is left out: job and run, decoding, mapping, raw pages, facts, dirty days, cursor, outbox.
    """

    def arm() -> None:
        job = sync.start_sync(store_id=store.id, stream_key=STREAM)
        with patch.object(sync, "_fetcher", lambda *_: _platform(file)):
            done = run_job_now(job.id)
        if done.state is not JobState.SUCCEEDED:
            raise RuntimeError(f"the sync ended as {done.state}: {done.problem}")

    return arm


def _platform(file: OrdersFile) -> Callable[[Request], Response]:
    """What Amazon would answer, without the way there."""
    report = f"R-{next(_REPORTS)}"
    answers: dict[str, Any] = {
        "createReport": {"reportId": report},
        "getReport": {"processingStatus": "DONE", "reportDocumentId": f"D-{report}"},
        "getReportDocument": {"url": f"https://documents.example/{report}"},
    }

    def fetch(request: Request) -> Response:
        if request.operation in answers:
            return Response(200, {}, msgspec.json.encode(answers[request.operation]))
        return Response(200, {"content-type": "text/plain; charset=utf-8"}, file.data)

    return fetch


_REPORTS = itertools.count(1)


class PlainTable:
    """A table identical to the product's, and pages rendered beforehand: the most that SQL alone can do."""

    def __init__(self, client: ClientRef, store: StoreRef) -> None:
        self._store = store
        with owner(client) as cursor:
            cursor.execute(f"CREATE TABLE {PLAIN} (LIKE {SPEC.table} INCLUDING ALL)")
            cursor.execute(f'GRANT ALL ON {PLAIN} TO "{_role(client)}"')

    def render(self, file: OrdersFile) -> list[bytes]:
        """The pages of a file as COPY reads them, cut as the product cuts them."""
        return [make_batch(SPEC, records).body for records in records_of(self._store, file)]

    def upsert(self, pages: Sequence[bytes], *, only_changed: bool = True) -> None:
        """Stage and upsert every page in a transaction of its own."""
        statements = statements_for(SPEC)
        upsert = _upsert(only_changed=only_changed)
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMP TABLE {SPEC.stage} ON COMMIT DELETE ROWS AS "
                f"SELECT {', '.join(SPEC.columns)} FROM {SPEC.table} WITH NO DATA"
            )
            try:
                for page in pages:
                    with transaction.atomic():
                        with cursor.copy(statements.copy) as copy:
                            copy.write(page)
                        cursor.execute(upsert, [self._store.id, 1, clock.now()])
            finally:
                cursor.execute(f"DROP TABLE {SPEC.stage}")


def records_of(store: StoreRef, file: OrdersFile) -> Iterator[Sequence[OrderLineRecord]]:
    """The typed records of a file, page by page, as the product's stream reads them."""
    now = clock.now()
    context = StreamContext(store, {}, now, now.date(), _DAYS, b"")
    document = ReportDocument(ReportState("R-0", now), file.data, {})
    for chunk in read_orders_report(context, document, now, 0):
        yield [record for record in chunk.records if isinstance(record, OrderLineRecord)]


def save_rows(store: StoreRef, records: Sequence[OrderLineRecord]) -> None:
    """The control: what an ORM does when every row is saved by itself."""
    now = clock.now()
    with transaction.atomic():
        for record in records:
            OrderLine(store_id=store.id, run_id=1, ingested_at=now, **asdict(record)).save()
        transaction.set_rollback(True)


def _upsert(*, only_changed: bool) -> str:
    columns = ", ".join(SPEC.columns)
    updates = [c for c in SPEC.columns if c not in SPEC.key]
    assign = ", ".join(f"{c} = excluded.{c}" for c in ("run_id", "ingested_at", *updates))
    ours, theirs = (", ".join(f"{table}.{c}" for c in updates) for table in (PLAIN, "excluded"))
    where = f" WHERE ({theirs}) IS DISTINCT FROM ({ours})" if only_changed else ""
    return (
        f"INSERT INTO {PLAIN} (store_id, run_id, ingested_at, {columns}) "
        f"SELECT %s, %s, %s, {columns} FROM {SPEC.stage} "
        f"ON CONFLICT (store_id, {', '.join(SPEC.key)}) DO UPDATE SET {assign}{where}"
    )


def forget(client: ClientRef, store: StoreRef) -> None:
    """Empty the product's tables and let the stream begin anew."""
    StreamCursor.objects.filter(store_id=store.id).delete()
    empty(client, SPEC.table, RawPage._meta.db_table, DirtyDay._meta.db_table)


def empty(client: ClientRef, *tables: str) -> None:
    """Empty tables; the WAL begins behind a checkpoint, whose first pages cost the same in every arm."""
    with owner(client) as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
        cursor.execute("CHECKPOINT")


def row_hash(table: str) -> tuple[int, str]:
    """Count and order-free hash of a table's rows, as the client sees them."""
    with connection.cursor() as cursor:
        return content_hash(cursor, table, SPEC.columns)


def content_hash(cursor: Any, table: str, columns: Sequence[str]) -> tuple[int, str]:
    """Count and order-free hash of some columns of a table."""
    cursor.execute(
        "SELECT count(*), coalesce(sum(hashtextextended(r::text, 0)), 0)::text FROM (SELECT "
        f"{', '.join(map(_plain, columns))} FROM {table}) r"
    )
    rows, added = cursor.fetchone()
    return rows, hashlib.sha256(added.encode()).hexdigest()[:16]


def _plain(column: str) -> str:
    # Scales differ between tables; the value is what counts.
    return f"{column}::numeric(18,4)" if column.endswith("_amount") else column


def row_writes(table: str) -> tuple[int, int]:
    """How many rows were inserted and updated in a table since statistics began."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT n_tup_ins, n_tup_upd FROM pg_stat_user_tables WHERE schemaname = current_schema() "
            "AND relname = %s",
            [table],
        )
        inserted, updated = cursor.fetchone()
    return inserted, updated


@contextmanager
def owner(client: ClientRef) -> Iterator[psycopg.Cursor]:
    """A cursor of the owner in the client's schema."""
    with connect(connections.settings["owner"]["NAME"]) as connection, connection.cursor() as cursor:
        cursor.execute(f"SET search_path TO {client.schema_name}")
        yield cursor


def _role(client: ClientRef) -> str:
    return f"{connections.settings['owner']['NAME']}_t_{client.id}"
