"""What laws and platforms say to a price: a table per market, both sides of every bound."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import pricing.rules.checks as checks_package
from pricing.engine.price_history import PriceClaim, PriceHistory
from pricing.rules.checks import CHECKS, check_price
from pricing.rules.checks.former_price import CODES
from pricing.rules.refusals import find_refusal
from pricing.types import Bounds, PriceCheck
from tests.pricing.competitors.listings import ON, history, listing

D = Decimal


def codes(found: tuple[PriceCheck, ...]) -> dict[str, bool]:
    """The codes found, each with whether it blocks."""
    return {check.code: check.blocks for check in found}


def claim(**values: Any) -> PriceClaim:
    """A claim with texts read as amounts."""
    read: dict[str, Any] = {name: D(v) if isinstance(v, str) else v for name, v in values.items()}
    return PriceClaim(**read)


MINIMUM = Bounds(advertised=D(1900))
FULL = history((90, 1, "2000"))

JP: list[tuple[str, str, PriceHistory | None, PriceClaim | None, Bounds, dict[str, bool]]] = [
    ("points at half", "2000", FULL, claim(points="1000"), Bounds(highest=D(3000)), {}),
    ("points over half", "2000", FULL, claim(points="1001"), Bounds(highest=D(3000)), {"jp_points": True}),
    ("no tax in it", "2000", FULL, claim(is_tax_included=False), Bounds(), {"jp_total_display": True}),
    (
        "a charge beside",
        "2000",
        FULL,
        claim(surcharges=(("COD", D(330)),)),
        Bounds(),
        {"jp_total_display": True},
    ),
    ("MAP is no law there", "1800", FULL, None, MINIMUM, {"jp_resale_price": False}),
    ("half is not an error", "1000", FULL, None, Bounds(), {}),
    ("below half is one", "999", FULL, None, Bounds(), {"jp_price_error": True}),
    ("one and a half", "3000", FULL, None, Bounds(highest=D(3000)), {"amazon_fair_price": False}),
    ("beyond it", "3001", FULL, None, Bounds(), {"jp_price_error": True, "amazon_fair_price": True}),
    ("no highest price", "2100", FULL, None, Bounds(), {"jp_no_highest_price": False}),
    ("over the highest", "2101", FULL, None, Bounds(highest=D(2100)), {"platform_bounds": True}),
    ("under the lowest", "1899", FULL, None, Bounds(lowest=D(1900)), {"platform_bounds": True}),
]


@pytest.mark.parametrize(
    ("_name", "price", "past", "said", "bounds", "expected"), JP, ids=[row[0] for row in JP]
)
def test_japan(
    _name: str,
    price: str,
    past: PriceHistory | None,
    said: PriceClaim | None,
    bounds: Bounds,
    expected: dict[str, bool],
) -> None:
    """総額表示, points of at most half, no resale prices, prices that look like mistakes."""
    assert codes(check_price(listing("JP", bounds=bounds), D(price), past, said)) == expected


DOUBLE: list[tuple[str, PriceHistory | None, bool]] = [
    ("eight weeks at it", history((60, 1, "2000")), True),
    ("29 of 56 days, until yesterday", history((60, 30, "1800"), (29, 1, "2000")), True),
    ("exactly half is not more than half", history((60, 29, "1800"), (28, 1, "2000")), False),
    ("two weeks in all, new on sale", history((14, 1, "2000")), True),
    ("thirteen days only", history((13, 1, "2000")), False),
    ("last asked two weeks ago", history((56, 14, "2000"), (13, 1, "1800")), True),
    ("last asked more than two weeks ago", history((56, 15, "2000"), (14, 1, "1800")), False),
    ("never at that price", history((60, 1, "1990")), False),
    ("cheaper on the same days", history((60, 1, "2000"), (60, 1, "1500")), False),
    ("nothing recorded", PriceHistory(), False),
    ("nobody has told", None, False),
]


@pytest.mark.parametrize(("_name", "past", "is_proved"), DOUBLE, ids=[row[0] for row in DOUBLE])
def test_a_former_price_in_japan_needs_its_eight_weeks(
    _name: str, past: PriceHistory | None, is_proved: bool
) -> None:
    """二重価格表示: more than half of eight weeks, two weeks in all, at most two weeks ago."""
    said, context = claim(reference_price="2000"), listing("JP", bounds=Bounds(highest=D(3000)))
    found = codes(check_price(context, D(1700), past, said))
    assert found.get("jp_double_price", False) is not is_proved


def test_a_former_price_is_above_the_present_one() -> None:
    """A "was" price that is not higher than the price is refused in every market, whatever the evidence."""
    for market, code in (("JP", "jp_double_price"), ("US", "us_former_price"), ("MX", "mx_former_price")):
        past = history((90, 1, "200"))
        assert codes(check_price(listing(market), D(200), past, claim(reference_price="200")))[code]


US: list[tuple[str, str, PriceHistory | None, PriceClaim | None, dict[str, Any], dict[str, bool]]] = [
    ("at MAP", "20", None, None, {"bounds": Bounds(advertised=D(20))}, {}),
    ("below MAP", "19.99", None, None, {"bounds": Bounds(advertised=D(20))}, {"us_map": True}),
    ("28 days", "18", history((90, 29, "18"), (28, 1, "20")), claim(reference_price="20"), {}, {}),
    (
        *("27 days", "18", history((90, 28, "18"), (27, 1, "20")), claim(reference_price="20"), {}),
        {"us_former_price": True},
    ),
    (
        *("too long ago", "18", history((150, 91, "20"), (90, 1, "18")), claim(reference_price="20"), {}),
        {"us_former_price": True},
    ),
    ("a fifth above", "24", history((90, 1, "20")), None, {}, {}),
    ("more", "24.01", history((90, 1, "20")), None, {}, {"amazon_fair_price": False}),
    ("half above", "30", history((90, 1, "20")), None, {}, {"amazon_fair_price": False}),
    ("beyond it", "30.01", history((90, 1, "20")), None, {}, {"amazon_fair_price": True}),
    ("after a coupon", "30.01", history((90, 1, "20")), claim(coupon="6.01"), {}, {}),
    ("coupons of the past", "24", history((90, 1, "24"), effective="20"), None, {}, {}),
    (
        "the same a cent on",
        "24.01",
        history((90, 1, "24"), effective="20"),
        None,
        {},
        {"amazon_fair_price": False},
    ),
    ("as dear as elsewhere", "20", None, claim(external_price="20"), {}, {}),
    ("dearer", "20.01", None, claim(external_price="20"), {}, {"amazon_external_price": False}),
    ("not on Amazon", "30.01", history((90, 1, "20")), claim(external_price="9"), {"platform": "ebay"}, {}),
    ("pack of two at twice", "20", None, claim(packs=((1, D(10)),)), {"pack_size": 2}, {}),
    (
        *("pack of two above twice", "20.01", None, claim(packs=((1, D(10)),)), {"pack_size": 2}),
        {"amazon_pack_price": True},
    ),
    ("one of a dearer pack", "9.99", None, claim(packs=((2, D(20)),)), {}, {"amazon_pack_price": True}),
    ("Japan's rules are not asked", "20", None, claim(points="15"), {}, {}),
]


@pytest.mark.parametrize(
    ("_name", "price", "past", "said", "changes", "expected"), US, ids=[row[0] for row in US]
)
def test_united_states_and_amazon(
    _name: str,
    price: str,
    past: PriceHistory | None,
    said: PriceClaim | None,
    changes: dict[str, Any],
    expected: dict[str, bool],
) -> None:
    """MAP, former prices, fair pricing by what buyers truly paid, external prices, packs."""
    assert codes(check_price(listing("US", **changes), D(price), past, said)) == expected


@pytest.mark.parametrize(
    ("events", "since", "price", "is_blocked"),
    [
        ((), None, "25", False),
        (("emergency",), None, "20", False),
        (("emergency",), None, "20.01", True),
        (("emergency:2026-08-01",), None, "19", False),
        (("emergency:2026-08-01",), None, "16.51", True),
        (("emergency:2026-08-01",), None, "16.50", False),
        (("emergency:not-a-day",), None, "20.01", True),
        ((), date(2026, 8, 1), "16.51", True),
        (("holiday",), None, "21", False),
    ],
)
def test_no_price_goes_up_in_an_emergency(
    events: tuple[str, ...], since: date | None, price: str, is_blocked: bool
) -> None:
    """Frozen at the present price, and at 110 % of what was usual before its first day."""
    usual = "15" if D(price) < 19 else "18"
    past = history((60, 14, usual), (13, 1, "20"))
    found = codes(check_price(listing("US", events=events), D(price), past, claim(emergency_since=since)))
    assert found.get("emergency_freeze", False) is is_blocked


def test_an_emergency_without_any_known_price_blocks() -> None:
    """Nobody can say that it is no increase."""
    context = listing("US", price=None, events=("emergency",))
    assert codes(check_price(context, D(20))) == {"emergency_freeze": True}


MX: list[tuple[str, str, PriceHistory | None, PriceClaim | None, dict[str, bool]]] = [
    ("all in", "200", None, None, {}),
    ("OXXO surcharge", "200", None, claim(surcharges=(("OXXO", D(12)),)), {"mx_all_charges": True}),
    ("no IVA in it", "200", None, claim(is_tax_included=False), {"mx_all_charges": True}),
    ("below the bound", "298.99", None, None, {}),
    ("at the bound", "299", None, None, {"tier_dead_zone": True}),
    ("in the dead zone", "360", None, None, {"tier_dead_zone": True}),
    ("beyond it", "368", None, None, {}),
    ("proved", "200", history((60, 1, "250")), claim(reference_price="250"), {}),
    ("14 days", "200", history((60, 47, "250")), claim(reference_price="250"), {"mx_former_price": True}),
    ("raised before", "200", history((60, 31, "200"), (30, 1, "250")), claim(reference_price="250"),
     {"mx_former_price": True}),
    ("nobody has told", "200", None, claim(reference_price="250"), {"mx_former_price": True}),
]  # fmt: skip


@pytest.mark.parametrize(("_name", "price", "past", "said", "expected"), MX, ids=[row[0] for row in MX])
def test_mexico(
    _name: str, price: str, past: PriceHistory | None, said: PriceClaim | None, expected: dict[str, bool]
) -> None:
    """Every charge inside the shown price, Mercado Libre's bound at 299, discounts that are true."""
    context = listing("MX", platform="mercado_libre")
    assert codes(check_price(context, D(price), past, said)) == expected


