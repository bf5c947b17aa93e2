"""Who watches a sync while it runs in the foreground: the command that shows it, nobody in a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from connectors.services.runs import RunTotals

Watcher = Callable[[RunTotals, str], None]

_watcher: ContextVar[Watcher | None] = ContextVar("connectors_watcher", default=None)


@contextmanager
def watch(watcher: Watcher) -> Iterator[None]:
    """Have `watcher` called after each stored page inside the block, with the run's totals and a note."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


def tell(totals: RunTotals, note: str) -> None:
    """Tell whoever watches how far the run is."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(totals, note)
