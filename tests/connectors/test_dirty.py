"""Dirty days while a sync marks them and a roll-up clears them at the same time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from connectors.services.dirty import (
    DirtyClaim,
    DirtyMark,
    claim_dirty_days,
    clear_dirty_days,
    mark_dirty_days,
)
from connectors.types import Family
from tenants.context import use_tenant
from tenants.types import ClientRef
from tests.connectors.conftest import make_store
from tests.connectors.fakes import DAY


def somebody_waits(pid: int) -> bool:
    """Whether another server process waits for this one's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select exists(select from pg_locks where %s = any(pg_blocking_pids(pid)))", [pid])
        (waits,) = cursor.fetchone()
    return bool(waits)


@pytest.mark.usefixtures("committed_db")
def test_marking_and_clearing_wait_for_each_other_in_one_order(acme: ClientRef) -> None:
    """Claims come in the order of marking, which is not that of the days; nobody ends in a deadlock."""
    with use_tenant(acme):
        store_id = make_store().id
        first, second = (DirtyMark(store_id, DAY + timedelta(days=n), Family.ORDERS) for n in (0, 1))
        for mark in (second, first):
            mark_dirty_days([mark])
        claims = claim_dirty_days(10)
        assert [claim.business_on for claim in claims] == [second.business_on, first.business_on]

        def clear(claimed: list[DirtyClaim]) -> int:
            try:
                with use_tenant(acme):
                    return clear_dirty_days(claimed)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("select pg_backend_pid()")
                    (pid,) = cursor.fetchone()
                mark_dirty_days([first])
                clearing = pool.submit(clear, claims)
                end = time.monotonic() + 10
                while not somebody_waits(pid) and time.monotonic() < end:
                    time.sleep(0.01)
                mark_dirty_days([second])
            assert clearing.result(timeout=10) == 0
        assert len(claim_dirty_days(10)) == 2
