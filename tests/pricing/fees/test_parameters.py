"""The dated parameters: what the files must say, what the loader refuses, and values around each change."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from config.lib.dated import BadDefinition, NotInForce
from pricing.fees.loader import load_file
from pricing.fees.parameters import PARAMETERS, UnknownFeeParameter
from pricing.fees.query import FeeQuery
from pricing.fees.schedule import list_categories, quote_fees
from pricing.fees.units import UNITS, Kind, read_stated
from pricing.fees.values import Range, RateTiers, WeightTable
from pricing.types import Confidence

GOOD = """
market: US
topic: tax
platform: all
parameters:
  us.tax.in_price:
    description: "Tax"
    unit: share
    reference: "law"
    confidence: A
    checked_on: 2026-11-21
    values:
      2020-01-01: 0
      2021-01-01: 0.05
"""


def load(text: str) -> None:
    """Read a file as that of US taxes."""
    load_file(text, market="us", topic="tax")


def test_the_good_file_is_read() -> None:
    """The text that the refusals below start from is fine itself."""
    load(GOOD)


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        ('    description: "Tax"\n', "", "description is missing"),
        ('    description: "Tax"\n', '    description: ""\n', "description is empty"),
        ("    unit: share\n", "    unit: parrots\n", "no unit"),
        ("    unit: share\n", "    unit: share\n    colour: red\n", "colour is not known"),
        ("    unit: share\n", "    unit: share\n    unit: share\n", "stands there twice"),
        ("confidence: A", "confidence: D", "no confidence"),
        ("checked_on: 2026-11-21", "checked_on: soon", "checked_on is a date"),
        ("      2021-01-01: 0.05", "      2019-01-01: 0.05", "dates must ascend"),
        ("      2021-01-01: 0.05", "      2021-01-01: 15", "no fraction"),
        ("      2021-01-01: 0.05", "      2021-01-01: -0.05", "nought or more"),
        ("      2021-01-01: 0.05", '      2021-01-01: "0.05"', "nought or more"),
        ("market: US", "market: JP", "those of the path"),
        ("us.tax.in_price", "jp.tax.in_price", "a key is like"),
        ("us.tax.in_price", "us.tax.In Price", "a key is like"),
        ("      2020-01-01: 0\n      2021-01-01: 0.05\n", "      {}\n", "a value for every date"),
        (
            "      2020-01-01: 0\n      2021-01-01: 0.05",
            "      - {from: 2020-01-01, through: 2020-06-30, value: 0}\n"
            "      - {from: 2021-01-01, value: 0.05}",
            "gap",
        ),
    ],
)
def test_a_broken_file_is_refused(was: str, becomes: str, told: str) -> None:
    """Each fault alone makes the file unusable, and the message says which it is."""
    assert was in GOOD
    with pytest.raises(BadDefinition, match=told):
        load(GOOD.replace(was, becomes))


@pytest.mark.parametrize(
    ("unit", "raw"),
    [
        ("share by price", {"mode": "whole", "tiers": [["10", "0.08"], ["5", "0.15"], [None, "0.2"]]}),
        ("share by price", {"mode": "whole", "tiers": [["10", "0.08"]]}),
        ("share by price", {"mode": "flat", "tiers": [["10", "0.08"], [None, "0.15"]]}),
        ("share by price", {"mode": "sometimes", "tiers": [[None, "0.08"]]}),
        ("share by price", {"mode": "flat", "tiers": []}),
        ("MXN by price", [["299", "no", "33"], [None, True, "0"]]),
        ("MXN by price", [["299", True, "33"]]),
        ("MXN by price", "33"),
        ("share", "0,15"),
        ("share", "1e400"),
        ("share", None),
        ("tax basis", "maybe"),
        ("cm/g limits", {"weight": "1", "sides": ["1", "2", "3"]}),
        ("USD by weight and price", {"prices": [[None, True]], "rows": []}),
    ],
)
def test_a_stated_value_must_be_one_of_its_unit(unit: str, raw: object) -> None:
    """What a client states is held to the form of the parameter's unit."""
    with pytest.raises(BadDefinition):
        read_stated(UNITS[unit], raw, "here")


def test_of_a_range_one_value_is_stated() -> None:
    """Only the bounds are known of it, so a plain number is what a client states."""
    assert read_stated(UNITS["share range"], "0.04", "here") == D("0.04")
    assert UNITS["share range"].kind is Kind.SHARE_RANGE


def test_the_tables_are_there_as_a_whole() -> None:
    """27 weight rows in three price bands of FBA, 37 referral categories, 21 sizes in Japan."""
    tables = [
        each.values.values[-1] for each in PARAMETERS if each.key.startswith("us.amazon.fba.fulfilment.")
    ]
    known = [table for table in tables if isinstance(table, WeightTable)]
    assert sum(len(table.rows) * len(table.prices) for table in known) == 81
    assert len(list_categories("US", "amazon")) == 37
    assert len(PARAMETERS.children("jp.amazon.fba.size_tier")) == 21
    assert {each.market for each in PARAMETERS} == {"US", "JP", "MX"}


def test_every_parameter_says_where_it_is_from() -> None:
    """Reference and description are there, and nothing is checked in the future of the reference."""
    for each in PARAMETERS:
        assert each.reference.strip(), each.key
        assert each.description.strip(), each.key
        assert each.checked_on == date(2026, 11, 21), each.key
        if each.values.values[-1] is None:
            assert each.note or each.reference in ("law", "not found"), each.key


