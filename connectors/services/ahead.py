"""How the next page is fetched and prepared while the database stores this one: one thread, one page ahead.

The thread is not given the caller's context, so it works for no client: a statement sent from it is refused
by the database backend instead of running for somebody.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

T = TypeVar("T")

_BEAT_SECONDS = 20.0
# The thread that stores sends many short statements. With Python's own interval (5 ms) it would wait for the
# other thread after each of them longer than for the database.
_SWITCH_SECONDS = 0.0005
# Records refer to nothing that refers back, so looking for cycles among them finds none.
_RARE_COLLECTIONS = (50_000, 20, 100)


class _End:
    """Stands behind the last item."""


_END = _End()


def ahead(
    items: Generator[T, None, None], *, stop: Event, beat: Callable[[], None]
) -> Generator[T, None, None]:
    """Yield `items` in order, working on the next one while the caller works on this one.

    An error of `items` is raised in its place, after the items before it. `beat` is called every 20 seconds
    while the caller waits. When the caller stops early, `stop` is set, so that a pause inside `items` can
    end, and the thread is waited for.
    """

    def work() -> T | _End:
        return next(items, _END)

    with _tuned(), ThreadPoolExecutor(max_workers=1, thread_name_prefix="fetch") as executor:
        try:
            coming = executor.submit(work)
            while True:
                item = _await(coming, beat)
                if isinstance(item, _End):
                    return
                coming = executor.submit(work)
                yield item
        finally:
            stop.set()
            executor.submit(items.close).result()


@contextmanager
def _tuned() -> Iterator[None]:
    """Tune the interpreter for two threads, one of them making objects by the hundred thousand."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(*_RARE_COLLECTIONS)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)


def _await(coming: Future[T], beat: Callable[[], None]) -> T:
    while True:
        done, _ = wait([coming], timeout=_BEAT_SECONDS)
        if done:
            return coming.result()
        beat()
