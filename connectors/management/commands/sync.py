"""Sync streams in the foreground, through the same job as the worker, telling how it goes."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.lib.errors import AppError, NotFound
from connectors.selectors.runs import find_latest_run
from connectors.selectors.stores import get_store, get_stream, list_stores, list_streams_of
from connectors.services.progress import watch
from connectors.services.sync import start_sync
from connectors.types import StoreRef
from connectors.values import StreamRef
from tenants.context import use_public, use_tenant
from tenants.selectors.active import get_client_ref
from tenants.selectors.jobs import get_job
from tenants.tasking import run_job_now
from tenants.types import ClientRef, ClientState, JobState, JobView


class Command(BaseCommand):
    """`manage.py sync --client SLUG [--store ID] [--stream KEY]`."""

    help = "Sync a client's streams in the foreground; exit code 1 if one of them fails."
    requires_migrations_checks = False
    _told = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare which client, store and stream."""
        parser.add_argument("--client", required=True, help="The client's slug.")
        parser.add_argument("--store", type=int, help="Only this store.")
        parser.add_argument("--stream", help="Only this stream, for instance orders.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run each stream to its end, then print what was read and changed."""
        with use_tenant(_client(options["client"])):
            try:
                wanted = _wanted(options["store"], options["stream"])
            except AppError as error:
                raise CommandError(str(error)) from error
            failed = [label for store, stream in wanted if (label := self._sync(store, stream))]
        if failed:
            raise CommandError(f"{len(failed)} of {len(wanted)} streams failed: {', '.join(failed)}")

    def _sync(self, store: StoreRef, stream: StreamRef) -> str:
        """Sync one stream and print its line; returns its label if it failed."""
        label = f"{store.market}/{stream.key}"
        job = start_sync(store_id=store.id, stream_key=stream.key)
        with watch(lambda totals, note: self._progress(label, f"{totals.rows_read} rows", note)):
            job = run_job_now(job.id, sleep=lambda seconds: self._wait(label, job.id, seconds))
        self._clear()
        self._summarise(store, stream, job)
        return "" if job.state is JobState.SUCCEEDED else label

    def _summarise(self, store: StoreRef, stream: StreamRef, job: JobView) -> None:
        run = find_latest_run(store_id=store.id, stream=stream.key)
        told = "no run"
        if run is not None:
            told = (
                f"read {run.rows_read}, written {run.rows_written}, "
                f"unchanged {run.rows_unchanged}, rejected {run.rows_rejected}"
            )
        self.stdout.write(f"{store.market} {store.name} · {stream.key}: {job.state.value}; {told}")
        if job.problem:
            problem = job.problem
            self.stdout.write(f"  {problem.get('code', '')}: {problem.get('detail', '')}")
            if problem.get("remedy"):
                self.stdout.write(f"  {problem['remedy']}")

    def _wait(self, label: str, job_id: int, seconds: float) -> None:
        """Wait, saying for what: the platform, another worker, or the next attempt after a failure."""
        job = get_job(job_id)
        why = (job.problem or {}).get("detail", "")
        if job.state is JobState.RUNNING:
            why = "another worker is at it"
        self._progress(label, f"waiting {max(1, round(seconds))} s", why)
        time.sleep(seconds)

    def _progress(self, label: str, done: str, note: str) -> None:
        """On a terminal one line that changes; elsewhere a line per piece of news."""
        line = f"{label}: {done} {note}".rstrip()
        if self.stderr.isatty():
            self.stderr.write(f"\r\033[K{line}", ending="")
            self.stderr.flush()
        elif line != self._told:
            self._told = line
            self.stderr.write(line)

    def _clear(self) -> None:
        if self.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")


def _client(slug: str) -> ClientRef:
    """The client to work for; CommandError unless it is there and open for work."""
    try:
        with use_public():
            client = get_client_ref(slug)
    except NotFound as error:
        raise CommandError(f"There is no client {slug!r}.") from error
    if client.state is not ClientState.ACTIVE:
        raise CommandError(f"The client {slug!r} is {client.state}; only an active one is synced.")
    return client


def _wanted(store_id: int | None, stream_key: str | None) -> list[tuple[StoreRef, StreamRef]]:
    stores = list_stores() if store_id is None else [get_store(store_id)]
    if not stores:
        raise NotFound("The client has no store yet.", remedy="Attach one to a connection first.")
    if stream_key is not None:
        return [(store, get_stream(store, stream_key)) for store in stores]
    return [(store, stream) for store in stores for stream in list_streams_of(store)]
