"""Pages: every row once, in order, both ways, whatever the ordering; cursors hold for their own list only."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from config.lib.api.pagination import Fetch, Keyset, Page, paginate
from config.lib.errors import BadCursor, BadRequest

Row = Mapping[str, Any]
ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.integers(0, 2)), min_size=0, max_size=25
).map(
    lambda items: [
        {"id": number, "day": day, "sku": sku, "n": n} for number, (day, sku, n) in enumerate(items)
    ]
)
ORDERINGS = st.permutations(["day", "sku", "n"]).flatmap(
    lambda names: st.tuples(
        st.integers(0, 3), st.lists(st.sampled_from(["", "-"]), min_size=4, max_size=4)
    ).map(
        lambda drawn: tuple(
            sign + name for sign, name in zip(drawn[1], [*names[: drawn[0]], "id"], strict=False)
        )
    )
)


def _request(query: str = "", path: str = "/items") -> Request:
    return Request(APIRequestFactory().get(f"{path}?{query}"))


def _sorted(rows: Sequence[Row], ordering: Sequence[str]) -> list[Row]:
    """The plain meaning of an ordering: stable sorts from the last column to the first."""
    found = list(rows)
    for name in reversed(ordering):
        found.sort(key=lambda row: row[name.lstrip("-")], reverse=name.startswith("-"))
    return found


def _holds(condition: Q, row: Row) -> bool:
    """Evaluate a condition on a row, by the meaning of the four lookups it may hold."""
    results = []
    for child in condition.children:
        if isinstance(child, Q):
            results.append(_holds(child, row))
            continue
        assert isinstance(child, tuple)
        name, _, lookup = str(child[0]).partition("__")
        value, limit = row[name], child[1]
        answers = {
            "": value == limit,
            "lt": value < limit,
            "gt": value > limit,
            "lte": value <= limit,
            "gte": value >= limit,
        }
        results.append(answers[lookup])
    return (any(results) if condition.connector == Q.OR else all(results)) if results else True


def _by_condition(rows: Sequence[Row]) -> Fetch:
    def fetch(keyset: Keyset, limit: int) -> Sequence[Row]:
        found = [row for row in rows if _holds(keyset.condition(), row)]
        return _sorted(found, keyset.order_by)[:limit]

    return fetch


def _by_sql(rows: Sequence[Row], connection: sqlite3.Connection) -> Fetch:
    connection.execute("CREATE TABLE t (id, day, sku, n)")
    connection.executemany("INSERT INTO t VALUES (:id, :day, :sku, :n)", [dict(row) for row in rows])
    connection.row_factory = sqlite3.Row

    def fetch(keyset: Keyset, limit: int) -> Sequence[Row]:
        names = {"id": "t.id", "day": "t.day", "sku": "t.sku", "n": "t.n"}
        where, parameters, order = keyset.sql(names)
        query = f"SELECT * FROM t WHERE {where} ORDER BY {order} LIMIT {limit}".replace("%s", "?")
        return [dict(row) for row in connection.execute(query, parameters)]

    return fetch


def _walk(fetch: Fetch, ordering: tuple[str, ...], limit: int) -> tuple[list[Row], list[Row]]:
    """Go forward to the end and back to the start; return the rows seen on each way."""
    page = paginate(fetch, _request(f"limit={limit}"), ordering)
    assert page.prev is None
    there = list(page.rows)
    while page.next:
        page = paginate(fetch, _request(f"limit={limit}&cursor={page.next}"), ordering)
        there += page.rows
    back = list(page.rows)
    while page.prev:
        page = paginate(fetch, _request(f"limit={limit}&cursor={page.prev}"), ordering)
        assert len(page.rows) == limit or page.prev is None
        back = page.rows + back
    return there, back


@given(ROWS, ORDERINGS, st.integers(1, 7))
def test_walking_there_and_back_shows_every_row_once_in_order(
    rows: list[Row], ordering: tuple[str, ...], limit: int
) -> None:
    """For every ordering of up to four columns, directions mixed, with ties: by condition and by SQL."""
    expected = _sorted(rows, ordering)
    with closing(sqlite3.connect(":memory:")) as connection:
        for fetch in (_by_condition(rows), _by_sql(rows, connection)):
            there, back = _walk(fetch, ordering, limit)
            assert there == expected
            assert back == expected


def test_rows_that_come_and_go_neither_repeat_nor_hide_others() -> None:
    """Between two pages the row at the border is deleted and others are added before it."""
    rows = [{"id": number} for number in range(10)]
    first = paginate(_by_condition(rows), _request("limit=4"), ("id",))
    changed = [{"id": -1}, *(row for row in rows if row["id"] != 3)]
    second = paginate(_by_condition(changed), _request(f"limit=4&cursor={first.next}"), ("id",))
    assert [row["id"] for row in second.rows] == [4, 5, 6, 7]


def _first(query: str = "limit=1", path: str = "/items", ordering: tuple[str, ...] = ("id",)) -> Page:
    rows = [{"id": number, "sku": "a"} for number in range(5)]
    return paginate(_by_condition(rows), _request(query, path), ordering)


@pytest.mark.parametrize(
    ("query", "path", "ordering"),
    [
        ("limit=1&status=done", "/items", ("id",)),
        ("limit=1", "/items", ("id",)),
        ("limit=1&status=open&status=done", "/items", ("id",)),
        ("limit=1&status=open", "/others", ("id",)),
        ("limit=1&status=open", "/items", ("-id",)),
        ("limit=1&status=open", "/items", ("sku", "id")),
    ],
)
def test_a_cursor_holds_for_its_own_list_only(query: str, path: str, ordering: tuple[str, ...]) -> None:
    """Other filters, another path (another client!) or another ordering: 400."""
    cursor = _first("limit=1&status=open").next
    assert cursor is not None
    with pytest.raises(BadCursor):
        _first(f"{query}&cursor={cursor}", path, ordering)


def test_page_size_and_shown_fields_may_change_on_the_way() -> None:
    """They do not choose rows, so the cursor stays good."""
    cursor = _first("limit=1&status=open").next
    page = _first(f"limit=3&status=open&fields=id&cursor={cursor}")
    assert [row["id"] for row in page.rows] == [1, 2, 3]


def test_damaged_cursors_are_bad_requests() -> None:
    """A thousand random mutations of a good cursor: each is 400 or, unchanged in meaning, the same page."""
    cursor = _first().next
    assert cursor is not None
    rng = random.Random(5)
    for _ in range(1000):
        letters = list(cursor)
        for _ in range(rng.randint(1, 3)):
            letters[rng.randrange(len(letters))] = rng.choice("abcXYZ019-_%")
        try:
            page = _first(f"limit=1&cursor={''.join(letters)}")
        except BadCursor:
            continue
        assert [row["id"] for row in page.rows] == [1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=-1", "limit=1e2", "limit=", "count=1"]
)
def test_unreadable_page_parameters_are_named(query: str) -> None:
    """400 with the parameter."""
    with pytest.raises(BadRequest) as caught:
        _first(query)
    assert caught.value.errors[0].parameter == query.split("=")[0]


def test_the_envelope_and_the_link_header_agree() -> None:
    """Both lead to the same neighbours; the other parameters are kept."""
    middle = _first(f"limit=1&status=open&cursor={_first('limit=1&status=open').next}")
    request = _request("limit=1&status=open")
    response = middle.response(request, [{"shown": True}])
    page = response.data["page"]
    assert response.data["data"] == [{"shown": True}]
    assert (page["limit"], "count" in page) == (1, False)
    links = {
        part.split("rel=")[1].strip('"'): part.split(">")[0].strip(" <")
        for part in response["Link"].split(", ")
    }
    for relation in ("next", "prev"):
        query = parse_qs(urlsplit(links[relation]).query)
        assert query == {"limit": ["1"], "status": ["open"], "cursor": [page[relation]]}
    last = _first("limit=200").response(request)
    assert last.data["page"] == {"next": None, "prev": None, "limit": 200}
    assert not last.has_header("Link")


def test_counting_is_asked_for() -> None:
    """`count=exact` counts, and a list that cannot be counted says so."""
    rows = [{"id": number} for number in range(5)]
    page = paginate(_by_condition(rows), _request("limit=2&count=exact"), ("id",), count=lambda: 5)
    assert page.body()["page"]["count"] == 5
    with pytest.raises(BadRequest):
        paginate(_by_condition(rows), _request("count=exact"), ("id",))


def test_every_type_that_orders_a_list_survives_its_cursor() -> None:
    """Instants, dates, decimals and UUIDs come back as what they were."""
    row = {
        "at": datetime(2026, 11, 21, 1, 2, 3, 4, tzinfo=UTC),
        "on": date(2026, 11, 21),
        "amount": Decimal("12.3400"),
        "uuid": UUID(int=7),
        "flag": True,
        "id": 1,
    }
    seen: list[Keyset] = []

    def fetch(keyset: Keyset, limit: int) -> Sequence[Row]:
        seen.append(keyset)
        return [row, row]

    ordering = ("at", "-on", "amount", "uuid", "flag", "id")
    first = paginate(fetch, _request("limit=1"), ordering)
    paginate(fetch, _request(f"limit=1&cursor={first.next}"), ordering)
    assert seen[1].position == tuple(row.values())
    assert [type(value) for value in seen[1].position or ()] == [type(value) for value in row.values()]


@pytest.mark.parametrize("value", [None, 1.5, b"x"])
def test_columns_that_cannot_order_are_refused(value: Any) -> None:
    """A null would lose rows silently; it fails loudly instead."""
    with pytest.raises(TypeError, match="cannot order"):
        paginate(lambda keyset, limit: [{"x": value}] * 2, _request("limit=1"), ("x",))
