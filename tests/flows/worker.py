"""A worker that may be killed: on each line read, forks a process that syncs what is not through yet.

`python -m tests.flows.worker CLIENT_ID STORE_ID INSTANT` prints the child's pid, then, when it has ended,
how. The forks save the start-up, so that a test can kill twenty of them. Time stands at INSTANT.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime

import django


def main(client_id: int, store_id: int, at: datetime) -> None:
    """Fork and report until standard input ends."""
    django.setup()
    # Imported before the forks, so that none of them pays for it.
    import connectors.tasks  # noqa: F401

    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            os._exit(_work(client_id, store_id, at))
        print(pid, flush=True)  # noqa: T201 - the protocol with the test
        _, status = os.waitpid(pid, 0)
        print(status, flush=True)  # noqa: T201


def _work(client_id: int, store_id: int, at: datetime) -> int:
    from config.lib import clock
    from tenants.context import use_tenant

    with clock.frozen(at), use_tenant(client_id):
        _sync_the_rest(store_id)
    return 0


def _sync_the_rest(store_id: int) -> None:
    from connectors.models import StreamCursor
    from connectors.selectors.stores import get_store, list_streams_of
    from connectors.services.sync import start_sync
    from tenants.tasking import run_job_now
    from tenants.types import JobState

    through = set(
        StreamCursor.objects.filter(store_id=store_id, last_success_at__isnull=False).values_list(
            "stream", flat=True
        )
    )
    for stream in list_streams_of(get_store(store_id)):
        while stream.key not in through:
            # A job that died eight times is given up; the next one goes on from the same cursor.
            job = start_sync(store_id=store_id, stream_key=stream.key)
            if run_job_now(job.id, sleep=lambda _: time.sleep(0.01)).state is JobState.SUCCEEDED:
                break


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
