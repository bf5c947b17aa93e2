"""A listing's cost structure: lines with sources, the order of truth, taxes by market, what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.lib.money import Money
from connectors.types import CostLine
from pricing.engine.build import Built, build
from pricing.engine.contribution import evaluate
from pricing.engine.landed import Converter, Measured, StoreMeasured
from pricing.engine.listing_facts import FeeGroup, ListingFacts, Observed, Part, Source
from pricing.engine.solve import lowest_price
from pricing.engine.terms import Component, Planned
from pricing.engine.what_if import WhatIf, suppose
from pricing.structure import AdsByClick, FeeTax, FixedFee, RateFee, Tier
from pricing.types import Truth, UsedLine
from tests.pricing.context.facts import ON, TABLE, D, jp_fees, listing, rates, sheet, us_fees


def line(built: Built, name: str) -> UsedLine:
    """One line of a structure."""
    return next(each for each in built.lines if each.name == name)


def charged(amount: str, price: str) -> Observed:
    """A fee as charged."""
    return Observed(D(amount), D(price), Source(Truth.CHARGED, "charged in November", date(2026, 11, 18)))


def test_a_japanese_listing_has_the_floor_of_the_worked_example() -> None:
    """JP01: 700 yen landed, fees including reclaimable tax: floor 1,423 yen."""
    built = build(listing("JP", groups=jp_fees(), sheet=sheet("JP", purchase="700")))
    assert lowest_price(built.structure, D(0)) == D(1423)
    assert built.missing == ()
    assert line(built, "purchase").reference == "cost sheet 7, version 2, from 2026-10-01"


def test_an_exempt_seller_with_ten_per_cent_higher_costs_has_the_same_floor() -> None:
    """JP07: no tax is owed on the sale and none reclaimed on fees."""
    taxable = build(listing("JP", groups=jp_fees(), sheet=sheet("JP", purchase="700")))
    exempt = build(
        listing(
            "JP",
            profile={"is_tax_exempt": True},
            groups=jp_fees(FeeTax.INCLUDED_NOT_CREDITABLE),
            sheet=sheet("JP", purchase="770"),
        )
    )
    assert exempt.structure.tax_rate == 0
    assert lowest_price(taxable.structure, D(0)) == lowest_price(exempt.structure, D(0)) == D(1423)


@pytest.mark.parametrize(
    ("market", "profile", "terms", "is_cost"),
    [
        ("JP", {}, {}, False),
        ("JP", {"is_importer": False}, {}, True),
        ("JP", {"is_tax_exempt": True}, {}, True),
        ("JP", {}, {"registration": "exempt"}, True),
        ("JP", {"is_tax_exempt": False}, {"registration": "exempt"}, False),
        ("MX", {}, {}, False),
        ("MX", {}, {"withholding": "non_resident"}, True),
        ("MX", {}, {"withholding": "no_rfc"}, True),
        ("US", {}, {}, True),
    ],
)
def test_import_tax_is_cash_for_those_who_reclaim_it(
    market: str, profile: dict[str, Any], terms: dict[str, Any], is_cost: bool
) -> None:
    """Its line always shows the amount; only where nobody gives it back is it a cost."""
    built = build(
        listing(market, profile=profile, terms=terms, sheet=sheet(market, purchase="100", import_tax="10"))
    )
    assert line(built, "import_tax").amount == D(10)
    assert ("import_tax" in {cost.name for cost in built.structure.costs}) is is_cost
    assert built.landed == (D(110) if is_cost else D(100))


@pytest.mark.parametrize(
    ("market", "duty", "tax"), [("US", D(25), None), ("JP", D(30), D(15)), ("MX", D(30), D(24))]
)
def test_duty_and_import_tax_follow_from_stated_rates(
    market: str, duty: Decimal, tax: Decimal | None
) -> None:
    """25 % on goods of 100 in the US, on goods and freight of 120 elsewhere; tax on all three together."""
    profile = {"origin": "CN", "duty_rate": D("0.05"), "extra_duty_rate": D("0.20"), "is_importer": False}
    built = build(listing(market, profile=profile, sheet=sheet(market, purchase="100", first_leg="20")))
    assert line(built, "duty").amount == duty
    found = {each.name: each.amount for each in built.lines}
    assert found.get("import_tax") == tax
    assert "profile version 3" in line(built, "duty").reference


def test_goods_from_abroad_without_a_known_duty_block_a_suggestion() -> None:
    """What is required, can apply and is unknown is named; goods of the country owe nothing."""
    given_sheet = sheet("US", purchase="8")
    abroad = build(listing("US", profile={"origin": "CN"}, groups=us_fees(), sheet=given_sheet))
    home = build(listing("US", profile={"origin": "US"}, groups=us_fees(), sheet=given_sheet))
    assert abroad.missing == ("duty",)
    assert home.missing == ()
    assert "duty" not in {each.name for each in home.lines}


def test_what_nobody_knows_is_named_and_never_zero() -> None:
    """No sheet, no table, nothing charged: lines without amount, required ones missing, no sum."""
    built = build(listing("US", measured=Measured()))
    assert built.missing == ("purchase", "referral", "fulfilment")
    unknown = [each for each in built.lines if each.truth is Truth.MISSING]
    assert {"purchase", "first_leg", "inbound", "referral", "storage"} <= {each.name for each in unknown}
    assert all(each.amount is None for each in unknown)
    assert built.structure.costs == ()
    assert built.structure.fees == ()


def test_planning_values_fill_what_nobody_knows_and_nothing_else() -> None:
    """A planned purchase serves without a sheet and is ignored with one."""
    planning = {
        "purchase": Planned(amount=D("7.50")),
        "referral": Planned(rate=D("0.15")),
        "fulfilment": Planned(amount=D(5)),
        "inbound": Planned(amount=D("0.40")),
    }
    bare = build(listing("US", terms={"planning": planning}, measured=Measured()))
    assert bare.missing == ()
    assert line(bare, "purchase").truth is Truth.PLANNED
    known = build(
        listing("US", terms={"planning": planning}, groups=us_fees(), sheet=sheet("US", purchase="8"))
    )
    assert line(known, "purchase").amount == D(8)
    assert line(known, "referral").truth is Truth.TABLE
    assert line(known, "inbound").amount == D("0.40")


def test_a_charge_that_agrees_with_the_table_follows_its_shape() -> None:
    """Charged 4.50 and 4.60 at 30: tiers and bands of the table count, and the lines say charged."""
    built = build(
        listing(
            "US",
            groups=us_fees(),
            charged={"referral": charged("4.50", "30"), "fulfilment": charged("4.60", "30")},
            sheet=sheet("US", purchase="8"),
        )
    )
    assert [line(built, name).truth for name in ("referral", "fulfilment")] == [Truth.CHARGED] * 2
    fees = dict(evaluate(built.structure, D("9.99")).fees)
    assert fees == {"referral": D("1.50"), "fba": D("3.73")}
    assert "follows the price" in line(built, "referral").note
    assert built.fees_on == date(2026, 11, 18)


def test_a_charge_that_differs_from_the_table_holds_at_every_price() -> None:
    """Charged 17 % and 5.20: the rate and the amount are kept, and the note says what the table had."""
    built = build(
        listing(
            "US",
            groups=us_fees(),
            charged={"referral": charged("5.10", "30"), "fulfilment": charged("5.20", "30")},
            sheet=sheet("US", purchase="8"),
        )
    )
    fees = dict(evaluate(built.structure, D("9.99")).fees)
    assert fees == {"referral": D("1.70"), "fulfilment": D("5.20")}
    assert line(built, "referral").rate == D("0.17")
    assert "differs from the table (4.50 at 30)" in line(built, "referral").note


@given(st.integers(100, 9_000), st.integers(-300, 300))
@settings(max_examples=60, deadline=None)
def test_whatever_was_charged_is_charged_again_at_that_price(cents: int, off: int) -> None:
    """Within the tolerance for agreement, or to the cent: the structure reproduces the observation."""
    price = D(cents) / 100
    amount = (price * D("0.15") * (1000 + off) / 1000).quantize(D("0.01")) + D("0.01")
    built = build(listing("US", groups=us_fees(), charged={"referral": charged(str(amount), str(price))}))
    again = dict(evaluate(built.structure, price).fees)["referral"]
    assert abs(again - amount) <= max(D("0.01"), amount * D("0.05"))


def test_payment_fees_are_a_mix_and_no_surcharge() -> None:
    """Card 70 % and OXXO 30 % as one line; what was charged goes before the table's mix."""
    payment = (
        RateFee("payment", (Tier(None, D("0.0372")),), is_refundable=False),
        FixedFee("payment_fixed", D("3.3")),
    )
    groups = {"payment": FeeGroup(payment, TABLE)}
    built = build(listing("MX", groups=groups, price=D(1000)))
    assert line(built, "payment").amount == D("40.50")
    seen = build(listing("MX", groups=groups, price=D(1000), charged={"payment": charged("60", "1000")}))
    assert line(seen, "payment").amount == D("60.00")
    assert line(seen, "payment").truth is Truth.CHARGED


