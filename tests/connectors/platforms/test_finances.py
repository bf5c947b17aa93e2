"""Charges are the leaves of transactions: of the right kind, adding up to the total, counted once."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.platforms.amazon_sp.mapping.charge_kinds import kind_of
from connectors.platforms.common.problems import PaginationLoop
from connectors.types import ChargeKind, ChargeRecord
from tests.connectors.platforms.stage import NOW, Amazon, context, everything, pages_of

K = ChargeKind


def money(amount: float | int | str, currency: str = "USD") -> dict[str, Any]:
    """A money object of the Finances API."""
    return {"currencyAmount": json.loads(str(amount)), "currencyCode": currency}


def node(name: str, amount: Any, *inner: dict[str, Any], currency: str = "USD") -> dict[str, Any]:
    """A breakdown."""
    return {"breakdownType": name, "breakdownAmount": money(amount, currency), "breakdowns": list(inner)}


SALE = (
    node("ProductCharges", 20, node("OurPricePrincipal", 20)),
    node("Tax", 1.6, node("OurPriceTax", 1.6)),
    node("MarketplaceWithheldTax", -1.6, node("MarketplaceFacilitatorTax-Principal", -1.6)),
    node("PromoRebates", -2, node("OurPriceDiscount", -2)),
    node(
        "AmazonFees",
        -6.1,
        node("FBAPerUnitFulfillmentFee", -3.1, node("Base", -3.1)),
        node("Commission", -3, node("Base", -3)),
    ),
)


def transaction(*breakdowns: dict[str, Any], total: Any = 11.9, **changes: Any) -> dict[str, Any]:
    """A shipment of one item with the given breakdowns."""
    made: dict[str, Any] = {
        "transactionId": "T1",
        "transactionType": "Shipment",
        "transactionStatus": "RELEASED",
        "description": "Order Payment",
        "postedDate": "2026-11-10T18:00:00.000Z",
        "totalAmount": money(total),
        "marketplaceDetails": {"marketplaceId": "ATVPDKIKX0DER"},
        "relatedIdentifiers": [{"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": "111-1"}],
        "items": [
            {
                "contexts": [
                    {"contextType": "ProductContext", "sku": "CUP-1", "asin": "B1", "quantityShipped": 2}
                ],
                "totalAmount": money(total),
                "breakdowns": list(breakdowns),
            }
        ],
    }
    return {**made, **changes}


def read(*transactions: dict[str, Any], market: str = "US") -> list[ChargeRecord]:
    """The charges of transactions."""
    answer = {"payload": {"transactions": list(transactions)}}
    amazon = Amazon(answers={"listTransactions": [answer, {"payload": {}}]})
    pages = list(pages_of("finances", amazon, context(market, backfill_days=20)))
    assert not [row for page in pages for row in page.rejected]
    return everything(pages)


def test_a_sale_s_leaves() -> None:
    """Each leaf has its kind, its SKU and order; units only stand at the principal."""
    records = read(transaction(*SALE))
    assert {(record.kind, record.amount) for record in records} == {
        (K.SALE, Decimal("20")),
        (K.SALE_TAX, Decimal("1.6")),
        (K.WITHHELD_TAX, Decimal("-1.6")),
        (K.DISCOUNT, Decimal("-2")),
        (K.FULFILMENT_FEE, Decimal("-3.1")),
        (K.REFERRAL_FEE, Decimal("-3")),
    }
    assert sum((record.amount for record in records), Decimal(0)) == Decimal("11.9")
    assert {record.sku for record in records} == {"CUP-1"}
    assert {record.platform_order_id for record in records} == {"111-1"}
    assert {record.kind: record.quantity for record in records}[K.SALE] == 2
    assert sum(record.quantity for record in records) == 2
    assert len({record.line_no for record in records}) == len(records)
    assert records[0].business_on == date(2026, 11, 10)


def test_a_refund_gives_back_price_and_tax_and_keeps_a_fee() -> None:
    """The returned commission is a referral fee with the other sign; a returned discount lessens it."""
    records = read(
        transaction(
            node("ProductCharges", -20, node("OurPricePrincipal", -20)),
            node("Tax", -1.6, node("OurPriceTax", -1.6)),
            node("PromoRebates", 2, node("OurPriceDiscount", 2)),
            node("AmazonFees", 2.4, node("Commission", 3), node("RefundCommission", -0.6)),
            total=-17.2,
            transactionType="Refund",
            description="Refund Order",
        )
    )
    got = {(record.kind, record.amount) for record in records}
    assert got == {
        (K.REFUND, Decimal("-20")),
        (K.REFUND_TAX, Decimal("-1.6")),
        (K.REFUND, Decimal("2")),
        (K.REFERRAL_FEE, Decimal("3")),
        (K.REFUND_FEE, Decimal("-0.6")),
    }


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("ServiceFee", ("AmazonFees", "FBAStorageFee", "Base"), K.STORAGE_FEE),
        ("ServiceFee", ("AmazonFees", "FBALongTermStorageFee"), K.AGED_STORAGE_FEE),
        ("ServiceFee", ("AmazonFees", "FBAAgedInventorySurcharge"), K.AGED_STORAGE_FEE),
        ("ServiceFee", ("AmazonFees", "Subscription"), K.SUBSCRIPTION_FEE),
        ("ServiceFee", ("AmazonFees", "FBACustomerReturnPerUnitFee"), K.RETURN_FEE),
        ("ProductAdsPayment", ("Expenses", "AdvertisingFee"), K.AD_FEE),
        ("Shipment", ("AmazonFees", "VariableClosingFee", "Base"), K.REFERRAL_FEE),
        ("Shipment", ("AmazonFees", "Commission", "Tax"), K.REFERRAL_FEE),
        ("Shipment", ("AmazonFees", "CODChargeback"), K.PAYMENT_FEE),
        ("Shipment", ("AmazonFees", "Mystery"), K.OTHER),
        ("Shipment", ("Shipping", "ShippingPrincipal"), K.SHIPPING_CREDIT),
        ("Shipment", ("Tax", "ShippingTax"), K.SALE_TAX),
        ("Shipment", ("PromoRebates", "ShippingDiscount"), K.DISCOUNT),
        ("Shipment", ("PointsGranted", "CostOfPointsGranted"), K.DISCOUNT),
        ("FBAInventoryReimbursement", ("ProductCharges",), K.REIMBURSEMENT),
        ("Adjustment", ("WarehouseDamage",), K.REIMBURSEMENT),
        ("Transfer", ("remainder",), K.TRANSFER),
        ("Adjustment", ("Mystery",), K.OTHER),
    ],
)
def test_kinds_by_name(kind: str, path: tuple[str, ...], expected: ChargeKind) -> None:
    """The names sellers see, each with the kind our measures need."""
    assert kind_of(kind, path, refund=False) is expected


def test_a_deferred_sale_is_counted_once() -> None:
    """The release is a second transaction that points back; it is left out, whatever order they come in."""
    first = transaction(*SALE, transactionStatus="DEFERRED")
    released = {**first, "transactionStatus": "DEFERRED_RELEASED"}
    related = [
        *first["relatedIdentifiers"],
        {"relatedIdentifierName": "DEFERRED_TRANSACTION_ID", "relatedIdentifierValue": "T1"},
    ]
    copy = {**first, "transactionId": "T2", "transactionStatus": "RELEASED", "relatedIdentifiers": related}
    once = read(first)
    for seen in ([released, copy], [copy, released]):
        records = read(*seen)
        assert [(r.transaction_id, r.line_no, r.amount) for r in records] == [
            (r.transaction_id, r.line_no, r.amount) for r in once
        ]
        assert {record.status for record in records} == {"DEFERRED_RELEASED"}


def test_other_marketplaces_are_left_out() -> None:
    """One authorisation covers several shops; each store takes its own."""
    assert read(transaction(*SALE, marketplaceDetails={"marketplaceId": "A1AM78C64UM0Y8"})) == []
    assert len(read(transaction(*SALE, marketplaceDetails=None))) == 6


def test_an_inclusive_price_without_tax_is_split() -> None:
    """Where prices hold the tax and none is told, the rate of the market takes it out of the principal."""
    mexican = {"marketplaceDetails": {"marketplaceId": "A1AM78C64UM0Y8"}}
    principal = node("ProductCharges", 116, node("OurPricePrincipal", 116, currency="MXN"), currency="MXN")
    sale, tax = read(transaction(principal, total=116, **mexican), market="MX")
    assert (sale.kind, sale.amount, tax.kind, tax.amount) == (
        K.SALE,
        Decimal("100"),
        K.SALE_TAX,
        Decimal("16"),
    )
    told = node("Tax", 16, node("OurPriceTax", 16, currency="MXN"), currency="MXN")
    kept = read(transaction(principal, told, total=132, **mexican), market="MX")
    assert [record.amount for record in kept] == [Decimal(116), Decimal(16)]


def test_what_the_leaves_leave_of_the_total_is_not_lost() -> None:
    """A transaction with nothing but a total is one charge; half-told ones get a remainder."""
    [only] = read(transaction(total=-30, transactionType="Transfer", items=[]))
    assert (only.kind, only.amount, only.line_no) == (K.TRANSFER, Decimal(-30), "remainder")
    records = read(transaction(*SALE, total=10))
    assert sum((record.amount for record in records), Decimal(0)) == 10
    own = read(transaction(total=-5, items=[], breakdowns=[node("Expenses", -5, node("FBAStorageFee", -5))]))
    assert [record.kind for record in own] == [K.STORAGE_FEE]


TREES: st.SearchStrategy[Any] = st.recursive(
    st.builds(
        lambda name, cents: (name, cents, []), st.sampled_from(["A", "B", "Tax"]), st.integers(-999, 999)
    ),
    lambda inner: st.builds(
        lambda name, cents, children: (name, cents, children),
        st.sampled_from(["A", "B", "AmazonFees"]),
        st.integers(-999, 999),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


@given(st.lists(TREES, max_size=3), st.integers(-9999, 9999))
def test_charges_always_add_up_to_the_total(trees: list[Any], total: int) -> None:
    """Whatever tree Amazon sends, sums that contradict themselves included."""

    def build(tree: Any) -> dict[str, Any]:
        name, cents, children = tree
        return node(name, f"{Decimal(cents) / 100}", *map(build, children))

    records = read(transaction(*map(build, trees), total=f"{Decimal(total) / 100}"))
    assert sum((record.amount for record in records), Decimal(0)) == Decimal(total) / 100
    assert len({record.line_no for record in records}) == len(records)
    assert all(len(record.line_no) <= 80 for record in records)


def test_a_transaction_without_an_id_gets_one_that_stays() -> None:
    """Amazon's own example has none; the same transaction read again has the same key."""
    bare = transaction(*SALE, transactionId=None)
    assert read(bare)[0].transaction_id == read(bare)[0].transaction_id
    assert (
        read(bare)[0].transaction_id != read({**bare, "postedDate": "2026-11-11T18:00:00Z"})[0].transaction_id
    )


