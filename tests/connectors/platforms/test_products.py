"""Listings, offers and fee estimates: what is asked about our products, and what the answers mean."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.platforms.common.problems import AccountIncomplete, PaginationLoop
from connectors.types import FulfilmentChannel
from tests.connectors.platforms.stage import SELLER, Amazon, context, everything, pages_of

D = Decimal


def listing(sku: str = "CUP-1", created: str = "2026-01-01T00:00:00Z", **changes: Any) -> dict[str, Any]:
    """An item of the listings API, offered in the United States and elsewhere."""
    place = "ATVPDKIKX0DER"
    item: dict[str, Any] = {
        "sku": sku,
        "summaries": [
            {
                "marketplaceId": "A2EUQ1WTGCTBG2", "status": [],
                "createdDate": created, "lastUpdatedDate": created,
            },
            {
                "marketplaceId": place, "asin": "B000000001", "conditionType": "new_new",
                "status": ["BUYABLE"],
                "itemName": "Cup", "createdDate": created, "lastUpdatedDate": created,
            },
        ],
        "offers": [
            {"marketplaceId": place, "offerType": "B2B", "price": {"currencyCode": "USD", "amount": "18.00"}},
            {"marketplaceId": place, "offerType": "B2C", "price": {"currencyCode": "USD", "amount": "20.00"}},
        ],
        "fulfillmentAvailability": [{"fulfillmentChannelCode": "AMAZON_NA"}],
    }  # fmt: skip
    return {**item, **changes}


def test_listings() -> None:
    """Consumer price, status, condition and channel of the store's own marketplace."""
    amazon = Amazon(
        answers={
            "searchListingsItems": [{"numberOfResults": 1, "items": [listing(), listing("X", offers=[])]}]
        }
    )
    pages = list(pages_of("listings", amazon, context()))
    cup, other = everything(pages)
    assert (cup.price_amount, cup.status, cup.condition, cup.channel) == (
        D("20.00"), "active", "new", FulfilmentChannel.PLATFORM,
    )  # fmt: skip
    assert other.price_amount is None
    assert cup.opened_on == date(2025, 12, 31)
    assert amazon.asked[0].path == {"sellerId": SELLER}


def test_listings_beyond_a_thousand() -> None:
    """Amazon ends a search early; it is begun again after the last creation time."""
    answers = [
        {"numberOfResults": 2, "items": [listing("A", "2026-01-01T00:00:00Z")]},
        {"numberOfResults": 1, "items": [listing("B", "2026-02-01T00:00:00Z")]},
    ]
    amazon = Amazon(answers={"searchListingsItems": answers})
    pages = list(pages_of("listings", amazon, context()))
    assert [record.sku for record in everything(pages)] == ["A", "B"]
    assert amazon.asked[1].query["createdAfter"] == "2026-01-01T00:00:00Z"


def test_listings_that_never_come_are_a_named_error() -> None:
    """A mock that counts more than it hands out ends the run."""
    amazon = Amazon(answers={"searchListingsItems": [{"numberOfResults": 9, "items": [listing()]}]})
    with pytest.raises(PaginationLoop, match="9 listings"):
        list(pages_of("listings", amazon, context()))


def test_a_seller_without_an_id_is_told_so() -> None:
    """The call needs it, and only the connection can name it."""
    with pytest.raises(AccountIncomplete, match="seller_id"):
        list(pages_of("listings", Amazon(), context(account={})))


def summary_answer(*asins: str, own: bool) -> dict[str, Any]:
    """An answer of competitiveSummary: a cheap rival, a featured rival, perhaps ourselves."""

    def offer(seller: str, price: str, **more: Any) -> dict[str, Any]:
        return {
            "sellerId": seller, "condition": "New", "fulfillmentType": "AFN",
            "listingPrice": {"amount": float(price), "currencyCode": "USD"}, **more,
        }  # fmt: skip

    freight = {
        "shippingOptions": [
            {"shippingOptionType": "DEFAULT", "price": {"amount": 2.5, "currencyCode": "USD"}}
        ]
    }
    points = {"points": {"pointsNumber": 50, "pointsMonetaryValue": {"amount": 0.5, "currencyCode": "USD"}}}
    lowest = [offer("RIVAL1", "17.15", **freight, **points), offer("RIVAL2", "18.11")]
    if own:
        lowest.append(offer(SELLER, "19.00"))
    featured = {
        "buyingOptionType": "New",
        "segmentedFeaturedOffers": [{**offer("RIVAL2", "18.11"), "featuredOfferSegments": []}],
    }
    given = {"lowestPricedOffersInput": {"itemCondition": "New", "offerType": "Consumer"}, "offers": lowest}
    return {
        "responses": [
            {
                "status": {"statusCode": 200},
                "body": {"asin": asin, "lowestPricedOffers": [given], "featuredBuyingOptions": [featured]},
            }
            for asin in asins
        ]
    }


