"""How one stream of one store is brought up to date: fetch, store page by page, and say how it went."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from datetime import date, timedelta
from threading import Event as Signal
from typing import Any

from django.conf import settings
from django.db import transaction

from config.lib import clock
from config.lib.errors import AppError
from config.lib.http import PlatformClient
from config.lib.ratelimit import RateLimiter
from connectors.engine.errors import (
    AttentionNeeded,
    MustWait,
    SyncFailed,
    SyncInterrupted,
    TooManyRejected,
)
from connectors.engine.protocol import ConnectorSpec, StreamContext, Wait
from connectors.engine.runner import pages
from connectors.models import Store, StoreConnection
from connectors.registry import get_spec
from connectors.selectors.connections import own_seller_ids
from connectors.selectors.freshness import has_succeeded
from connectors.selectors.skus import list_skus
from connectors.selectors.stores import get_store, get_stream
from connectors.services.ahead import ahead
from connectors.services.calls import CallLog
from connectors.services.connections import clear_attention, mark_attention
from connectors.services.credentials import open_credential
from connectors.services.cursors import Hold, ensure_cursor, mark_failed, mark_succeeded
from connectors.services.fetch import Account, Fetcher
from connectors.services.ingest import store_page
from connectors.services.progress import tell
from connectors.services.runs import RunRef, fail_run, finish_run, get_totals, open_run, pause_run
from connectors.services.staging import PreparedPage, prepare
from connectors.services.tokens import redis_client, token_vault
from connectors.types import ConnectionState, Family, StoreRef
from connectors.values import StreamRef
from tenants import audit, crypto
from tenants.context import require_client
from tenants.selectors.jobs import find_unfinished_job
from tenants.services.jobs import start_job
from tenants.tasking import Defer, JobHandle, LeaseLost
from tenants.types import JobView

JOB_KIND = "connectors.sync_stream"
_CALL_TIMEOUT_SECONDS = 60.0
_LISTINGS_SECONDS = 2.0
# A long backfill gives its worker back now and then, so that the other clients' streams get their turn.
TURN_SECONDS = 300.0
_EMPTY_IN_DOUBT = {
    "code": Hold.SUSPECT_EMPTY.value,
    "title": "The platform sent an empty answer",
    "detail": "Rows were expected; the answer is asked for again before it is believed.",
    "remedy": "",
}


def request_sync(*, store_id: int, stream_key: str) -> JobView:
    """Start the sync of one stream because somebody asked for it; the unfinished one if there is one."""
    with transaction.atomic():
        job = start_sync(store_id=store_id, stream_key=stream_key)
        audit.record(
            "sync.requested", target=("store", store_id), after={"stream": stream_key, "job_id": job.id}
        )
    return job


def sync_key(store_id: int, stream_key: str) -> str:
    """The key of the job that syncs a stream of a store: one at a time."""
    return f"{store_id}:{stream_key}"


def start_sync(*, store_id: int, stream_key: str) -> JobView:
    """Start the durable job that syncs one stream; while one is unfinished, that one is returned."""
    get_stream(get_store(store_id), stream_key)
    return start_job(
        JOB_KIND,
        key=sync_key(store_id, stream_key),
        payload={"store_id": store_id, "stream_key": stream_key},
    )


def run_stream(job: JobHandle, *, store_id: int, stream_key: str) -> dict[str, Any]:
    """Sync one stream from its cursor up to now, and return the run's counts.

    Raises `Defer` when the platform needs time, `AttentionNeeded`, `SyncFailed` and `SyncInterrupted` as
    connectors.engine.errors tells them apart, and `LeaseLost` when another worker has taken over.
    """
    store = get_store(store_id)
    stream = get_stream(store, stream_key)
    run = open_run(store=store, stream=stream.key, connection_id=stream.connection_id, job_id=job.id)
    calls = CallLog(platform=stream.platform, store_id=store.id, connection_id=stream.connection_id)
    try:
        hold = _take_pages(job, run, stream, calls)
    except MustWait as wait:
        with transaction.atomic():
            job.heartbeat()
            calls.flush()
            pause_run(run=run)
        until = clock.now() + timedelta(seconds=wait.seconds)
        raise Defer(until, progress=get_totals(run=run).as_progress(note=wait.why)) from wait
    except LeaseLost:
        raise
    except Exception as error:
        # Whatever it was, the run ends here and says so; the job decides whether to try again.
        _break_off(job, run, stream, calls, error if isinstance(error, AppError) else _unexpected(error))
        raise
    with transaction.atomic():
        job.heartbeat()
        calls.flush()
        finish_run(run=run, note=_EMPTY_IN_DOUBT if hold is Hold.SUSPECT_EMPTY else None)
        mark_succeeded(run=run, cadence=stream.cadence)
    clear_attention(connection_id=stream.connection_id, stream=stream.key)
    return {"run_id": run.id, **get_totals(run=run).as_progress(), "hold": hold}


def _take_pages(job: JobHandle, run: RunRef, stream: StreamRef, calls: CallLog) -> Hold | None:
    """Fetch and store the pages of a run; returns the doubt that ended it early, if one did."""
    cursor = ensure_cursor(run=run)
    spec = get_spec(stream.platform)
    _let_listings_come_first(spec, run.store, stream)
    stop = Signal()
    started = clock.monotonic()
    fetcher = _fetcher(spec, run.store, stream.connection_id, calls, stop)
    context = _context(spec, run.store, stream)
    patience = settings.REPORT_WAIT_SECONDS

    def pause(wait: Wait) -> None:
        if wait.seconds > patience:
            raise MustWait(wait.seconds, wait.why)
        _sleep(stop, wait.seconds)

    def prepared() -> Generator[PreparedPage, None, None]:
        for page in pages(spec.streams[stream.key], context, cursor, fetch=fetcher, wait=pause):
            yield prepare(page)

    with closing(ahead(prepared(), stop=stop, beat=job.heartbeat)) as coming:
        for page in coming:
            hold = _store(job, run, page, context.today, calls)
            if hold is not None:
                return hold
            if clock.monotonic() - started > TURN_SECONDS:
                raise MustWait(0, "others are let in between")
    return None


def _let_listings_come_first(spec: ConnectorSpec, store: StoreRef, stream: StreamRef) -> None:
    """On a store's first sync a stream that asks SKU by SKU would find none and be done for a whole cadence.

    It waits for the listings only while their first sync is on its way and has not failed.
    """
    if not spec.streams[stream.key].needs_skus:
        return
    for key, other in spec.streams.items():
        if other.family is not Family.LISTINGS or has_succeeded(store_id=store.id, stream=key):
            continue
        coming = find_unfinished_job(JOB_KIND, sync_key(store.id, key))
        if coming is not None and coming.problem is None:
            raise MustWait(_LISTINGS_SECONDS, f"{key} comes first")


def _store(job: JobHandle, run: RunRef, page: PreparedPage, today: date, calls: CallLog) -> Hold | None:
    with transaction.atomic():
        outcome = store_page(run=run, page=page, job=job, today=today)
        calls.flush()
    tell(outcome.totals, page.page.note)
    if outcome.hold is Hold.TOO_MANY_REJECTED:
        raise TooManyRejected(
            f"{outcome.rows_rejected} of {outcome.rows_read} rows of page {outcome.page_no} were rejected."
        )
    return outcome.hold


def _break_off(job: JobHandle, run: RunRef, stream: StreamRef, calls: CallLog, error: AppError) -> None:
    """Keep what is known of a failed run; a worker that lost its lease keeps nothing (`LeaseLost`)."""
    with transaction.atomic():
        job.heartbeat()
        calls.flush()
        fail_run(run=run, error=error)
        mark_failed(run=run, error=error, cadence=stream.cadence)
    if isinstance(error, AttentionNeeded):
        mark_attention(connection_id=stream.connection_id, stream=stream.key, error=error)


def _unexpected(error: Exception) -> AppError:
    # The text of a foreign error may hold anything, a row of the platform's for one.
    return SyncInterrupted(f"An unexpected {type(error).__name__} ended the run.")


def _fetcher(
    spec: ConnectorSpec, store: StoreRef, connection_id: int, calls: CallLog, stop: Signal
) -> Fetcher:
    connection = StoreConnection.objects.values("account", "state").get(pk=connection_id)
    if connection["state"] == ConnectionState.REVOKED:
        raise SyncFailed("The connection is taken out of service.", reason="connection_revoked")
    place = spec.marketplaces.get(store.marketplace_id)
    if place is None:
        raise SyncFailed(f"{spec.title} does not serve marketplace {store.marketplace_id}.")
    client = require_client()
    http = PlatformClient(
        spec.operations,
        spec.document_hosts,
        settings.PLATFORM_ENDPOINTS,
        observer=calls.note,
        timeout=_CALL_TIMEOUT_SECONDS,
        hosts=tuple({market.host for market in spec.marketplaces.values() if market.host}),
    )
    return Fetcher(
        spec,
        Account(
            client_id=client.id,
            connection_id=connection_id,
            ids=connection["account"],
            credential=open_credential(connection_id=connection_id),
            host=place.host,
        ),
        http=http,
        limiter=RateLimiter(redis_client()),
        vault=token_vault(connection_id=connection_id),
        sleep=lambda seconds: _sleep(stop, seconds),
        patience=settings.REPORT_WAIT_SECONDS,
    )


def _context(spec: ConnectorSpec, store: StoreRef, stream: StreamRef) -> StreamContext:
    now = clock.now()
    account = StoreConnection.objects.values_list("account", flat=True).get(pk=stream.connection_id)
    return StreamContext(
        store=store,
        account=account,
        now=now,
        today=clock.today(store.time_zone),
        backfill_days=Store.objects.values_list("backfill_days", flat=True).get(pk=store.id),
        buyer_pepper=crypto.derive("connectors.buyer_pepper"),
        skus=list_skus(store.id) if spec.streams[stream.key].needs_skus else {},
        own_sellers=own_seller_ids(),
    )


def _sleep(stop: Signal, seconds: float) -> None:
    if stop.wait(seconds):
        raise SyncInterrupted("The synchronisation was stopped.")
