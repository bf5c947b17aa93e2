"""How background work is written and started: tasks that know their client, and jobs that survive a crash.

* `@tenant_task`: work for one client that may be lost without harm, since something periodic asks again.
* `@system_task`: work for no client; chooses one itself, or spreads work over all.
* `@job_task`: work that must happen. A row holds its truth; the task is only the hand that does it.

Each runs in an empty context of its own, so nothing that it sets (client, actor, log fields) outlives it.
All of them leave the plain function behind for direct calls in tests; `enqueue` and `start_job` start them.
"""

from __future__ import annotations

import contextvars
import functools
import inspect
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from celery import shared_task

from config.lib import clock
from config.lib.errors import AppError, NotFound
from config.lib.logging import get_logger, log_fields
from tenants import measures, messages
from tenants.context import use_actor, use_public, use_request_id, use_tenant
from tenants.registry import JobSpec, add_job, get_job_spec
from tenants.selectors.active import list_active_client_ids
from tenants.selectors.jobs import get_job
from tenants.services import jobs
from tenants.services.jobs import JobHandle, LeaseLost
from tenants.types import FINISHED_STATES, Actor, ActorKind, ClientState, JobView

__all__ = [
    "Defer",
    "JobHandle",
    "LeaseLost",
    "enqueue",
    "enqueue_for_active_tenants",
    "job_task",
    "run_job_now",
    "system_task",
    "tenant_task",
]

P = ParamSpec("P")
R = TypeVar("R")
_log = get_logger(__name__)


class Defer(Exception):
    """Raised by a job that has to wait: it goes on at `until`, which costs no attempt."""

    def __init__(self, until: datetime, progress: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"deferred until {until.isoformat()}")
        self.until = until
        self.progress = progress


def enqueue(name: str, *, tenant_id: int, **ids: Any) -> None:
    """Run the tenant task of this name after commit; a misspelt name fails here. Pass ids, never rows."""
    messages.send_after_commit(name, {"tenant_id": tenant_id, **ids})


def enqueue_for_active_tenants(name: str, **ids: Any) -> int:
    """Run the tenant task for every active client; returns for how many."""
    with use_public():
        client_ids = list_active_client_ids()
    for client_id in client_ids:
        enqueue(name, tenant_id=client_id, **ids)
    return len(client_ids)


def tenant_task(*, name: str, queue: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as a task of one client; it runs with that client chosen.

    The message must name the client and be signed. The client's id is passed on as `tenant_id` to a function
    that has such a parameter. Clients that are not active are not worked for.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        takes_id = "tenant_id" in inspect.signature(function).parameters

        def run(**message: Any) -> None:
            arguments = _opened(name, message)
            tenant_id = arguments["tenant_id"] if takes_id else arguments.pop("tenant_id")
            _run_for_client(name, tenant_id, functools.partial(function, **arguments))

        _register(name, queue, run)
        return function

    return decorate


def system_task(*, name: str, queue: str) -> Callable[[Callable[[], R]], Callable[[], R]]:
    """Register a function as a task of no client: it starts with nobody chosen, and takes no arguments."""

    def decorate(function: Callable[[], R]) -> Callable[[], R]:
        def run() -> None:
            with use_actor(_system(name)), log_fields(task=name):
                function()

        _register(name, queue, run)
        return function

    return decorate


def job_task(
    *, name: str, queue: str, lease: timedelta
) -> Callable[[Callable[..., dict[str, Any] | None]], Callable[..., dict[str, Any] | None]]:
    """Register a function `(job, **payload)` as the durable work of this kind; see tenants.services.jobs.

    What it returns is the job's result. `Defer` puts it off; an `AppError` with `permanent = True` fails it
    at once; any other error is tried again. A holder is trusted for `lease` after its last heartbeat.
    """

    def decorate(
        function: Callable[..., dict[str, Any] | None],
    ) -> Callable[..., dict[str, Any] | None]:
        add_job(JobSpec(kind=name, function=function, queue=queue, lease=lease))

        def run(**message: Any) -> None:
            arguments = _opened(name, message)
            _run_for_client(name, arguments["tenant_id"], lambda: _work(arguments["job_id"], is_early=False))

        _register(name, queue, run)
        return function

    return decorate


def run_job_now(job_id: int, *, sleep: Callable[[float], None] = time.sleep) -> JobView:
    """Do a job of the current ledger here and now, to its end; waits and retries sleep in place."""
    while (view := get_job(job_id)).state not in FINISHED_STATES:
        pause = (view.run_after - clock.now()).total_seconds()
        if pause > 0:
            sleep(pause)
        if not _work(job_id, is_early=True):
            # Somebody else holds it.
            sleep(0.5)
    return view


def _register(name: str, queue: str, run: Callable[..., None]) -> None:
    def isolated(*args: Any, **kwargs: Any) -> None:
        with measures.measured_run(name):
            contextvars.Context().run(run, *args, **kwargs)

    isolated.__name__ = name.rpartition(".")[2]
    isolated.__module__ = run.__module__
    # config.celery routes by `work_queue`; Celery's own attribute for it is deprecated.
    shared_task(name=name, work_queue=queue, typing=False)(isolated)  # type: ignore[call-overload]


def _opened(name: str, message: dict[str, Any]) -> dict[str, Any]:
    arguments = {key: value for key, value in message.items() if key != "signature"}
    messages.verify(name, arguments, message.get("signature"))
    return arguments


def _run_for_client(name: str, tenant_id: int, work: Callable[[], object]) -> None:
    with log_fields(task=name, client_id=tenant_id), use_actor(_system(name)), ExitStack() as stack:
        try:
            client = stack.enter_context(use_tenant(tenant_id))
        except NotFound:
            _log.info("not worked for: there is no such client")
            return
        if client.state != ClientState.ACTIVE:
            _log.info("not worked for: the client is not active", state=client.state.value)
            return
        work()


def _work(job_id: int, *, is_early: bool) -> bool:
    """Claim the job and do it; returns whether it could be claimed."""
    spec = get_job_spec(get_job(job_id).kind)
    handle = jobs.claim_job(job_id, lease=spec.lease, is_early=is_early)
    if handle is None:
        return False
    creator = handle.creator
    actor = creator if creator.kind != ActorKind.SYSTEM else _system(spec.kind)
    with use_actor(actor), use_request_id(handle.request_id), log_fields(job_id=job_id, kind=spec.kind):
        try:
            _finish(handle, spec)
        except LeaseLost:
            measures.count_job(spec.kind, "lost")
            _log.warning("job lost to another worker", token=handle.token)
    return True


def _finish(handle: JobHandle, spec: JobSpec) -> None:
    try:
        result = spec.function(handle, **handle.payload)
    except Defer as wait:
        jobs.defer(handle.id, token=handle.token, until=wait.until, progress=wait.progress)
        measures.count_job(spec.kind, "deferred")
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the job's outcome, and is logged below
        is_retried = jobs.fail(
            handle.id,
            token=handle.token,
            error=error,
            attempts=handle.attempts,
            max_attempts=handle.max_attempts,
        )
        measures.count_job(spec.kind, "retried" if is_retried else "failed")
        _log.warning(
            "job failed",
            will_retry=is_retried,
            attempt=handle.attempts,
            error=type(error).__name__,
            exc_info=not isinstance(error, AppError),
        )
    else:
        jobs.complete(handle.id, token=handle.token, result=result)
        measures.count_job(spec.kind, "succeeded")
        _log.info("job done", attempt=handle.attempts)


def _system(name: str) -> Actor:
    return Actor(ActorKind.SYSTEM, None, f"system:{name}")
