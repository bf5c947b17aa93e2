"""Quotes at the edges: sizes, weights, seasons, days of change, payment mixes, tax bases, imports."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.lib.errors import Invalid
from pricing.fees.imports import Entry, ImportQuery, quote_import
from pricing.fees.parameters import PARAMETERS
from pricing.fees.query import FeeLine, FeeQuery, Override, Programme, TaxStatus
from pricing.fees.schedule import quote_fees
from pricing.fees.sizes import Parcel, classify_jp, classify_us, shipping_ounces
from pricing.fees.values import SizeLimits
from pricing.structure import BandFee, Fee, FeeTax, FixedFee, RateFee

ON = date(2026, 5, 1)
# A busy machine may stall while inputs are drawn, which says nothing of the code.
UNHURRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
US = FeeQuery(market="US", platform="amazon", on=ON, category="home_kitchen")
JP = FeeQuery(market="JP", platform="amazon", on=ON, category="home_kitchen_office_pet_tools")
DIVISOR = D(139)


def stated(value: D) -> Override:
    """A value of the client's contract."""
    return Override(value, date(2020, 1, 1), "contract", "test")


def us_limits(tier: str) -> SizeLimits:
    """The limits of a tier in the United States."""
    found = PARAMETERS.at(f"us.amazon.fba.size_tier.{tier}", ON)
    assert isinstance(found, SizeLimits)
    return found


def named(fees: tuple[Fee, ...], name: str) -> Fee:
    """The fee of a name."""
    return next(fee for fee in fees if fee.name == name)


@pytest.mark.parametrize(
    ("sides", "ounces", "tier", "shipping"),
    [
        (("15", "12", "0.75"), "16", "small_standard", "16"),
        (("0.75", "15", "12"), "15.2", "small_standard", "16"),
        (("15", "12", "0.75"), "16.01", "large_standard", "20"),
        (("15.01", "12", "0.75"), "8", "large_standard", "16"),
        (("15", "12", "0.76"), "8", "large_standard", "16"),
        (("18", "14", "8"), "320", "large_standard", "320"),
        (("18", "14", "8"), "320.1", "small_bulky", "336"),
        (("18.01", "14", "8"), "16", "small_bulky", "240"),
        (("37", "12", "10"), "16", "small_bulky", "512"),
        (("37.01", "12", "10"), "16", "large_bulky", "512"),
        (("59", "33", "2.5"), "16", "large_bulky", "576"),
        (("59", "33", "2.51"), "16", "xl_0_50", "576"),
        (("59.01", "10", "10"), "16", "xl_0_50", "688"),
        (("20", "20", "20"), "800", "xl_50_70", "928"),
        (("60", "10", "10"), "801", "xl_50_70", "816"),
        (("60", "10", "10"), "1120", "xl_50_70", "1120"),
        (("60", "10", "10"), "1121", "xl_70_150", "1136"),
        (("60", "10", "10"), "2400", "xl_70_150", "2400"),
        (("60", "10", "10"), "2401", "xl_150_plus", "2416"),
    ],
)
def test_the_size_tiers_of_the_united_states(
    sides: tuple[str, str, str], ounces: str, tier: str, shipping: str
) -> None:
    """Limits belong to their tier; beyond length and girth or 50 lb, dimensional too, bulky is left."""
    parcel = Parcel.inches(D(sides[0]), D(sides[1]), D(sides[2]), D(ounces))
    assert classify_us(parcel, us_limits, DIVISOR) == tier
    assert shipping_ounces(tier, parcel, DIVISOR) == D(shipping)


@UNHURRIED
@given(
    sides=st.tuples(*[st.decimals(D("0.5"), D(70), places=2)] * 3),
    ounces=st.decimals(D("0.1"), D(3000), places=2),
)
def test_a_parcel_pays_for_no_less_than_it_weighs(sides: tuple[D, D, D], ounces: D) -> None:
    """Whatever the sides and their order: the tier is the same, and the charged weight covers the unit's."""
    parcel = Parcel.inches(*sides, ounces)
    tier = classify_us(parcel, us_limits, DIVISOR)
    assert tier == classify_us(Parcel.inches(sides[2], sides[0], sides[1], ounces), us_limits, DIVISOR)
    charged = shipping_ounces(tier, parcel, DIVISOR)
    assert charged >= ounces
    assert charged == charged.to_integral_value()


