"""What the flows share: a client's shops at the simulator, their syncs, the roll-up, and fingerprints.

Everything goes through the services and jobs the product itself uses; only time is the test's own.
"""

from __future__ import annotations

import functools
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from config.lib.calendars import Period
from config.lib.money import Money
from config.lib.redact import Secret
from connectors.models import DirtyDay, StreamCursor
from connectors.selectors.stores import get_store, list_streams_of
from connectors.services.connections import attach_advertising, attach_store, create_connection
from connectors.services.costs import record_cost_sheets
from connectors.services.sync import start_sync
from connectors.services.tables import TABLES
from connectors.simulator.http.views import accounts_of, cost_rows_of
from connectors.simulator.world import World
from connectors.types import CostLine
from connectors.values import CostOutcome, CostSheetInput
from kpis.selectors.scorecards import get_scorecard
from tenants import outbox
from tenants.context import use_public
from tenants.selectors.jobs import get_job
from tenants.services.fx import fetch_reference_rates
from tenants.tasking import run_job_now
from tenants.types import JobState, JobView

FACT_TABLES: tuple[str, ...] = tuple(sorted({spec.table for spec in TABLES.values()}))
_ROLL_UP = "kpis.roll_up_dirty_days"
# What a second worker writes differently without having read anything different: who wrote it, and when.
_PROVENANCE = frozenset({"id", "run_id", "ingested_at"})


@dataclass(frozen=True, slots=True)
class Shop:
    """A store of the product and the store of the simulated world behind it."""

    id: int
    key: str
    sp_connection: int
    ads_connection: int


def open_shops(world: World, *, backfill_days: int, account: int = 0) -> dict[str, Shop]:
    """Connect every store of a client of the world, with its advertising, for the current client."""
    shops: dict[str, Shop] = {}
    connections = accounts_of(world)[account]["connections"]
    for told in (one for one in connections if one["platform"] == "amazon_sp"):
        made = _connect(told)
        for store in told["stores"]:
            attached = attach_store(
                connection_id=made,
                marketplace_id=store["marketplace_id"],
                name=store["name"],
                backfill_days=backfill_days,
            )
            shops[store["key"]] = Shop(attached.id, store["key"], made, 0)
    for told in (one for one in connections if one["platform"] == "amazon_ads"):
        made = _connect(told)
        for store in told["stores"]:
            shop = shops[store["key"]]
            attach_advertising(connection_id=made, store_id=shop.id)
            shops[store["key"]] = Shop(shop.id, shop.key, shop.sp_connection, made)
    return shops


def credential_of(world: World, platform: str, store_key: str) -> dict[str, Secret]:
    """The credential the simulator takes for a store's connection."""
    for account in accounts_of(world):
        for told in account["connections"]:
            if told["platform"] == platform and any(store["key"] == store_key for store in told["stores"]):
                return {name: Secret(value) for name, value in told["credential"].items()}
    raise LookupError(store_key)


def _connect(told: Mapping[str, Any]) -> int:
    return create_connection(
        platform=told["platform"],
        name=f"{told['platform']} {told['region']}",
        account=told["account"],
        credential={name: Secret(value) for name, value in told["credential"].items()},
    ).id


def record_costs(world: World, account: int = 0) -> int:
    """Record all cost sheets of a client of the world; returns how many."""
    sheets: dict[tuple[str, str, str], dict[CostLine, Money]] = defaultdict(dict)
    for row in cost_rows_of(world, world.accounts[account].key):
        key = (row["sku"], row["market"], row["effective_on"])
        sheets[key][CostLine(row["line"])] = Money.parse(row["amount"], row["currency"])
    inputs = [
        CostSheetInput(sku, market, datetime.fromisoformat(day).date(), lines)
        for (sku, market, day), lines in sheets.items()
    ]
    results = record_cost_sheets(sheets=inputs, is_atomic=True)
    assert {result.outcome for result in results} == {CostOutcome.CREATED}
    return len(results)


def import_rates() -> int:
    """Fetch the reference rates from the simulator's central bank, as the periodic task does."""
    with use_public():
        return fetch_reference_rates()