def test_japans_uplift_is_in_the_tiers() -> None:
    """Above 750 yen every rate of a whole-price or flat category rose by the uplift, below it none did."""
    uplift = PARAMETERS.at("jp.amazon.referral.uplift_over_750", date(2026, 4, 1))
    assert isinstance(uplift, D)
    assert uplift == D("0.004")
    for name in list_categories("JP", "amazon"):
        before = PARAMETERS.at(f"jp.amazon.referral.{name}", date(2026, 3, 31))
        after = PARAMETERS.at(f"jp.amazon.referral.{name}", date(2026, 4, 1))
        assert isinstance(before, RateTiers)
        assert isinstance(after, RateTiers)
        assert after.tiers[-1].rate == before.tiers[-1].rate + uplift, name
        if after.mode == "whole":
            assert (after.tiers[0].upper, after.tiers[0].rate) == (D(750), before.tiers[0].rate), name


@pytest.mark.parametrize(
    ("key", "first", "before", "after"),
    [
        ("us.amazon.fba.fuel_logistics_surcharge", date(2026, 4, 17), "0", "0.035"),
        ("us.amazon.fba.storage.standard.jan_sep", date(2024, 4, 1), "0.87", "0.78"),
        ("us.amazon.fba.aged.366_455.per_unit", date(2026, 1, 16), "0.15", "0.30"),
        ("us.duty.de_minimis", date(2025, 8, 29), "800", "0"),
        ("us.duty.ieepa_china", date(2026, 2, 24), "0.20", "0"),
        ("us.duty.section_122", date(2026, 2, 24), "0", "0.10"),
        ("us.duty.section_122", date(2026, 7, 25), "0.10", None),
        ("jp.tax.in_price.standard", date(2019, 10, 1), "0.08", "0.10"),
        ("jp.yahoo_shopping.royalty", date(2026, 9, 1), "0", "0.025"),
        ("jp.yahoo_shopping.campaign_fund", date(2026, 9, 1), "0.015", "0"),
        ("jp.yahoo_shopping.monthly", date(2026, 9, 1), "0", "10000"),
        ("jp.amazon.fba.fulfilment.large_80", date(2025, 4, 1), "712", None),
        ("mx.duty.courier_global_rate", date(2025, 8, 15), "0.19", "0.335"),
        ("mx.withholding.isr.with_rfc", date(2026, 1, 1), "0.01", "0.025"),
    ],
)
def test_a_change_begins_on_its_day(key: str, first: date, before: str, after: str | None) -> None:
    """The day before has the old value, the day itself the new one (None: known to be another, not found)."""
    assert PARAMETERS.at(key, first - timedelta(days=1)) == D(before)
    assert PARAMETERS.at(key, first) == (None if after is None else D(after))
    change = PARAMETERS.get(key).next_change(first - timedelta(days=1))
    assert change == (first, None if after is None else D(after))


def test_days_before_the_first_value_are_not_guessed() -> None:
    """A table of 2026 says nothing of 2025; an unknown key names its neighbours."""
    with pytest.raises(NotInForce):
        PARAMETERS.at("us.amazon.fba.fulfilment.small_standard", date(2026, 1, 14))
    with pytest.raises(UnknownFeeParameter) as caught:
        PARAMETERS.get("us.amazon.referral.beuty")
    assert "us.amazon.referral.watches" in caught.value.remedy


def test_warnings_name_what_is_weak() -> None:
    """Confidence C or weaker, a check over 180 days old, an assumed start, a value nobody found."""
    weak = PARAMETERS.get("us.amazon.fba.fulfilment.xl_50_70")
    assert weak.confidence is Confidence.C
    assert weak.warnings(date(2026, 11, 22)) == ("low_confidence",)
    fine = PARAMETERS.get("us.amazon.referral.watches")
    assert fine.warnings(fine.checked_on + timedelta(days=180)) == ()
    assert fine.warnings(fine.checked_on + timedelta(days=181)) == ("not_checked_lately",)
    unknown = PARAMETERS.get("us.duty.section_122")
    assert "not_found" in unknown.warnings(date(2026, 8, 1))
    assert "start_assumed" in PARAMETERS.get("us.amazon.plan.professional").warnings(date(2026, 8, 1))


def test_what_nobody_knows_is_a_gap_of_the_quote_and_never_nought() -> None:
    """Every parameter without a value, and every range, turns up as missing where a quote needs it."""
    on = date(2026, 12, 1)
    malls = quote_fees(FeeQuery(market="JP", platform="rakuten", on=on, affiliate_share=D("0.1")))
    assert set(malls.missing) == {
        "jp.rakuten.system.standard.mobile",
        "jp.rakuten.payment",
        "jp.rakuten.affiliate",
    }
    for key in malls.missing:
        assert isinstance(PARAMETERS.at(key, on), Range)
    mexico = quote_fees(FeeQuery(market="MX", platform="mercado_libre", on=date(2026, 4, 8)))
    assert set(mexico.missing) == {"mx.mercado_libre.fixed_fee", "mx.mercado_libre.free_shipping_share"}
    assert [fee.name for fee in mexico.fees] == ["commission"]
