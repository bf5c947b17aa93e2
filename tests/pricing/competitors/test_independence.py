"""Prices that follow another market's are found; prices of their own are not accused."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest

from pricing.rules.independence import MarketPrice, find_derived, find_references
from pricing.rules.syntax import ActionCall, AllOf, Condition, Limits, Not, Operator, Rule, RuleSet

D = Decimal
FIRST = date(2026, 6, 1)


def rate_on(frm: str, to: str, day: date) -> Decimal | None:
    """Dollars in yen, a little different every day; nothing else is known."""
    if (frm, to) == ("USD", "JPY"):
        return D(150) + D((day - FIRST).days % 9) / 4
    if (frm, to) == ("JPY", "USD"):
        return 1 / (D(150) + D((day - FIRST).days % 9) / 4)
    return None


def us(*amounts: str) -> list[MarketPrice]:
    """A price every ten days in dollars."""
    return [MarketPrice(FIRST + timedelta(days=10 * n), D(amount), "USD") for n, amount in enumerate(amounts)]


def jp(amounts: list[Decimal], lag: int = 1) -> list[MarketPrice]:
    """A price every ten days in yen, `lag` days later."""
    return [
        MarketPrice(FIRST + timedelta(days=10 * n + lag), amount, "JPY") for n, amount in enumerate(amounts)
    ]


def followed(source: list[MarketPrice], factor: str = "1", lag: int = 1) -> list[MarketPrice]:
    """What somebody sets who converts the dollars of the day."""
    return jp(
        [
            (
                price.amount * (rate_on("USD", "JPY", price.day + timedelta(days=lag)) or D(0)) * D(factor)
            ).quantize(D(1))
            for price in source
        ],
        lag,
    )


def test_prices_that_are_converted_are_found() -> None:
    """Three dollar prices and their yen a day later: the later market follows."""
    source = us("20", "22", "19", "21")
    (found,) = find_derived({"TENT": {"US": source, "JP": followed(source)}}, rate_on)
    assert (found.market, found.from_market, found.factor) == ("JP", "US", D(1))
    assert (found.matches, found.sets) == (4, 4)
    assert "TENT" in found.reason


def test_a_constant_surcharge_does_not_hide_it() -> None:
    """Converted and ten per cent on top, three different prices: still derived, and the factor is told."""
    source = us("20", "22", "19")
    (found,) = find_derived({"TENT": {"US": source, "JP": followed(source, "1.10")}}, rate_on)
    assert abs(found.factor - D("1.1")) < D("0.002")


@pytest.mark.parametrize(
    "prices",
    [
        jp([D(2980), D(3280), D(2480), D(3180)]),
        jp([D(2980)] * 4),
        followed(us("20", "22")),
    ],
)
def test_prices_of_their_own_are_not_accused(prices: list[MarketPrice]) -> None:
    """Yen that move by themselves or not at all, and two matches, are no proof."""
    assert find_derived({"TENT": {"US": us("20", "22", "19", "21"), "JP": prices}}, rate_on) == ()


def test_two_prices_that_never_move_accuse_nobody() -> None:
    """A constant relation between constants is no relation."""
    assert find_derived({"T": {"US": us("20", "20", "20"), "JP": jp([D(3600)] * 3)}}, rate_on) == ()


def test_random_prices_are_hardly_ever_accused() -> None:
    """Among 300 pairs of independent prices there is none that three in five times hits half a per cent."""
    rng = random.Random(5)
    prices = {
        f"S{n}": {
            "US": us(*(str(rng.randint(1500, 3000) / D(100)) for _ in range(8))),
            "JP": jp([D(rng.randint(2200, 4600)) for _ in range(8)]),
        }
        for n in range(300)
    }
    assert find_derived(prices, rate_on) == ()


def test_without_a_rate_nothing_is_concluded() -> None:
    """Pesos have no rate here."""
    source = us("20", "22", "19")
    pesos = [MarketPrice(price.day, price.amount * 18, "MXN") for price in source]
    assert find_derived({"TENT": {"US": source, "MX": pesos}}, rate_on) == ()


def rule_set(reason: str = "", value: str = "hero") -> RuleSet:
    """A set with one rule."""
    when = AllOf((Condition("tier", Operator.EQ, value), Not(Condition("event", Operator.IN, ("obon",)))))
    return RuleSet("Set", (Rule("one", when, ActionCall("hold"), reason=reason),), Limits())


@pytest.mark.parametrize(
    ("reason", "market", "others"),
    [
        ("US price times 150", "JP", ["US"]),
        ("us_price * fx", "MX", ["US"]),
        ("follow the price in US", "JP", ["US"]),
        ("按美国售价换算", "JP", ["US"]),
        ("米国の価格に合わせる", "JP", ["US"]),
        ("igual que en Estados Unidos", "MX", ["US"]),
        ("price_jp / 150", "US", ["JP"]),
        ("like México", "US", ["MX"]),
        ("US price times 1.1", "US", []),
        ("it helps us; price stays", "JP", []),
        ("match the lowest rival", "JP", []),
    ],
)
def test_rule_sets_that_speak_of_another_market_are_found(
    reason: str, market: str, others: list[str]
) -> None:
    """In any of the four languages; a rule set's own market and the English "us" are not meant."""
    found = find_references(rule_set(reason), market, ("US", "JP", "MX"))
    assert [each.other for each in found] == others
    assert all(each.pointer == "/rules/0/reason" for each in found)


def test_conditions_are_read_too() -> None:
    """A value of a condition that names another market's price."""
    (found,) = find_references(rule_set(value="us_price_cut"), "JP", ("US", "JP"))
    assert (found.pointer, found.other) == ("/rules/0/when", "US")
