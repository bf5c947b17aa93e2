"""A page token kept by a run that died may be dead too: the listing is read again and the sync goes on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.engine.protocol import Response
from connectors.platforms.common.problems import SkippedUnexpectedly
from tests.connectors.platforms.stage import Amazon, context, pages_of

REFUSED = Response(
    400,
    {},
    json.dumps({"errors": [{"code": "InvalidInput", "message": "Invalid pagination token."}]}).encode(),
)
ORDERS = ("orders", "searchOrders", {"orders": [], "pagination": {"nextToken": "T1"}}, {"orders": []})
FINANCES = (
    "finances",
    "listTransactions",
    {"payload": {"transactions": [], "nextToken": "T1"}},
    {"payload": {"transactions": []}},
)


@pytest.mark.parametrize(("stream", "operation", "more", "last"), [ORDERS, FINANCES])
def test_a_dead_token_of_an_earlier_run_starts_the_listing_again(
    stream: str, operation: str, more: dict[str, Any], last: dict[str, Any]
) -> None:
    """The first call carries the kept token, the second none, and the run ends with covered days."""
    first = next(pages_of(stream, Amazon(answers={operation: [more]}), context()))
    amazon = Amazon(answers={operation: [REFUSED, last]})
    pages = list(pages_of(stream, amazon, context(), first.cursor))
    sent = [request.query for request in amazon.asked[:2]]
    assert "T1" in sent[0].values()
    assert "T1" not in sent[1].values()
    assert {name: value for name, value in sent[0].items() if value != "T1"} == sent[1]
    assert pages[-1].covered_through is not None


@pytest.mark.parametrize(("stream", "operation", "more", "last"), [ORDERS, FINANCES])
def test_a_fresh_token_that_is_refused_is_not_passed_over(
    stream: str, operation: str, more: dict[str, Any], last: dict[str, Any]
) -> None:
    """In the middle of a listing nothing is skipped silently: the run ends, and the next one begins anew."""
    amazon = Amazon(answers={operation: [more, REFUSED, last]})
    with pytest.raises(SkippedUnexpectedly):
        list(pages_of(stream, amazon, context()))