@pytest.mark.parametrize(
    ("ounces", "amounts"),
    [
        ("48", ("5.85", "6.67", "6.93")),
        ("49", ("6.23", "7.05", "7.31")),
        ("52", ("6.23", "7.05", "7.31")),
        ("53", ("6.31", "7.13", "7.39")),
    ],
)
def test_every_begun_step_of_weight_costs(ounces: str, amounts: tuple[str, ...]) -> None:
    """Above three pounds each begun four ounces add 0.08 to every price band."""
    quote = quote_fees(replace(US, parcel=Parcel.inches(D(10), D(6), D(4), D(ounces))))
    fba = named(quote.fees, "fba")
    assert isinstance(fba, BandFee)
    assert [band.amount for band in fba.bands] == [D(amount) for amount in amounts]
    assert [(band.upper, band.is_inclusive) for band in fba.bands][:2] == [(D(10), False), (D(50), True)]


@pytest.mark.parametrize(
    ("sides", "grams", "tier"),
    [
        (("25", "18", "2"), "250", "small"),
        (("25", "18", "2"), "251", "standard_1"),
        (("25", "18", "2.1"), "250", "standard_1"),
        (("35", "30", "3.3"), "1000", "standard_1"),
        (("7", "7", "6"), "1000", "standard_2a_20"),
        (("7", "7", "6.1"), "1000", "standard_2a_30"),
        (("20", "20", "10"), "1000", "standard_2b_50"),
        (("20", "20", "10"), "1001", "standard_2c_60"),
        (("45", "20", "15"), "5000", "standard_3_80"),
        (("46", "19", "15"), "5000", "large_80"),
        (("45", "35", "20"), "9000", "standard_4_100"),
        (("45", "35", "20"), "9001", "large_100"),
        (("100", "60", "40"), "50000", "super_200"),
        (("100", "100", "60"), "50000", "super_260"),
    ],
)
def test_the_size_tiers_of_japan(sides: tuple[str, str, str], grams: str, tier: str) -> None:
    """The first tier that holds the parcel, bounds included; beyond 45 × 35 × 20 cm or 9 kg it is large."""
    quote = quote_fees(
        replace(
            JP,
            parcel=Parcel(D(sides[0]), D(sides[1]), D(sides[2]), D(grams)),
            skip=frozenset({FeeLine.FULFILMENT}),
        )
    )
    assert quote.size_tier == tier


def test_a_parcel_too_large_for_every_tier_of_japan_is_a_gap() -> None:
    """No tier holds more than 260 cm or 50 kg."""
    quote = quote_fees(replace(JP, parcel=Parcel(D(200), D(40), D(21), D(100))))
    assert quote.missing == ("jp.amazon.fba.size_tier",)
    assert classify_jp(Parcel(D(1), D(1), D(1), D(50001)), (), us_limits("large_bulky")) is None


def test_japans_discount_holds_up_to_a_thousand_yen_and_the_changed_sizes_are_asked_for() -> None:
    """66 yen less at 1,000 yen or less; the sizes lowered on 2025-04-01 have no amount since."""
    fba = named(quote_fees(replace(JP, size_tier="standard_3_80")).fees, "fba")
    assert isinstance(fba, BandFee)
    assert [(band.upper, band.is_inclusive, band.amount) for band in fba.bands] == [
        (D(1000), True, D(448)),
        (None, True, D(514)),
    ]
    assert fba.tax is FeeTax.INCLUDED_CREDITABLE
    lowered = replace(JP, size_tier="standard_4_100")
    assert quote_fees(replace(lowered, on=date(2025, 3, 31))).missing == ()
    assert quote_fees(replace(lowered, on=date(2025, 4, 1))).missing == (
        "jp.amazon.fba.fulfilment.standard_4_100",
    )


def test_the_surcharge_begins_on_its_day_and_takes_fulfilment_alone() -> None:
    """3.5 % of the fulfilment fee from 2026-04-17 on."""
    query = replace(US, parcel=Parcel.inches(D(8), D(5), D(3), D(16)))
    before, after = (quote_fees(replace(query, on=date(2026, 4, day))) for day in (16, 17))
    assert [fee.name for fee in before.fees] == ["referral", "fba"]
    assert [fee.name for fee in after.fees] == ["referral", "fba", "fuel_surcharge"]
    assert after.fees[:2] == before.fees