def test_withheld_tax_is_cash_with_a_tax_number_and_a_cost_without() -> None:
    """With RFC both are shares of net revenue beside the contribution; a fee on net revenue is one of it."""
    withheld = {"isr": (D("0.025"), TABLE), "iva": (D("0.08"), TABLE)}
    base = listing("MX", price=D(1160))
    with_rfc = build(replace(base, table=replace(base.table, withheld=withheld)))
    assert with_rfc.structure.withholding == (("isr", D("0.025")), ("iva", D("0.08")))
    assert line(with_rfc, "withholding_isr").amount == D("25.00")
    assert evaluate(with_rfc.structure, D(1160)).contribution == D(1000)
    isr = FeeGroup((RateFee("isr", (Tier(None, D("0.20")),), is_on_net=True),), TABLE)
    foreign = listing(
        "MX", price=D(1160), groups={"withholding_isr": isr}, terms={"withholding": "non_resident"}
    )
    lost = build(replace(foreign, table=replace(foreign.table, withheld={"iva": (D("0.16"), TABLE)})))
    assert evaluate(lost.structure, D(1160)).contribution == D(800)
    assert lost.structure.withholding == (("iva", D("0.16")),)


def test_advertising_is_a_share_a_price_per_click_or_measured() -> None:
    """150 spent on 1,500 net is 10 %; nothing sold is not nothing spent."""
    measured = Measured(units=60, shipped=60, net=D(1500), ads=D(150), ads_currency="USD", ads_currencies=1)
    by_fact = build(listing("US", profile={"ads_mode": "measured"}, measured=measured))
    assert line(by_fact, "advertising").rate == D("0.1")
    assert line(by_fact, "advertising").amount == D("3.00")
    click = {
        "ads_mode": "click",
        "ads_cost_per_click": D("0.60"),
        "ads_conversion_rate": D("0.12"),
        "ads_unit_share": D("0.4"),
    }
    by_click = build(listing("US", profile=click))
    assert by_click.structure.ads == AdsByClick(D("0.60"), D("0.12"), D("0.4"))
    assert line(by_click, "advertising").amount == D("2.00")
    unsold = build(listing("US", profile={"ads_mode": "measured"}, measured=Measured(ads=D(9))))
    assert line(unsold, "advertising").truth is Truth.MISSING


