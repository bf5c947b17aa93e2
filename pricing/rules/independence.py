"""Whether a market's prices are its own: a price may not follow another market's price through a rate.

A market has its own cost, law and rivals. What is derived shows: price after price is another market's price
times the exchange rate, or a rule set of one market speaks of another. Findings warn and name the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pricing.engine.robust import median
from pricing.rules.syntax import AllOf, AnyOf, Clause, Condition, Not, RuleSet

TOLERANCE = Decimal("0.005")
LEAST_MATCHES = 3
LEAST_SHARE = Decimal("0.60")

RateOn = Callable[[str, str, date], Decimal | None]
"""How many units of the second currency one of the first is worth on a day; None: not known."""


@dataclass(frozen=True, slots=True)
class MarketPrice:
    """A price set in a market: the day it was first shown, the amount, its currency."""

    day: date
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Derived:
    """A market's prices of a SKU follow those of another market.

    `factor` is the constant between converted and shown price (1: the bare rate), `matches` of `sets` prices
    of the market agree with it within the tolerance.
    """

    market: str
    from_market: str
    sku: str
    factor: Decimal
    matches: int
    sets: int

    @property
    def reason(self) -> str:
        """The finding in a sentence."""
        return (
            f"{self.matches} of {self.sets} prices of {self.sku} in {self.market} are its price in "
            f"{self.from_market} at the day's exchange rate times {self.factor}."
        )


@dataclass(frozen=True, slots=True)
class ForeignReference:
    """A rule set of one market that speaks of another: where and with what words."""

    market: str
    other: str
    pointer: str
    text: str


def find_derived(
    prices: Mapping[str, Mapping[str, Sequence[MarketPrice]]], rate_on: RateOn
) -> tuple[Derived, ...]:
    """Return the markets whose prices follow another's, of prices by SKU and market (each once, when set).

    A price counts as following if the other market's price of that day, converted and times one constant
    factor, is within 0.5 %. It takes three such prices, and three in five of those set, of which at least two
    differ; a constant factor beside 1 (a tax, a surcharge) must hold over three different prices of the other
    market, so that two prices that never move accuse nobody. Each pair is told once: the market that moved
    later, on the whole, follows.
    """
    found = [
        finding
        for sku, markets in sorted(prices.items())
        for market, other in _pairs(markets)
        if (finding := _follows(sku, market, other, markets, rate_on)) is not None
    ]
    return tuple(found)


def find_references(rule_set: RuleSet, market: str, markets: Iterable[str]) -> tuple[ForeignReference, ...]:
    """Return the places of a rule set for `market` that speak of another one ("us_price", "precio EUA")."""
    return tuple(
        ForeignReference(market, other, pointer, text)
        for pointer, text in _texts(rule_set)
        for other in sorted(set(markets) - {market})
        if (_NAMES.get(other) or _speaking_of(other.casefold())).search(text.casefold())
    )


_PRICE = r"(?:price|precio|価格|价格|售价)"


def _speaking_of(code: str, *names: str) -> re.Pattern[str]:
    """A code counts beside a word of prices or after "market:"; "us" alone is an English word."""
    beside = (
        rf"(?<![a-z]){code}[_ .-]?{_PRICE}",
        rf"{_PRICE}[_ .-](?:in[_ ]|en[_ ])?{code}(?![a-z])",
        rf"market[:=_ ]{code}(?![a-z])",
    )
    return re.compile("|".join((*beside, *names)))


_NAMES: Mapping[str, re.Pattern[str]] = {
    "US": _speaking_of("us", "美国", "米国", "アメリカ", "united states", "estados unidos", r"\beua\b"),
    "JP": _speaking_of("jp", "日本", r"\bjapan", r"\bjapón\b"),
    "MX": _speaking_of("mx", "墨西哥", "メキシコ", r"\bm[eé]xic"),
}


def _pairs(markets: Mapping[str, Sequence[MarketPrice]]) -> Iterator[tuple[str, str]]:
    names = sorted(name for name, prices in markets.items() if prices)
    for number, first in enumerate(names):
        for second in names[number + 1 :]:
            lead = _mean_day(markets[first]) - _mean_day(markets[second])
            yield (second, first) if lead <= 0 else (first, second)


def _mean_day(prices: Sequence[MarketPrice]) -> int:
    return sum(price.day.toordinal() for price in prices) // len(prices)


def _follows(
    sku: str,
    market: str,
    other: str,
    markets: Mapping[str, Sequence[MarketPrice]],
    rate_on: RateOn,
) -> Derived | None:
    source = sorted(markets[other], key=lambda price: price.day)
    ratios: list[tuple[Decimal, Decimal, Decimal]] = []
    for price in markets[market]:
        standing = _standing(source, price.day)
        if standing is None or standing.amount <= 0:
            continue
        rate = rate_on(standing.currency, price.currency, price.day)
        if rate is not None and rate > 0:
            ratios.append((price.amount / (standing.amount * rate), price.amount, standing.amount))
    return _judge(sku, market, other, ratios)


def _judge(
    sku: str, market: str, other: str, ratios: Sequence[tuple[Decimal, Decimal, Decimal]]
) -> Derived | None:
    if len(ratios) < LEAST_MATCHES:
        return None
    middle = median([ratio for ratio, _, _ in ratios])
    for factor, least_sources in ((Decimal(1), 1), (middle, LEAST_MATCHES)):
        matching = [each for each in ratios if abs(each[0] / factor - 1) <= TOLERANCE]
        shown, sources = {each[1] for each in matching}, {each[2] for each in matching}
        is_enough = len(matching) >= LEAST_MATCHES and len(matching) >= LEAST_SHARE * len(ratios)
        if is_enough and len(shown) > 1 and len(sources) >= least_sources:
            rounded = Decimal(1) if factor == 1 else factor.quantize(Decimal("0.0001"))
            return Derived(market, other, sku, rounded, len(matching), len(ratios))
    return None


def _standing(prices: Sequence[MarketPrice], day: date) -> MarketPrice | None:
    """The price that stood on a day, of prices in order of their days."""
    return next((price for price in reversed(prices) if price.day <= day), None)


def _texts(rule_set: RuleSet) -> Iterator[tuple[str, str]]:
    yield "/name", rule_set.name
    for number, rule in enumerate(rule_set.rules):
        at = f"/rules/{number}"
        yield f"{at}/key", rule.key
        yield f"{at}/reason", rule.reason
        for text in _words(rule.when):
            yield f"{at}/when", text
        for name, value in rule.then.values.items():
            yield f"{at}/then/{name}", name if not isinstance(value, str) else f"{name} {value}"


def _words(clause: Clause) -> Iterator[str]:
    if isinstance(clause, Condition):
        yield clause.signal
        if isinstance(clause.value, str):
            yield clause.value
        elif isinstance(clause.value, tuple):
            yield from clause.value
    elif isinstance(clause, Not):
        yield from _words(clause.clause)
    elif isinstance(clause, AllOf | AnyOf):
        for part in clause.clauses:
            yield from _words(part)