@pytest.mark.parametrize(
    ("on", "is_known"),
    [("2026-10-14", True), ("2026-10-15", False), ("2027-01-14", False), ("2027-01-15", True)],
)
def test_the_peak_season_must_be_stated(on: str, is_known: bool) -> None:
    """Its tables were not found: the quote names the addition, and takes one that is stated."""
    query = replace(US, on=date.fromisoformat(on), parcel=Parcel.inches(D(8), D(5), D(3), D(16)))
    key = "us.amazon.fba.fulfilment.peak_addition"
    assert quote_fees(query).missing == (() if is_known else (key,))
    fba = named(quote_fees(replace(query, overrides={key: stated(D("0.40"))})).fees, "fba")
    assert isinstance(fba, BandFee)
    assert fba.bands[0].amount == (D("3.78") if is_known else D("4.18"))


def test_skipped_lines_leave_neither_fee_nor_gap() -> None:
    """A line that charges answer is not asked of the tables."""
    query = replace(US, category="", on=date(2026, 12, 1))
    assert quote_fees(query).missing == ("us.amazon.referral.category", "us.amazon.fba.parcel")
    skip = frozenset({FeeLine.REFERRAL, FeeLine.FULFILMENT})
    quote = quote_fees(replace(query, skip=skip))
    assert (quote.fees, quote.missing) == ((), ())


def test_storage_follows_the_days_of_each_month_and_season() -> None:
    """One cubic foot from 16 September for 30 days: 15 days at 0.78/30 and 15 at 2.40/31; aged on top."""
    cube = Parcel.inches(D(12), D(12), D(12), D(16))
    query = replace(US, parcel=cube, days_held=30, on=date(2026, 9, 16), size_tier="large_standard")
    expected = (D("0.78") * 15 / 30 + D("2.40") * 15 / 31).quantize(D("0.0001"))
    assert quote_fees(query).storage == expected
    aged = {age: quote_fees(replace(query, stock_age_days=age)) for age in (180, 181, 241, 271, 366, 456)}
    assert [aged[age].storage - expected for age in (180, 181, 241)] == [0, D("0.50"), D("1.50")]
    assert aged[271].missing == ("us.amazon.fba.aged.271_300.per_ft3",)
    assert [aged[age].storage - expected for age in (366, 456)] == [D("6.90"), D("7.90")]
    small = replace(query, parcel=Parcel.inches(D(1), D(1), D(1), D(1)), stock_age_days=400)
    per_unit = next(cost for cost in quote_fees(small).costs if cost.name == "aged_storage")
    assert per_unit.amount == D("0.30")


def test_the_low_inventory_fee_needs_both_windows_below_the_limit() -> None:
    """28 days of supply in either window is enough to be spared; below, the amount must be stated."""
    query = replace(US, parcel=Parcel.inches(D(8), D(5), D(3), D(16)))
    key = "us.amazon.fba.low_inventory.amount"
    assert quote_fees(replace(query, days_of_supply=(27, 28))).missing == ()
    assert quote_fees(replace(query, days_of_supply=(27, 27))).missing == (key,)
    paid = quote_fees(replace(query, days_of_supply=(27, 27), overrides={key: stated(D("0.89"))}))
    assert named(paid.fees, "low_inventory") == FixedFee("low_inventory", D("0.89"))


@UNHURRIED
@given(shares=st.lists(st.integers(0, 100), min_size=2, max_size=2).filter(lambda two: sum(two) <= 100))
def test_a_payment_mix_is_weighted_and_never_a_surcharge(shares: list[int]) -> None:
    """r = Σ share × rate and the same of fixed amounts, whatever the mix (P21); none comes back."""
    card, oxxo = (D(share) / 100 for share in shares)
    other = 1 - card - oxxo
    query = FeeQuery(
        market="MX",
        platform="shopify",
        on=ON,
        payment_mix=(("card_gateway", card + other), ("oxxo", oxxo)),
        overrides={"mx.payment.oxxo.rate": stated(D("0.039")), "mx.payment.oxxo.fixed": stated(D("3"))},
    )
    quote = quote_fees(query)
    rate, fixed = named(quote.fees, "payment"), named(quote.fees, "payment_fixed")
    assert isinstance(rate, RateFee)
    assert isinstance(fixed, FixedFee)
    assert rate.tiers[0].rate == (card + other) * D("0.036") + oxxo * D("0.039")
    assert fixed.amount == (card + other) * 4 + oxxo * 3
    assert not rate.is_refundable


