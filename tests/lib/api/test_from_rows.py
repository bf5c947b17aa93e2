"""Lists held in memory page as those of the database do."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from config.lib.api.pagination import Keyset, from_rows

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12)
ORDERINGS = st.sampled_from([("a", "b", "id"), ("-a", "b", "-id"), ("-b", "-id"), ("id",)])


@given(ROWS, ORDERINGS, st.integers(1, 4))
def test_pages_are_the_list(pairs: list[tuple[int, int]], ordering: tuple[str, ...], limit: int) -> None:
    """Going on from the last row of each page gives every row once, in order; going back gives the rows
    before it, the nearest first."""
    rows = [{"a": a, "b": b, "id": number} for number, (a, b) in enumerate(pairs)]
    whole = list(rows)
    for name in reversed(ordering):
        whole.sort(key=lambda row: row[name.lstrip("-")], reverse=name.startswith("-"))
    fetch = from_rows(rows)
    told: list[Any] = []
    position = None
    while page := fetch(Keyset(ordering, position), limit):
        told += page
        position = tuple(page[-1][name.lstrip("-")] for name in ordering)
    assert told == whole
    for index, row in enumerate(whole):
        here = tuple(row[name.lstrip("-")] for name in ordering)
        back = fetch(Keyset(ordering, here, backwards=True), limit)
        assert list(back) == whole[max(0, index - limit) : index][::-1]
