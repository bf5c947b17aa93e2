"""How a stream is driven: its requests are answered, its waits observed, its pages handed on. No I/O here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.engine.errors import LoopDetected, PageRepeated, StreamMisbehaved
from connectors.engine.protocol import Page, Request, Response, Stream, StreamContext, Wait

MAX_PAGES = 100_000
# The same question without a pause in between is asked at most twice: once, and once more because a
# presigned document may have expired. A third time is a loop.
MAX_SAME_REQUEST = 2


def pages(
    stream: Stream,
    context: StreamContext,
    cursor: Mapping[str, Any],
    *,
    fetch: Callable[[Request], Response],
    wait: Callable[[Wait], None],
    max_pages: int = MAX_PAGES,
) -> Iterator[Page]:
    """Yield the pages of `stream` from `cursor` on, in order.

    `fetch` answers a request or raises; `wait` sleeps or raises `MustWait`. Raises `LoopDetected` when the
    platform leads in a circle (a cursor comes back after new requests, or one question is asked again and
    again without a pause) and `StreamMisbehaved` when the stream yields anything else. Where the circle is
    the page just read once more, a last page without records ends the run in doubt: its cursor is that of
    the last page which claimed days, or the first, so that the next run asks for all that is not proved. The
    generator enters no context of its own: between two pages its caller would be inside it.
    """
    guard = _LoopGuard(max_pages, cursor)
    running = stream.run(context, cursor)
    try:
        answer: Response | None = None
        while True:
            try:
                step = running.send(answer)
            except StopIteration:
                return
            answer = None
            match step:
                case Request():
                    guard.see_request(step)
                    answer = fetch(step)
                case Wait():
                    wait(step)
                    guard.see_wait()
                case Page():
                    guard.see_page(step)
                    yield step
                case _:
                    raise StreamMisbehaved(f"stream {stream.key} yielded {type(step).__name__}")
    except PageRepeated as repeated:
        # A platform that sends nothing but empty pages has not answered at all.
        if not guard.has_rows:
            raise
        yield Page(cursor=guard.proved, doubt=repeated.detail)
    finally:
        running.close()


class _LoopGuard:
    """Remembers cursors and requests of one run, and objects when they come back."""

    def __init__(self, max_pages: int, start: Mapping[str, Any]) -> None:
        self.proved = start
        self.has_rows = False
        self._last: Page | None = None
        self._max_pages = max_pages
        self._pages = 0
        self._requests = 0
        self._cursors: dict[str, int] = {}
        self._asked: Counter[str] = Counter()

    def see_request(self, request: Request) -> None:
        key = _fingerprint(
            [
                request.operation,
                dict(request.path),
                dict(request.query),
                request.json,
                request.form,
                request.url,
            ]
        )
        self._requests += 1
        self._asked[key] += 1
        if self._asked[key] > MAX_SAME_REQUEST:
            raise LoopDetected(f"the same request ({request.operation}) was needed again without a pause")

    def see_wait(self) -> None:
        # Asking again after a pause is polling, which is meant.
        self._asked.clear()

    def see_page(self, page: Page) -> None:
        self._pages += 1
        if self._pages > self._max_pages:
            raise LoopDetected(f"more than {self._max_pages} pages in one run")
        key = _fingerprint(page.cursor)
        # One document may fill several pages with the same restart point; new requests that lead to a
        # cursor already seen are a circle.
        if self._cursors.get(key, self._requests) != self._requests:
            kind = PageRepeated if page == self._last else LoopDetected
            raise kind("a page leads back to a cursor already seen in this run")
        self._cursors[key] = self._requests
        self._last = page
        self.has_rows |= bool(page.records or page.rejected)
        if page.covered_through is not None:
            self.proved = page.cursor


def _fingerprint(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)