def test_returns_are_measured_unless_stated() -> None:
    """6 of 60 came back, 2 of them spoilt, 12 of fees: 10 %, 2 each, two thirds won back."""
    measured = Measured(units=60, shipped=60, net=D(1500), returned=6, spoilt=2, return_fees=D(12))
    built = build(
        listing("US", profile={"return_rate": None}, measured=measured, sheet=sheet("US", purchase="9"))
    )
    assert built.structure.returns is not None
    assert built.structure.returns.rate == D("0.1")
    assert built.structure.returns.processing == D(2)
    assert built.structure.returns.salvage == D("0.666667")
    assert built.structure.returns.landed == D(9)
    stated = build(listing("US", profile={"return_rate": D("0.04")}, measured=measured))
    assert line(stated, "returns").truth is Truth.STATED


def test_foreign_costs_are_converted_and_carry_a_buffer_where_rates_moved() -> None:
    """Still rates need no buffer; without rates the line is unknown and blocks."""
    yuan = replace(sheet("US", purchase="1"), lines={CostLine.PURCHASE: Money(D(40), "CNY")})
    built = build(listing("US", groups=us_fees(), sheet=yuan))
    assert line(built, "purchase").amount == D("6.2500")
    assert built.fx_on == ON
    assert "fx_buffer" not in {each.name for each in built.lines}
    short = build(listing("US", groups=us_fees(), sheet=yuan, convert=Converter("USD", ON, rates(days=20))))
    assert line(short, "fx_buffer").truth is Truth.MISSING
    blind = build(listing("US", groups=us_fees(), sheet=yuan, convert=Converter("USD", ON, rates(days=0))))
    assert "purchase" in blind.missing
    assert blind.structure.costs == ()