def test_a_dead_zone_names_both_ways_out() -> None:
    """The price below the bound, and the first one above that leaves as much."""
    (found,) = check_price(listing("MX", platform="mercado_libre"), D(320))
    assert (found.values["bound"], found.values["better"]) == ("299", "298.99")
    assert D(found.values["or_from"]) > D(320)
    assert not check_price(listing("MX", platform="mercado_libre"), D(found.values["or_from"]))


def test_moving_within_a_dead_zone_is_told_and_not_blocked() -> None:
    """A price that stands in the zone already may take a step towards the way out."""
    inside = listing("MX", platform="mercado_libre", price=D(340))
    assert codes(check_price(inside, D(330))) == {"tier_dead_zone": False}


def test_blocking_findings_come_first() -> None:
    """Who reads only the first line reads the worst."""
    said = claim(external_price="10", reference_price="99")
    found = check_price(listing("US"), D(20), None, said)
    assert [check.blocks for check in found] == [True, False]


def test_every_check_has_a_file_a_reference_and_lawful_words() -> None:
    """One file per check, one line in the table; no text of a check names a refused practice."""
    folder = Path(checks_package.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "given"}
    assert files == set(CHECKS)
    every = [claim(points="1501", reference_price="1", surcharges=(("x", D(1)),), external_price="1",
                   packs=((1, D(1)), (3, D(1))), is_tax_included=False)]  # fmt: skip
    met = set()
    for market in ("US", "JP", "MX"):
        bounds = Bounds(D(1), D(2), D(9_999))
        context = replace(listing(market, bounds=bounds, events=("emergency",), pack_size=2), price=D(5))
        price = D(320) if market == "MX" else D(3000)
        for found in check_price(context, price, history((90, 1, "5")), every[0]):
            met.add(found.code)
            assert found.reference
            assert find_refusal(found.text) is None
    assert met == set(CHECKS) - {"former_price"} | set(CODES.values())


def test_history_counts_days_and_not_rows() -> None:
    """Two facts of a day are one day; the cheapest of them is what was asked."""
    past = history((10, 1, "20"), (5, 3, "18"))
    first, last = ON - timedelta(days=10), ON - timedelta(days=1)
    assert (past.days(first, last), past.days_at(D(20), first, last), past.days_at(D(18), first, last)) == (
        10,
        7,
        3,
    )
    assert past.last_day_at(D(18), ON) == ON - timedelta(days=3)
    assert past.usual(ON, 10) == D(20)
    assert PriceHistory().usual(ON, 10) is None
