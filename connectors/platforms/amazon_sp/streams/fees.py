"""Estimated fees of our products at their present price: what a sale costs before Amazon has charged it."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.platforms.amazon_sp.mapping.fees import fee_estimate
from connectors.platforms.amazon_sp.streams.base import SpStream, call, seller_id
from connectors.platforms.amazon_sp.streams.listings import INCLUDED, read_items
from connectors.platforms.common.moments import ShopClock
from connectors.platforms.common.problems import AnswerUnreadable
from connectors.platforms.common.steps import ask, ask_object, read_json
from connectors.types import Family, FeeEstimateRecord, FulfilmentChannel, ListingRecord, RejectedRow

BATCH = 20


@dataclass(slots=True, eq=False)
class FeeEstimatesStream(SpStream):
    """Twenty SKUs per batch: their prices from the listings, then one question for all their fees."""

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield a page per batch; the cursor keeps the last SKU of the round under way."""
        done = str(cursor.get("after") or "")
        due = [sku for sku in sorted(context.skus) if sku > done]
        finished = {"read_at": context.now.isoformat()}
        if not due:
            note = "" if context.skus else "no products are known yet"
            yield Page(cursor=finished, data_as_of=context.now, note=note)
            return
        for start in range(0, len(due), BATCH):
            batch = due[start : start + BATCH]
            is_last = start + BATCH >= len(due)
            priced = yield from _prices(context, batch)
            kept: dict[str, Any] = {}
            if priced:
                body = estimate_body(priced, context.store.marketplace_id)
                response = yield from ask(call("getMyFeesEstimates", json=body))
                kept = read_estimates(response.body, context)
            today = context.today if is_last else None
            yield Page(
                cursor=finished if is_last else {"after": batch[-1]},
                covered_from=today,
                covered_through=today,
                data_as_of=context.now,
                note="" if len(priced) == len(batch) else f"{len(batch) - len(priced)} SKUs have no price",
                **kept,
            )


def _prices(
    context: StreamContext, skus: list[str]
) -> Generator[Request | Wait | Page, Response | None, list[ListingRecord]]:
    answer = yield from ask_object(
        call(
            "searchListingsItems",
            path={"sellerId": seller_id(context)},
            query={
                "marketplaceIds": context.store.marketplace_id,
                "includedData": INCLUDED,
                "identifiersType": "SKU",
                "identifiers": ",".join(skus),
                "pageSize": str(BATCH),
            },
        )
    )
    page = read_items(answer.get("items") or [], context, ShopClock(context.store.time_zone))
    asked = set(skus)
    listings: tuple[ListingRecord, ...] = page["records"]
    return [listing for listing in listings if listing.sku in asked and listing.price_amount is not None]


def estimate_body(listings: list[ListingRecord], marketplace_id: str) -> list[dict[str, Any]]:
    """Return the body of getMyFeesEstimates for up to twenty listings that have a price."""
    return [
        {
            "FeesEstimateRequest": {
                "MarketplaceId": marketplace_id,
                "IsAmazonFulfilled": listing.channel is FulfilmentChannel.PLATFORM,
                "PriceToEstimateFees": {
                    "ListingPrice": {
                        "CurrencyCode": listing.currency,
                        "Amount": _json_number(listing.price_amount or Decimal(0)),
                    }
                },
                "Identifier": listing.sku,
            },
            "IdType": "SellerSKU",
            "IdValue": listing.sku,
        }
        for listing in listings
    ]


def _json_number(amount: Decimal) -> Any:
    """Return an amount as the JSON number Amazon's model demands; prices are short enough to survive it."""
    return json.loads(str(amount))


def read_estimates(body: bytes, context: StreamContext) -> dict[str, Any]:
    """Return the estimates of an answer and what Amazon could not estimate."""
    results = read_json(body)
    if not isinstance(results, list):
        raise AnswerUnreadable("getMyFeesEstimates answered with something else than a list")
    records: list[FeeEstimateRecord] = []
    rejected: list[RejectedRow] = []
    for number, result in enumerate(results):
        try:
            records.append(fee_estimate(result, context))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            rejected.append(RejectedRow(f"/{number}", reason, result if isinstance(result, dict) else {}))
    return {
        "records": tuple(records),
        "rejected": tuple(rejected),
        "raw": body,
        "raw_type": "application/json",
    }


FEE_ESTIMATES = FeeEstimatesStream(
    key="fee_estimates",
    family=Family.FEES,
    cadence=timedelta(days=1),
    stale_after=timedelta(days=7),
    needs_skus=True,
)