def test_windows_tokens_and_coverage() -> None:
    """Thirty days at most, the token with the same arguments, two days of doubt at the end."""
    answers = [
        {"payload": {"transactions": [], "nextToken": "t"}},
        {"payload": {"transactions": [transaction(*SALE)]}},
    ]
    amazon = Amazon(answers={"listTransactions": answers})
    pages = list(pages_of("finances", amazon, context(backfill_days=20)))
    first, second = amazon.asked
    assert first.query == {"postedAfter": "2026-11-01T07:00:00Z", "postedBefore": "2026-11-21T19:57:00Z"}
    assert second.query == {**first.query, "nextToken": "t"}
    assert (pages[-1].covered_from, pages[-1].covered_through) == (date(2026, 11, 1), date(2026, 11, 19))
    resumed = Amazon(answers={"listTransactions": answers[1:]})
    later = context(backfill_days=20, now=NOW.replace(hour=21))
    assert everything(list(pages_of("finances", resumed, later, pages[0].cursor)))
    assert resumed.asked[0].query == second.query


def test_the_marketplace_is_named_everywhere_but_in_the_united_states() -> None:
    """With it Amazon leaves out merchant-shipped orders of the US store."""
    amazon = Amazon(answers={"listTransactions": [{"payload": {}}]})
    list(pages_of("finances", amazon, context("JP")))
    assert {request.query["marketplaceId"] for request in amazon.asked} == {"A1VC38T7YXB528"}


def test_a_repeated_token_is_a_named_error() -> None:
    """An empty page for ever says nothing, so the run may not end as if it had."""
    amazon = Amazon(answers={"listTransactions": [{"payload": {"nextToken": "t", "transactions": []}}]})
    with pytest.raises(PaginationLoop):
        list(pages_of("finances", amazon, context()))


def test_an_unreadable_transaction_is_set_apart() -> None:
    """The others are kept."""
    answer = {"payload": {"transactions": [transaction(*SALE, postedDate="soon"), transaction(*SALE)]}}
    amazon = Amazon(answers={"listTransactions": [answer]})
    [page] = pages_of("finances", amazon, context(backfill_days=20))
    assert page.rejected[0].pointer == "/transactions/0"
    assert len(page.records) == 6
