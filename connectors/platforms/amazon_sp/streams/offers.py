"""Offers for our products: the lowest and the featured ones, and our own beside them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from connectors.engine.protocol import Page, Request, Response, StreamContext, Wait
from connectors.platforms.amazon_sp.mapping.offers import item_offers, summary_offers
from connectors.platforms.amazon_sp.streams.base import SpStream, call
from connectors.platforms.common.steps import Steps, ask, read_object
from connectors.types import Family, OfferRecord, RejectedRow

BATCH = 20
_SUMMARY_URI = "/products/pricing/2022-05-01/items/competitiveSummary"
_OK = 200


@dataclass(slots=True, eq=False)
class OffersStream(SpStream):
    """Twenty products per batch, a page each; the cursor keeps the last product of the round under way.

    A batch of summaries names the twenty lowest offers and the featured one; products whose summary shows no
    offer of ours are asked for once more by item, where Amazon marks it.
    """

    def run(
        self, context: StreamContext, cursor: Mapping[str, Any]
    ) -> Generator[Request | Wait | Page, Response | None, None]:
        """Yield a page per batch."""
        done = str(cursor.get("after") or "")
        asins = sorted({asin for asin in context.skus.values() if asin})
        due = [asin for asin in asins if asin > done]
        finished = {"read_at": context.now.isoformat()}
        today = context.today
        if not due:
            note = "" if asins else "no products are known yet"
            yield Page(cursor=finished, data_as_of=context.now, note=note)
            return
        for start in range(0, len(due), BATCH):
            batch = due[start : start + BATCH]
            response = yield from ask(
                call("getCompetitiveSummary", json=summary_body(batch, context.store.marketplace_id))
            )
            records, rejected = read_summaries(read_object(response.body), context)
            shown = {record.product_id for record in records if record.is_own}
            missing = [asin for asin in batch if asin not in shown]
            raw = response.body
            if missing:
                more, more_rejected = yield from self._own(context, missing)
                known = {_identity(record) for record in records}
                records += [record for record in more if _identity(record) not in known]
                rejected += more_rejected
            is_last = start + BATCH >= len(due)
            yield Page(
                cursor=finished if is_last else {"after": batch[-1]},
                records=tuple(records),
                rejected=tuple(rejected),
                covered_from=today if is_last else None,
                covered_through=today if is_last else None,
                data_as_of=context.now,
                raw=raw,
                raw_type="application/json",
            )

    def _own(
        self, context: StreamContext, asins: list[str]
    ) -> Steps[tuple[list[OfferRecord], list[RejectedRow]]]:
        body = offers_body(asins, context.store.marketplace_id)
        response = yield from ask(call("getItemOffersBatch", json=body))
        return read_item_offers(read_object(response.body), context)


def summary_body(asins: list[str], marketplace_id: str) -> dict[str, Any]:
    """Return the body of getCompetitiveSummary for up to twenty products."""
    return {
        "requests": [
            {
                "asin": asin,
                "marketplaceId": marketplace_id,
                "includedData": ["featuredBuyingOptions", "lowestPricedOffers"],
                "lowestPricedOffersInputs": [{"itemCondition": "New", "offerType": "Consumer"}],
                "method": "GET",
                "uri": _SUMMARY_URI,
            }
            for asin in asins
        ]
    }


def offers_body(asins: list[str], marketplace_id: str) -> dict[str, Any]:
    """Return the body of getItemOffersBatch for up to twenty products."""
    return {
        "requests": [
            {
                "uri": f"/products/pricing/v0/items/{asin}/offers",
                "method": "GET",
                "MarketplaceId": marketplace_id,
                "ItemCondition": "New",
                "CustomerType": "Consumer",
            }
            for asin in asins
        ]
    }


def _identity(record: OfferRecord) -> tuple[str, str, str, str]:
    return (record.product_id, record.seller_id, record.condition, record.channel)


def read_summaries(
    answer: Mapping[str, Any], context: StreamContext
) -> tuple[list[OfferRecord], list[RejectedRow]]:
    """Return the offers of a batch of competitive summaries, and the products Amazon refused."""
    return _read(answer, lambda body: summary_offers(body, context))


def read_item_offers(
    answer: Mapping[str, Any], context: StreamContext
) -> tuple[list[OfferRecord], list[RejectedRow]]:
    """Return the offers of a batch of item offers, and the products Amazon refused."""
    return _read(answer, lambda body: list(item_offers(body["payload"], context)))


def _read(answer: Mapping[str, Any], read: Any) -> tuple[list[OfferRecord], list[RejectedRow]]:
    records: list[OfferRecord] = []
    rejected: list[RejectedRow] = []
    for number, part in enumerate(answer.get("responses") or []):
        body = part.get("body") or {}
        status = (part.get("status") or {}).get("statusCode", _OK)
        if status != _OK or body.get("errors"):
            error: Mapping[str, Any] = next(iter(body.get("errors") or []), {})
            reason = str(error.get("message") or f"Amazon answered {status}")
            rejected.append(RejectedRow(f"/responses/{number}", reason, body))
            continue
        try:
            records.extend(read(body))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            rejected.append(RejectedRow(f"/responses/{number}", reason, body))
    return records, rejected


OFFERS = OffersStream(
    key="offers",
    family=Family.OFFERS,
    cadence=timedelta(hours=4),
    stale_after=timedelta(days=1),
    needs_skus=True,
)
