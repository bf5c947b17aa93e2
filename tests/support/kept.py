"""Rows that the tests of a module share: made once, in a transaction around them all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker


@contextmanager
def kept(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Keep what is made here, under the transactions of single tests, until the module is through.

    For module-scoped fixtures: each test's own transaction is a savepoint in this one, so what a test changes
    is rolled back as ever. A test that needs commits (`committed_db`) belongs in another module.
    """
    with blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
    try:
        with blocker.unblock():
            yield
    finally:
        with blocker.unblock():
            transaction.set_rollback(True)
            around.__exit__(None, None, None)