def test_storage_is_charged_for_the_sku_or_shared_out() -> None:
    """Its own charge over its units, else the store's over all units; a merchant's own goods have none."""
    own = build(listing("US", measured=Measured(units=60, storage=D(12), net=D(1500))))
    assert line(own, "storage").amount == D("0.2000")
    shared = build(listing("US", store=StoreMeasured(1000, D(50))))
    assert line(shared, "storage").amount == D("0.0500")
    merchant = build(listing("US", channel="merchant", sheet=sheet("US", purchase="8")))
    assert {"storage", "fulfilment"}.isdisjoint(each.name for each in merchant.lines)


def bundle(*skus: str) -> ListingFacts:
    """A bundle of two TENTs and one of each other SKU; a part costs 5 and 1 freight, packaging is its own."""
    known = sheet("US", purchase="5", first_leg="1", packaging="9")
    parts = tuple(Part(Component(sku, 2 if sku == "TENT" else 1), known) for sku in skus)
    return listing("US", groups=us_fees(), parts=parts, sheet=sheet("US", purchase="99", packaging="0.7"))


def test_a_bundle_costs_its_parts_and_its_own_packaging() -> None:
    """2 × 5 + 5 goods, 2 × 1 + 1 freight, 0.70 packaging of its own; a part without a sheet is missing."""
    built = build(bundle("TENT", "LAMP"))
    costs = {cost.name: cost.amount for cost in built.structure.costs}
    assert (costs["purchase"], costs["first_leg"], costs["packaging"]) == (D(15), D(3), D("0.7000"))
    assert "2 × TENT: cost sheet 7" in line(built, "purchase").reference
    whole = bundle("TENT", "LAMP")
    lost = build(replace(whole, parts=(whole.parts[0], replace(whole.parts[1], sheet=None))))
    assert lost.missing == ("purchase", "component LAMP")
    assert "purchase" not in {cost.name for cost in lost.structure.costs}


@given(
    st.sampled_from(["purchase", "first_leg", "referral", "fulfilment", "storage", "inbound"]),
    st.integers(0, 2_000),
)
@settings(max_examples=40, deadline=None)
def test_supposing_an_amount_moves_what_is_left_by_its_difference(name: str, cents: int) -> None:
    """Whatever stood there before, the contribution changes by the old amount less the new one."""
    facts = listing("US", groups=us_fees(), sheet=sheet("US", purchase="8", first_leg="1"))
    base, amount = build(facts), D(cents) / 100
    changed = suppose(facts, WhatIf(amounts={name: amount}), D(0))
    before = line(base, name).amount or D(0)
    left = evaluate(base.structure, D(30)).contribution - evaluate(changed.structure, D(30)).contribution
    assert left == amount - before
    assert line(changed, name).truth is Truth.STATED