def test_offers_landed_featured_and_own() -> None:
    """Landed is price + shipping − points; the featured twin wins; our own seller is flagged."""
    amazon = Amazon(answers={"getCompetitiveSummary": [summary_answer("B000000001", "B000000002", own=True)]})
    pages = list(pages_of("offers", amazon, context()))
    found = {r.seller_id: r for r in everything(pages) if r.product_id == "B000000001"}
    assert len(found) == 3
    assert found["RIVAL1"].landed_amount == D("19.15")
    assert found["RIVAL2"].is_featured
    assert not found["RIVAL1"].is_featured
    assert found[SELLER].is_own
    assert not found["RIVAL1"].is_own
    assert amazon.count("getItemOffersBatch") == 0


def test_products_without_our_offer_are_asked_for_by_item() -> None:
    """There Amazon marks ours; products it refuses are rejected with its message."""
    by_item = {
        "responses": [
            {
                "status": {"statusCode": 200},
                "body": {
                    "payload": {
                        "ASIN": "B000000001", "ItemCondition": "New",
                        "Offers": [
                            {
                                "SellerId": SELLER, "MyOffer": True, "IsFulfilledByAmazon": True,
                                "ListingPrice": {"CurrencyCode": "USD", "Amount": 25.0},
                                "Shipping": {"CurrencyCode": "USD", "Amount": 0}, "SubCondition": "new",
                            }
                        ],
                    }
                },
            },
            {"status": {"statusCode": 400}, "body": {"errors": [{"code": "X", "message": "no such ASIN"}]}},
        ]
    }  # fmt: skip
    amazon = Amazon(
        answers={
            "getCompetitiveSummary": [summary_answer("B000000001", "B000000002", own=False)],
            "getItemOffersBatch": [by_item],
        }
    )
    [page] = pages_of("offers", amazon, context())
    [own] = [record for record in page.records if getattr(record, "is_own", False)]
    assert getattr(own, "landed_amount", None) == D("25.0")
    assert page.rejected[0].reason == "no such ASIN"


def test_offers_go_on_after_the_last_batch() -> None:
    """Twenty products a page; the cursor keeps the place."""
    skus = {f"S{number}": f"B{number:03d}" for number in range(45)}
    answer: dict[str, list[Any]] = {
        "getCompetitiveSummary": [{"responses": []}],
        "getItemOffersBatch": [{"responses": []}],
    }
    amazon = Amazon(answers=answer)
    pages = list(pages_of("offers", amazon, context(skus=skus)))
    assert [page.cursor.get("after") for page in pages] == ["B019", "B039", None]
    resumed = Amazon(answers=answer)
    list(pages_of("offers", resumed, context(skus=skus), pages[1].cursor))
    assert [part["asin"] for part in resumed.asked[0].json["requests"]] == [
        f"B{n:03d}" for n in range(40, 45)
    ]
    assert next(pages_of("offers", Amazon(), context(skus={}))).note == "no products are known yet"


def test_fee_estimates() -> None:
    """Prices from the listings, all fees in one question, whatever is unnamed is still a fee."""
    result = {
        "Status": "Success",
        "FeesEstimateIdentifier": {
            "IdType": "SellerSKU", "IdValue": "CUP-1", "SellerInputIdentifier": "CUP-1",
            "PriceToEstimateFees": {"ListingPrice": {"CurrencyCode": "USD", "Amount": 20.0}},
        },
        "FeesEstimate": {
            "TimeOfFeesEstimation": "Mon Oct 28 18:49:32 UTC 2019",
            "TotalFeesEstimate": {"CurrencyCode": "USD", "Amount": 6.45},
            "FeeDetailList": [
                {"FeeType": "ReferralFee", "FinalFee": {"CurrencyCode": "USD", "Amount": 3.0}},
                {"FeeType": "FBAFees", "FinalFee": {"CurrencyCode": "USD", "Amount": 3.1}},
                {"FeeType": "VariableClosingFee", "FinalFee": {"CurrencyCode": "USD", "Amount": 0.25}},
            ],
        },
    }  # fmt: skip
    failed = {"Status": "ClientError", "Error": {"Code": "X", "Message": "price missing"}}
    amazon = Amazon(
        answers={
            "searchListingsItems": [{"items": [listing(), listing("POT-2", offers=[])]}],
            "getMyFeesEstimates": [[result, failed]],
        }
    )
    [page] = pages_of("fee_estimates", amazon, context())
    [fee] = page.records
    assert amazon.asked[0].query["identifiers"] == "CUP-1,POT-2"
    [asked] = amazon.asked[1].json
    assert asked["FeesEstimateRequest"]["PriceToEstimateFees"]["ListingPrice"]["Amount"] == 20
    assert asked["FeesEstimateRequest"]["IsAmazonFulfilled"] is True
    amounts = [
        getattr(fee, f"{name}_amount")
        for name in ("price", "referral", "fulfilment", "closing", "other", "total")
    ]
    assert amounts == [D("20.0"), D("3.0"), D("3.1"), D("0.25"), D("0.10"), D("6.45")]
    assert getattr(fee, "product_id", None) == "B000000001"
    assert page.rejected[0].reason == "price missing"
    assert page.note == "1 SKUs have no price"
