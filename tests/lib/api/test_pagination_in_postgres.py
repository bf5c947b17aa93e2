"""Pages of a real table: `.values()` querysets and hand-written SQL, walked there and back in PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from config.lib.api.pagination import Keyset, paginate
from tenants.models import FXRate

pytestmark = pytest.mark.django_db

COLUMNS = ("rate_on", "currency", "per_eur", "id")
ORDERINGS = [
    ("-id",),
    ("rate_on", "-currency", "id"),
    ("-rate_on", "currency", "-id"),
    ("per_eur", "-rate_on", "id"),
    ("-per_eur", "-currency", "rate_on", "id"),
]


@pytest.fixture
def rates(public: object) -> QuerySet[FXRate, dict[str, Any]]:
    """Sixty rates with many ties, in a rolled-back transaction."""
    rng = random.Random(11)
    FXRate.objects.bulk_create(
        FXRate(
            source=f"s{number}",
            currency=rng.choice(["USD", "JPY", "MXN"]),
            rate_on=date(2026, 11, 1) + timedelta(days=rng.randint(0, 4)),
            per_eur=Decimal(rng.randint(1, 3)),
        )
        for number in range(60)
    )
    found: QuerySet[FXRate, dict[str, Any]] = FXRate.objects.filter(source__startswith="s").values(*COLUMNS)
    return found


def _request(query: str) -> Request:
    return Request(APIRequestFactory().get(f"/rates?{query}"))


def _walk(source: Any, ordering: tuple[str, ...]) -> tuple[list[Any], list[Any]]:
    page = paginate(source, _request("limit=7"), ordering)
    there = list(page.rows)
    while page.next:
        page = paginate(source, _request(f"limit=7&cursor={page.next}"), ordering)
        there += page.rows
    back = list(page.rows)
    while page.prev:
        page = paginate(source, _request(f"limit=7&cursor={page.prev}"), ordering)
        back = page.rows + back
    return there, back


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_querysets_are_walked_in_their_own_order(
    rates: QuerySet[FXRate, dict[str, Any]], ordering: tuple[str, ...]
) -> None:
    """Pages put together are what ORDER BY gives at once, with dates, decimals and mixed directions."""
    expected = list(rates.order_by(*ordering))
    assert len(expected) == 60
    assert _walk(rates, ordering) == (expected, expected)


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_hand_written_sql_is_walked_the_same_way(
    rates: QuerySet[FXRate, dict[str, Any]], ordering: tuple[str, ...]
) -> None:
    """The SQL form of a keyset means what the condition of the ORM means."""

    def fetch(keyset: Keyset, limit: int) -> Sequence[Mapping[str, Any]]:
        where, parameters, order = keyset.sql({name: f"r.{name}" for name in COLUMNS})
        sql = (
            f"SELECT {', '.join(COLUMNS)} FROM {FXRate._meta.db_table} r"
            f" WHERE r.source LIKE 's%%' AND {where} ORDER BY {order} LIMIT %s"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*parameters, limit])
            return [dict(zip(COLUMNS, row, strict=True)) for row in cursor.fetchall()]

    expected = list(rates.order_by(*ordering))
    assert _walk(fetch, ordering) == (expected, expected)


def test_an_exact_count_counts_the_filtered_list(rates: QuerySet[FXRate, dict[str, Any]]) -> None:
    """`count=exact` on a queryset needs no function."""
    page = paginate(rates, _request("limit=1&count=exact"), ("id",))
    assert page.count == 60


def test_a_page_costs_one_query(
    rates: QuerySet[FXRate, dict[str, Any]], django_assert_num_queries: Any
) -> None:
    """Neighbours are known from one row more, not from a second query."""
    first = paginate(rates, _request("limit=5"), ("id",))
    with django_assert_num_queries(1):
        paginate(rates, _request(f"limit=5&cursor={first.next}"), ("id",))