@pytest.mark.parametrize("mix", [(("card_gateway", D("0.5")),), (("card_gateway", D(2)), ("oxxo", D(-1)))])
def test_a_mix_that_does_not_sum_to_one_is_refused(mix: tuple[tuple[str, D], ...]) -> None:
    """Half a mix would price half the orders as free of fees."""
    with pytest.raises(Invalid):
        quote_fees(FeeQuery(market="MX", platform="shopify", on=ON, payment_mix=mix))


def test_tax_on_fees_is_a_cost_for_whom_it_does_not_come_back() -> None:
    """Included and creditable, included and kept, and food, whose fees carry the standard rate."""
    fees = {
        name: quote_fees(query).fees[0]
        for name, query in {
            "taxable": replace(JP, channel="merchant"),
            "exempt": replace(JP, channel="merchant", is_tax_exempt=True),
            "food": replace(JP, channel="merchant", is_reduced_tax=True),
        }.items()
    }
    assert fees["taxable"].tax is FeeTax.INCLUDED_CREDITABLE
    assert fees["exempt"].tax is FeeTax.INCLUDED_NOT_CREDITABLE
    food = fees["food"]
    assert isinstance(food, RateFee)
    assert (food.tax, food.tiers[-1].rate) == (FeeTax.EX, D("0.154") * (1 / D("1.1")))
    mode = {"jp.amazon.fee_tax_mode": Override("ex", date(2020, 1, 1), "invoice", "test")}
    exempt_ex = quote_fees(replace(JP, channel="merchant", is_tax_exempt=True, overrides=mode)).fees[0]
    assert isinstance(exempt_ex, RateFee)
    assert exempt_ex.tiers[-1].rate == D("0.154") * D("1.1")
    assert exempt_ex.minimum == 33


@pytest.mark.parametrize(
    ("status", "on", "withheld"),
    [
        (TaxStatus.WITH_RFC, date(2025, 12, 31), {"isr": D("0.01"), "iva": D("0.08")}),
        (TaxStatus.WITH_RFC, date(2026, 1, 1), {"isr": D("0.025"), "iva": D("0.08")}),
        (TaxStatus.WITHOUT_RFC, date(2026, 1, 1), {"isr": D("0.20"), "iva": D("0.16")}),
        (TaxStatus.FOREIGN, date(2026, 1, 1), {"isr": D("0.20"), "iva": D("0.16")}),
    ],
)
def test_withholding_is_a_cash_effect(status: TaxStatus, on: date, withheld: dict[str, D]) -> None:
    """It stands beside the fees, not among them."""
    query = FeeQuery(market="MX", platform="mercado_libre", on=on, tax_status=status)
    quote = quote_fees(query)
    assert dict(quote.withholding) == withheld
    assert "isr" not in [fee.name for fee in quote.fees]


def test_an_override_counts_from_its_day_on_and_says_whose_it_is() -> None:
    """The day before, the table's range is asked for."""
    key = "jp.rakuten.payment"
    mall = FeeQuery(market="JP", platform="rakuten", on=date(2026, 5, 31))
    override = Override(D("0.03"), date(2026, 6, 1), "our contract", "Li Na")
    query = replace(mall, overrides={key: override})
    assert key in quote_fees(query).missing
    quote = quote_fees(replace(query, on=date(2026, 6, 1)))
    assert key not in quote.missing
    use = next(use for use in quote.uses if use.key == key)
    assert (use.truth.value, use.reference) == ("override", "stated by Li Na: our contract")


def test_programmes_cost_only_who_takes_part() -> None:
    """The PR option falls to 2 % on 2026-09-01; on a refund TikTok Shop keeps a fifth, at most 5."""
    mall = FeeQuery(market="JP", platform="yahoo_shopping", on=date(2026, 8, 31))
    with_option = replace(mall, programmes=frozenset({Programme.PR_OPTION}))
    assert "pr_option" not in [fee.name for fee in quote_fees(mall).fees]
    for on, rate in ((date(2026, 8, 31), "0.03"), (date(2026, 9, 1), "0.02")):
        option = named(quote_fees(replace(with_option, on=on)).fees, "pr_option")
        assert isinstance(option, RateFee)
        assert option.tiers[0].rate == D(rate)
    shop = quote_fees(FeeQuery(market="US", platform="tiktok_shop", on=ON, channel="merchant"))
    assert (shop.returns.admin_rate, shop.returns.cap) == (D("0.20"), D(5))
    with pytest.raises(Invalid, match="no schedule"):
        quote_fees(FeeQuery(market="JP", platform="walmart", on=ON))


