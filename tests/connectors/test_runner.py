"""Does the driver answer, wait and hand on, and does it notice a circle? Pure: no database, no network."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.engine.errors import LoopDetected, MustWait, StreamMisbehaved
from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.engine.runner import pages
from connectors.types import Family, StoreRef
from tests.connectors.fakes import DAY, FakeStream, at, order_line

CONTEXT = StreamContext(
    store=StoreRef(1, 1, "fake", "US", "FAKE-US", "Shop", "USD", "America/Los_Angeles"),
    account={},
    now=at(DAY),
    today=DAY,
    backfill_days=30,
    buyer_pepper=b"",
)
Steps = Generator[Request | Wait | Page, Response | None, None]


def drive(steps: list[Any], *, max_pages: int = 100) -> tuple[list[Page], list[str]]:
    """Drive a stream that yields these steps; returns its pages and what happened in order."""
    happened: list[str] = []

    def life(context: StreamContext, cursor: Mapping[str, Any]) -> Steps:
        for step in steps:
            answer = yield step
            happened.append(type(answer).__name__)

    def fetch(request: Request) -> Response:
        happened.append(f"fetch {request.operation}")
        return Response(200, {}, b"")

    def wait(step: Wait) -> None:
        happened.append(f"wait {step.seconds}")

    stream = FakeStream("test", Family.ORDERS, life)
    return list(pages(stream, CONTEXT, {}, fetch=fetch, wait=wait, max_pages=max_pages)), happened


def ask(token: str = "") -> Request:
    """A request."""
    return Request(operation="list", query={"token": token})


def test_each_step_gets_its_answer() -> None:
    """A request is sent a response; a wait and a page are sent nothing."""
    found, happened = drive([ask(), Wait(3, "why"), Page(cursor={"a": 1})])
    assert [page.cursor for page in found] == [{"a": 1}]
    assert happened == ["fetch list", "Response", "wait 3", "NoneType", "NoneType"]


def test_polling_is_no_circle() -> None:
    """The same question after a wait may be asked for ever."""
    _, happened = drive([step for _ in range(50) for step in (ask(), Wait(1, "not ready"))])
    assert happened.count("fetch list") == 50


def test_the_same_question_without_a_wait_is_a_circle() -> None:
    """Asked a third time in a row, the platform leads nowhere."""
    with pytest.raises(LoopDetected):
        drive([ask(), ask(), ask()])


def test_a_cursor_that_comes_back_after_requests_is_a_circle() -> None:
    """The same next-page token again."""
    with pytest.raises(LoopDetected):
        drive([ask("a"), Page(cursor={"t": "b"}), ask("b"), Page(cursor={"t": "b"})])


def _repeated(*before: Page, rows: int = 1) -> list[Any]:
    page = Page(cursor={"t": "b"}, records=tuple(order_line(f"O-{n}") for n in range(rows)), raw=b"same")
    return [*before, ask("a"), page, ask("b"), page]


def test_the_very_page_once_more_ends_the_run_in_doubt() -> None:
    """Its rows are handed on once; the last page claims nothing and leads back to where days were proved."""
    claimed = Page(cursor={"t": "a"}, covered_from=DAY, covered_through=DAY)
    for before, cursor in (((), {}), ((claimed,), {"t": "a"})):
        found, _ = drive(_repeated(*before))
        end = found[-1]
        assert [len(page.records) for page in found] == [0] * len(before) + [1, 0]
        assert (end.cursor, end.covered_through, end.data_as_of) == (cursor, None, None)
        assert "cursor already seen" in end.doubt


def test_an_empty_page_once_more_is_a_circle() -> None:
    """A platform that sends empty pages for ever has told nothing."""
    with pytest.raises(LoopDetected):
        drive(_repeated(rows=0))


def test_chunks_of_one_document_may_share_their_cursor() -> None:
    """Several pages without a request in between restart at the same place."""
    found, _ = drive([ask(), Page(cursor={"r": 1}), Page(cursor={"r": 1}), Page(cursor={"r": 2})])
    assert len(found) == 3


def test_pages_are_bounded() -> None:
    """A stream that never ends is ended."""
    with pytest.raises(LoopDetected):
        drive([Page(cursor={"n": n}) for n in range(11)], max_pages=10)


def test_anything_else_is_refused() -> None:
    """A stream speaks in requests, waits and pages."""
    with pytest.raises(StreamMisbehaved):
        drive(["hello"])


def test_a_wait_that_ends_the_turn_closes_the_stream() -> None:
    """`MustWait` from `wait` passes through, and the stream's own clean-up runs."""
    closed = []

    def life(context: StreamContext, cursor: Mapping[str, Any]) -> Steps:
        try:
            yield Wait(100, "long")
        finally:
            closed.append(True)

    def wait(step: Wait) -> None:
        raise MustWait(step.seconds, step.why)

    with pytest.raises(MustWait):
        list(
            pages(
                FakeStream("t", Family.ORDERS, life),
                CONTEXT,
                {},
                fetch=lambda r: Response(200, {}, b""),
                wait=wait,
            )
        )
    assert closed == [True]


@given(count=st.integers(0, 30), stop=st.integers(0, 30))
def test_resuming_anywhere_gives_the_same_pages(count: int, stop: int) -> None:
    """A stream stopped after any page and begun anew from its cursor yields what was left."""

    def life(context: StreamContext, cursor: Mapping[str, Any]) -> Steps:
        for number in range(cursor.get("n", 0), count):
            yield ask(str(number))
            yield Page(cursor={"n": number + 1}, note=str(number))

    stream = FakeStream("test", Family.ORDERS, life)

    def run(cursor: Mapping[str, Any]) -> list[Page]:
        return list(
            pages(stream, CONTEXT, cursor, fetch=lambda r: Response(200, {}, b""), wait=lambda w: None)
        )

    whole = run({})
    first = whole[:stop]
    assert first + run(first[-1].cursor if first else {}) == whole
