"""Does the thread one page ahead keep order, pass on errors, end in time, stay off the database?"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator

import pytest
from django.db import connection

from connectors.services import ahead as module
from connectors.services.ahead import ahead
from tenants.db.errors import NoTenantChosen
from tenants.types import ClientRef


def test_items_come_in_order_and_errors_in_their_place() -> None:
    """What was made before the error is handed on first."""

    def items() -> Generator[int, None, None]:
        yield 1
        yield 2
        raise ValueError("three")

    found = ahead(items(), stop=threading.Event(), beat=lambda: None)
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(ValueError, match="three"):
        next(found)


def test_at_most_one_item_is_made_ahead() -> None:
    """A slow reader does not let a stream run away from its checkpoint."""
    made = []

    def items() -> Generator[int, None, None]:
        for number in range(5):
            made.append(number)
            yield number

    found = ahead(items(), stop=threading.Event(), beat=lambda: None)
    next(found)
    time.sleep(0.05)
    assert made == [0, 1]
    found.close()


def test_leaving_early_ends_a_pause() -> None:
    """The stop signal wakes what sleeps inside, the generator is closed, and no thread is left."""
    stop, closed = threading.Event(), []

    def items() -> Generator[int, None, None]:
        try:
            yield 1
            stop.wait(60)
            yield 2
        finally:
            closed.append(True)

    before = threading.active_count()
    found = ahead(items(), stop=stop, beat=lambda: None)
    next(found)
    started = time.monotonic()
    found.close()
    assert time.monotonic() - started < 5
    assert closed == [True]
    assert threading.active_count() == before


def test_the_lease_is_kept_while_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow answer is no reason to lose the job."""
    monkeypatch.setattr(module, "_BEAT_SECONDS", 0.01)
    beats = []

    def items() -> Generator[int, None, None]:
        time.sleep(0.1)
        yield 1

    assert list(ahead(items(), stop=threading.Event(), beat=lambda: beats.append(1))) == [1]
    assert len(beats) >= 2


def test_the_thread_works_for_no_client(in_acme: ClientRef) -> None:
    """A statement sent from it is refused, so nothing can be read for the wrong client."""

    def items() -> Generator[int, None, None]:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        finally:
            # The thread's own connection: nobody else would close it.
            connection.close()
        yield 1

    with pytest.raises(NoTenantChosen):
        list(ahead(items(), stop=threading.Event(), beat=lambda: None))