IMPORT = ImportQuery(market="US", value=D(5), origin="CN", on=date(2026, 7, 24), tariff_rate=D("0.034"))


def test_the_american_stack_ends_where_nobody_knows_what_follows() -> None:
    """MFN + section 301 + section 122 until 2026-07-24; from the next day on the successor is missing."""
    known = quote_import(IMPORT)
    rates = {line.name: line.rate for line in known.lines}
    assert rates == {
        "duty": D("0.034"),
        "section_301": D("0.25"),
        "section_122": D("0.10"),
        "merchandise_processing": D("0.003464"),
        "harbour_maintenance": D("0.00125"),
    }
    assert known.missing == ()
    assert known.cost == sum(rates.values()) * 5
    assert quote_import(replace(IMPORT, on=date(2026, 7, 25))).missing == ("us.duty.section_122",)
    assert quote_import(replace(IMPORT, on=date(2026, 7, 25), section_232="metals")).missing == ()
    assert quote_import(replace(IMPORT, tariff_rate=None)).missing == ("us.duty.tariff_rate",)
    vietnam = {line.name for line in quote_import(replace(IMPORT, origin="VN")).lines}
    assert vietnam == {"duty", "section_122", "merchandise_processing", "harbour_maintenance"}


@pytest.mark.parametrize(
    ("on", "value", "is_free"),
    [("2025-08-28", "800", True), ("2025-08-28", "800.01", False), ("2025-08-29", "1", False)],
)
def test_the_american_exemption_ended(on: str, value: str, is_free: bool) -> None:
    """Up to 800 USD until 2025-08-28, nothing since."""
    quote = quote_import(replace(IMPORT, on=date.fromisoformat(on), shipment_value=D(value)))
    assert (quote.lines == ()) is is_free


def test_import_tax_comes_back_to_the_taxable_importer_only() -> None:
    """Japan: 10 % on CIF and duty; exempt up to 10,000 yen a shipment."""
    query = ImportQuery(market="JP", value=D(1000), origin="CN", on=ON, tariff_rate=D("0.05"))
    quote = quote_import(query)
    assert (quote.cost, quote.cash) == (D("50.00"), D("105.0000"))
    kept = quote_import(replace(query, is_importer_taxable=False))
    assert (kept.cost, kept.cash) == (D("155.0000"), D(0))
    assert quote_import(replace(query, shipment_value=D(10000))).lines == ()
    assert len(quote_import(replace(query, shipment_value=D(10001))).lines) == 2


@pytest.mark.parametrize(
    ("origin", "value", "on", "rate"),
    [
        ("CN", "10", date(2025, 8, 14), "0.19"),
        ("CN", "10", date(2025, 8, 15), "0.335"),
        ("US", "50", date(2025, 8, 15), "0"),
        ("US", "50.01", date(2025, 8, 15), "0.17"),
        ("CA", "117", date(2025, 8, 15), "0.17"),
        ("CA", "117.01", date(2025, 8, 15), "0.19"),
    ],
)
def test_courier_imports_of_mexico(origin: str, value: str, on: date, rate: str) -> None:
    """One flat rate, not creditable; less from the United States and Canada by the shipment's value."""
    query = ImportQuery(
        market="MX", value=D(100), origin=origin, on=on, entry=Entry.COURIER, shipment_value=D(value)
    )
    quote = quote_import(query)
    assert (quote.cost, quote.cash) == (D(rate) * 100, D(0))


def test_a_formal_import_into_mexico_is_that_of_the_worked_example() -> None:
    """MX08: CIF 100, IGI 30, DTA 0.8; IVA of 16 % on all of it is cash."""
    query = ImportQuery(market="MX", value=D(100), origin="CN", on=ON, tariff_rate=D("0.30"))
    quote = quote_import(query)
    assert [(line.name, line.amount) for line in quote.lines] == [
        ("duty", D("30.00")),
        ("dta", D("0.800")),
        ("import_tax", D("0.16") * D("130.8")),
    ]
    assert (quote.cost, quote.cash) == (D("30.8"), D("20.928"))