def sync(store_id: int, stream: str, *, sleep: Callable[[float], None] = lambda seconds: None) -> JobView:
    """Sync one stream to its end through its durable job; pauses are not slept."""
    return run_job_now(start_sync(store_id=store_id, stream_key=stream).id, sleep=sleep)


def streams_of(store_id: int) -> list[str]:
    """Every stream that feeds the store, in the order of a first sync."""
    return [stream.key for stream in list_streams_of(get_store(store_id))]


def sync_everything(shops: Iterable[Shop], *, backwards: bool = False) -> dict[str, dict[str, Any]]:
    """Sync every stream of every shop; returns each job's counts by "shop/stream".

    `backwards` begins with the last stream: fees and returns then come before the orders they belong to.
    """
    counts: dict[str, dict[str, Any]] = {}
    for shop in shops:
        streams = streams_of(shop.id)
        for stream in reversed(streams) if backwards else streams:
            job = sync(shop.id, stream)
            assert job.state is JobState.SUCCEEDED, f"{shop.key}/{stream}: {job.problem}"
            assert job.result is not None
            counts[f"{shop.key}/{stream}"] = job.result
    return counts


def roll_up() -> int:
    """Dispatch the outbox and do the jobs that follow from it; returns how many roll-up jobs ran."""
    outbox.dispatch()
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from ledger_job where kind = %s and state = 'queued' order by id", [_ROLL_UP]
        )
        jobs = [row[0] for row in cursor.fetchall()]
    for job in jobs:
        view = run_job_now(job, sleep=lambda seconds: None)
        assert view.state is JobState.SUCCEEDED, view.problem
    assert not DirtyDay.objects.exists()
    return len(jobs)


def job(job_id: int) -> JobView:
    """A job of the current client as it stands."""
    return get_job(job_id)


def scorecard(
    period: Period, store_ids: Iterable[int], *, as_known_at: datetime | None = None
) -> dict[str, dict[str, Any]]:
    """The lines of a scorecard by KPI, explained."""
    card = get_scorecard(period, store_ids=tuple(store_ids), as_known_at=as_known_at, explain=True)
    return {line["key"]: line for line in card["kpis"]}


@functools.cache
def content_columns(table: str) -> tuple[str, ...]:
    """The columns of a fact table that say something about the world."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
            " and not attisdropped order by attname",
            [table],
        )
        return tuple(name for (name,) in cursor.fetchall() if name not in _PROVENANCE)


def fingerprint(store_id: int) -> dict[str, tuple[int, str]]:
    """Rows and hash of the row set of each fact table of one store; doubled and lost rows show in both."""
    found: dict[str, tuple[int, str]] = {}
    for table in FACT_TABLES:
        columns = ", ".join(f'"{name}"' for name in content_columns(table))
        with connection.cursor() as cursor:
            cursor.execute(f"select row({columns})::text from {table} where store_id = %s", [store_id])
            rows = sorted(row for (row,) in cursor.fetchall())
        found[table] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def cursors(store_id: int) -> dict[str, tuple[Any, ...]]:
    """Where each stream of a store stands and which days it knows."""
    return {
        row["stream"]: (row["cursor"], row["safe_cursor"], row["covered"], row["data_as_of"])
        for row in StreamCursor.objects.filter(store_id=store_id).values()
    }


def dirty_days(store_id: int) -> set[tuple[Any, str]]:
    """The days of a store that the next roll-up will compute."""
    return set(DirtyDay.objects.filter(store_id=store_id).values_list("business_on", "family"))


def writes_to_facts() -> dict[str, tuple[int, int, int]]:
    """Rows inserted, updated and deleted in each fact table in the open transaction, as PostgreSQL counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_xact_user_tables"
            " where schemaname = current_schema() and relname = any(%s)",
            [list(FACT_TABLES)],
        )
        return {name: (inserted, updated, deleted) for name, inserted, updated, deleted in cursor.fetchall()}


def restamp(at: datetime) -> None:
    """Move what the last roll-up wrote to the simulated instant `at`: the database's clock cannot be set.

    Only stamps of now are moved; earlier ones were moved when they were written.
    """
    with connection.cursor() as cursor:
        for column in ("known_from", "known_to"):
            cursor.execute(
                f"update kpis_daily_measure set {column} = %s"
                f" where {column} > clock_timestamp() - interval '1 hour'",
                [at],
            )
