"""The fee structures of the worked examples come out of the dated parameters, on a day of each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal as D
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pricing.fees.query import FeeQuery, Override, TaxStatus
from pricing.fees.schedule import quote_fees
from pricing.fees.sizes import Parcel
from pricing.structure import Band, BandFee, Fee, FeeTax, FixedFee, MultipleFee, RateFee, Tier, TierMode

CASES = Path(__file__).parents[1] / "cases" / "worked_examples.json"
_TAX = {None: FeeTax.EX, "incl_cred": FeeTax.INCLUDED_CREDITABLE, "incl_non": FeeTax.INCLUDED_NOT_CREDITABLE}

US = FeeQuery(market="US", platform="amazon", on=date(2026, 5, 1))
JP = FeeQuery(market="JP", platform="amazon", on=date(2026, 5, 1))
MX = FeeQuery(market="MX", platform="mercado_libre", on=date(2026, 3, 1))
MERCHANT = replace(US, channel="merchant")
ONE_POUND = Parcel.inches(D(8), D(5), D(3), D(16))
EIGHT_OUNCES = Parcel.inches(D(9), D(6), D("0.75"), D(8))
TWO_OUNCES = Parcel.inches(D(6), D(4), D("0.5"), D(2))
SMALL_JP = Parcel(D(20), D(15), D("1.5"), D(200))
THIRTY_CM_JP = Parcel(D(12), D(10), D(8), D(800))


def stated(value: Any) -> Override:
    """A value of the client's contract, in force since 2020."""
    return Override(value, date(2020, 1, 1), "contract", "test")


RAKUTEN = {
    "jp.rakuten.system.standard.mobile": stated(D("0.04")),
    "jp.rakuten.payment": stated(D("0.03")),
    "jp.rakuten.affiliate": stated(D("0.052")),
}
YAHOO = {"jp.yahoo_shopping.payment": stated(D("0.0324"))}
SHIPPING = {"mx.mercado_libre.free_shipping_share": stated(D(82))}
FBA_MX = (Band(D(299), False, D(40)), Band(None, True, D(85)))

QUERIES: dict[str, FeeQuery] = {
    "US01": replace(US, category="home_kitchen", parcel=ONE_POUND),
    "US05": replace(US, category="home_kitchen", parcel=EIGHT_OUNCES),
    "US06": replace(US, category="beauty_health_personal_care", parcel=TWO_OUNCES),
    "US07": replace(MERCHANT, category="beauty_health_personal_care"),
    "US09": replace(MERCHANT, category="clothing_accessories"),
    "US12": replace(MERCHANT, category="electronics_accessories"),
    "US14": replace(MERCHANT, category="furniture"),
    "US16": replace(MERCHANT, category="home_kitchen"),
    "US18": replace(US, category="home_kitchen", parcel=ONE_POUND),
    "US25": replace(US, platform="ebay", on=date(2025, 2, 13), buyer_tax_rate=D("0.08")),
    "US28": replace(US, platform="shopify", plan="basic"),
    "JP01": replace(JP, category="home_kitchen_office_pet_tools", parcel=THIRTY_CM_JP),
    "JP03": replace(JP, category="garden", parcel=SMALL_JP),
    "JP04": replace(JP, category="beauty_health_personal_care", parcel=SMALL_JP),
    "JP07": replace(JP, category="garden", parcel=THIRTY_CM_JP, is_tax_exempt=True),
    "JP08": replace(JP, platform="rakuten", affiliate_share=D("0.30"), overrides=RAKUTEN),
    "JP09": replace(
        JP, platform="yahoo_shopping", on=date(2026, 8, 31), affiliate_share=D("0.10"), overrides=YAHOO
    ),
    "JP10": replace(
        JP, platform="yahoo_shopping", on=date(2026, 9, 1), affiliate_share=D("0.10"), overrides=YAHOO
    ),
    "MX01": replace(MX, overrides=SHIPPING),
    "MX06": replace(
        MX, platform="amazon", category="home", overrides={"mx.amazon.fba.fulfilment": stated(FBA_MX)}
    ),
    "MX11": replace(
        MX,
        overrides=SHIPPING,
        tax_status=TaxStatus.FOREIGN,
        is_fee_tax_creditable=False,
        is_withholding_creditable=False,
    ),
    "MX12": replace(MX, overrides=SHIPPING),
}


@cache
def cases() -> dict[str, dict[str, Any]]:
    """The worked examples that ask for fees, by id."""
    return {case["id"]: case for case in json.loads(CASES.read_text(encoding="utf-8"))}


def read(fee: dict[str, Any]) -> Fee:
    """A fee of the file format as the product's structure."""
    tax, name, multiplier = _TAX[fee.get("vat")], fee["name"], D(fee.get("base_mult", "1"))
    if fee["kind"] == "fixed":
        return FixedFee(name, D(fee["amount"]), tax)
    if fee["kind"] == "mult":
        return MultipleFee(name, D(fee["rate"]), fee["of"], tax)
    if fee["kind"] == "band":
        bands = tuple(Band(None if u is None else D(u), flag, D(a)) for u, flag, a in fee["bands"])
        return BandFee(name, bands, tax, multiplier)
    tiers = tuple(Tier(None if u is None else D(u), D(rate)) for u, rate in fee["tiers"])
    least = D(fee["min"]) if "min" in fee else None
    return RateFee(
        name,
        tiers,
        TierMode(fee["mode"]),
        least,
        tax,
        multiplier,
        fee.get("base") == "net",
        fee.get("refundable", True),
    )


def within(fee: Fee, highest: D) -> Fee:
    """A fee as far as bases up to `highest` meet it: examples leave out tiers behind their search."""
    if not isinstance(fee, RateFee) or fee.tiers[0].upper is None or fee.tiers[0].upper < highest:
        return fee
    return replace(fee, tiers=(Tier(None, fee.tiers[0].rate),), mode=TierMode.FLAT)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_the_parameters_make_the_fees_of_the_worked_example(name: str) -> None:
    """Kinds, tiers, modes, minima, bounds, tax bases and order are equal, and nothing is missing."""
    case, quote = cases()[name], quote_fees(QUERIES[name])
    assert quote.gaps == ()
    highest = D(case["pmax"]) * D("1.08")
    assert [within(fee, highest) for fee in quote.fees] == [read(fee) for fee in case["fees"]]
    assert quote.tax_rate == D(case["vat"])
    assert quote.currency == case["ccy"]
    withheld = {key: D(rate) for key, rate in case.get("cash_withholding", {}).items()}
    if name == "MX12":
        assert dict(quote.withholding) == withheld


def test_a_refund_keeps_what_the_returns_example_says() -> None:
    """US18: a fifth of the referral fee, at most 5."""
    returns, terms = cases()["US18"]["returns"], quote_fees(QUERIES["US18"]).returns
    assert (terms.admin_rate, terms.cap) == (D(returns["admin_rate"]), D(returns["cap"]))
