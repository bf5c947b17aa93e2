"""Does the list of order lines filter, page and show money as promised, in few queries?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors.services.ingest import store_page
from connectors.services.runs import RunRef
from connectors.types import OrderStatus
from tests.api.validating import ValidatingClient
from tests.connectors.api.conftest import BASE
from tests.connectors.fakes import DAY, order_line, page_of

URL = f"{BASE}/order-lines"


@pytest.fixture
def lines(run: RunRef) -> None:
    """Five orders on five days."""
    store_page(
        run=run,
        page=page_of(
            *(order_line(f"O-{n}", sku="A" if n % 2 else "B", day=DAY + timedelta(days=n)) for n in range(4)),
            order_line("O-4", day=DAY + timedelta(days=4), status=OrderStatus.CANCELLED, quantity=0),
        ),
    )


def orders(answer: Any) -> list[str]:
    """The order ids of a page."""
    return [line["platform_order_id"] for line in answer.json()["data"]]


def test_the_latest_day_comes_first(operator: ValidatingClient, lines: None) -> None:
    """Money has its currency's decimals, and the buyer's hash is not shown."""
    answer = operator.get(URL)
    assert orders(answer) == ["O-4", "O-3", "O-2", "O-1", "O-0"]
    line = answer.json()["data"][-1]
    assert line["gross"] == {"amount": "10.00", "currency": "USD"}
    assert "buyer_hash" not in line


def test_any_text_and_amount_is_shown_as_it_is(operator: ValidatingClient, run: RunRef) -> None:
    """Quotes and control characters are escaped; a fraction below the currency's decimals is not cut off."""
    odd = 'a"b\\c\u2028/\t</script>\U0001f6d2'
    store_page(run=run, page=page_of(order_line("O-1", sku=odd, gross="0.0120")))
    (line,) = operator.get(URL).json()["data"]
    assert (line["sku"], line["gross"]["amount"], line["tax"]["amount"]) == (odd, "0.012", "0.80")
    assert line["ordered_at"] == "2026-08-01T01:00:00Z"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"sku": "A"}, ["O-3", "O-1"]),
        ({"order": "O-2"}, ["O-2"]),
        ({"from": "2026-08-02", "to": "2026-08-03"}, ["O-2", "O-1"]),
        ({"status": "cancelled"}, ["O-4"]),
        ({"store": "999999"}, []),
    ],
)
def test_filters(operator: ValidatingClient, lines: None, query: dict[str, str], expected: list[str]) -> None:
    """Each filter by itself."""
    assert orders(operator.get(URL, query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"colour": "red"},
        {"status": "lost"},
        {"from": "yesterday"},
        {"from": "2026-08-02", "to": "2026-08-01"},
    ],
)
def test_what_cannot_be_read_is_named(operator: ValidatingClient, query: dict[str, str]) -> None:
    """An unknown or unreadable parameter is a 400 that names it."""
    answer = operator.get(URL, query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] in query


def test_pages_follow_each_other(operator: ValidatingClient, lines: None) -> None:
    """Each line once, whatever the page size."""
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        answer = operator.get(URL, query)
        seen += orders(answer)
        following = answer.json()["page"]["next"]
        if following is None:
            break
        query = {"limit": "2", "cursor": following}
    assert seen == ["O-4", "O-3", "O-2", "O-1", "O-0"]


def test_a_page_costs_one_statement_whatever_its_size(operator: ValidatingClient, lines: None) -> None:
    """Of the table itself; the rest is the same for every request."""
    for limit in ("1", "5"):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            operator.get(URL, {"limit": limit})
        assert sum("fact_order_line" in query["sql"] for query in captured) == 1
