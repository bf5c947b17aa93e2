"""Our own listings as they stand (searchListingsItems), beyond the thousand that one search returns."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.platforms.amazon_sp.mapping.listings import listing
from connectors.platforms.amazon_sp.streams.base import SpStream, call, seller_id
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.common.problems import PaginationLoop
from connectors.platforms.common.steps import TokenGuard, ask_object
from connectors.types import Family, ListingRecord, RejectedRow

INCLUDED = "summaries,offers,fulfillmentAvailability"


@dataclass(slots=True, eq=False)
class ListingsStream(SpStream):
    """All listings in the order of their creation.

    Amazon ends a search after a thousand results; the search then begins again after the last creation time
    seen, until all that it counted are read.
    """

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield a page per answered page."""
        clock, today = ShopClock(context.store.time_zone), context.today
        after, newest, number = "", "", 0
        while True:
            guard, token, seen, counted = TokenGuard("searchListingsItems"), "", 0, 0
            while True:
                answer = yield from ask_object(
                    call(
                        "searchListingsItems",
                        path={"sellerId": seller_id(context)},
                        query=_query(context, token, after),
                    )
                )
                items = answer.get("items") or []
                seen += len(items)
                counted = max(counted, int(answer.get("numberOfResults") or 0))
                newest = max([newest, *_created(items, context.store.marketplace_id)])
                token = guard.next((answer.get("pagination") or {}).get("nextToken"), answer)
                number += 1
                more = bool(token) or (seen < counted and newest > after and bool(items))
                yield Page(
                    cursor={"page": number} if more else {"read_at": context.now.isoformat()},
                    covered_from=None if more else today,
                    covered_through=None if more else today,
                    data_as_of=context.now,
                    raw=msgspec.json.encode(items),
                    raw_type="application/json",
                    empty=not items and number == 1,
                    **read_items(items, context, clock),
                )
                if not token:
                    break
            if not more:
                if seen < counted and items:
                    raise PaginationLoop(f"{counted} listings are counted, but {seen} handed out")
                return
            after = newest


def _query(context: StreamContext, token: str, after: str) -> dict[str, str]:
    query = {
        "marketplaceIds": context.store.marketplace_id,
        "includedData": INCLUDED,
        "pageSize": "20",
        "sortBy": "createdDate",
        "sortOrder": "ASC",
    }
    if after:
        query["createdAfter"] = after
    return {**query, "pageToken": token} if token else query


def _created(items: list[Any], place: str) -> list[str]:
    return [
        str(summary.get("createdDate") or "")
        for item in items
        for summary in item.get("summaries") or []
        if summary.get("marketplaceId") == place
    ]


def read_items(items: list[Any], context: StreamContext, clock: ShopClock) -> dict[str, Any]:
    """Return the listings of a page and what could not be read."""
    records: list[ListingRecord] = []
    rejected: list[RejectedRow] = []
    for number, item in enumerate(items):
        try:
            record = listing(item, context, clock)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            rejected.append(RejectedRow(f"/items/{number}", reason, item if isinstance(item, dict) else {}))
            continue
        if record is not None:
            records.append(record)
    return {"records": tuple(records), "rejected": tuple(rejected)}


LISTINGS = ListingsStream(
    key="listings", family=Family.LISTINGS, cadence=timedelta(hours=12), stale_after=timedelta(days=2)
)
