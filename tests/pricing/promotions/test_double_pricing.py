"""Former and future prices: verdicts and counted days against a brute-force oracle."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

from pricing.engine.double_pricing import FuturePrice, judge_former_price, judge_future_price
from pricing.engine.price_history import DatedPrice, PriceHistory

D = Decimal
ON = date(2026, 10, 1)
DAY = timedelta(days=1)
WAS, LOW = D(2000), D(1500)


def history(days: dict[int, list[Decimal]]) -> PriceHistory:
    """Prices by how many days before the day in question."""
    return PriceHistory(
        tuple(DatedPrice(ON - before * DAY, price) for before, prices in days.items() for price in prices)
    )


def oracle(market: str, days: dict[int, list[Decimal]]) -> bool:
    """The rule of a market read out plainly, day by day."""
    window = {"JP": 56, "US": 90, "MX": 60}[market]
    sold = at_price = early = 0
    since = None
    for before in range(1, 400):
        prices = days.get(before, [])
        counts = WAS in prices and all(price >= WAS for price in prices)
        if counts and since is None:
            since = before
        if before <= window:
            sold += bool(prices)
            at_price += counts
            early += counts and before > 30
    if market == "JP":
        return at_price > sold - at_price and at_price >= 14 and since is not None and since <= 14
    if market == "US":
        return at_price >= 28
    return at_price >= 15 and early > 0


def test_every_shape_of_a_history_gets_the_oracles_verdict() -> None:
    """Every combination of a former run, a sale and a gap at the edges of all limits, in three markets.

    A history is `old` days at the low price, `run` at the former one, `sale` at the low one and
    `gap` days without a record, counted back from the day in question: 13,824 verdicts.
    """
    runs = (0, 1, 13, 14, 15, 16, 27, 28, 29, 31, 45, 60, 89, 90, 91, 100)
    sales = (0, 1, 12, 13, 14, 15, 27, 28, 29, 30, 31, 40)
    for run, sale, gap, old in product(runs, sales, (0, 1, 2, 14), (0, 13, 14, 28, 29, 60)):
        days: dict[int, list[Decimal]] = {}
        before = gap + 1
        for count, price in ((sale, LOW), (run, WAS), (old, LOW)):
            for _ in range(count):
                days[before] = [price]
                before += 1
        past = history(days)
        for market in ("JP", "US", "MX"):
            found = judge_former_price(market, past, WAS, ON)
            assert found.may_show == oracle(market, days), (market, run, sale, gap, old, found.reasons)
            assert found.may_show == (not found.reasons)


def test_random_histories_get_the_oracles_verdict_and_days() -> None:
    """Gaps, several prices a day, dearer and cheaper ones: the counted days are exactly the oracle's."""
    rng = random.Random(4)
    shown = 0
    for _ in range(1_500):
        likely = rng.random()
        days = {
            before: [
                rng.choice([WAS, WAS, LOW, D(2500)]) if rng.random() > likely else WAS
                for _ in range(rng.randint(1, 2))
            ]
            for before in range(1, rng.randint(2, 110))
            if rng.random() > 0.1
        }
        market = rng.choice(["JP", "US", "MX"])
        found = judge_former_price(market, history(days), WAS, ON)
        assert found.may_show == oracle(market, days)
        shown += found.may_show
        window = {"JP": 56, "US": 90, "MX": 60}[market]
        assert found.counted == tuple(
            sorted(
                ON - n * DAY
                for n, prices in days.items()
                if n <= window and WAS in prices and min(prices) == WAS
            )
        )
        assert len(found.sold) == sum(n <= window for n in days)
    assert 300 < shown < 1_200


@pytest.mark.parametrize(("run", "sale", "shown"), [(28, 28, False), (29, 27, False), (43, 13, True)])
def test_the_japanese_limits_bite_on_their_day(run: int, sale: int, shown: bool) -> None:
    """Half of the days is not more than half, and four weeks ago is too long; 14 days ago is not."""
    days = {n: [LOW] for n in range(1, sale + 1)} | {n: [WAS] for n in range(sale + 1, sale + run + 1)}
    assert judge_former_price("JP", history(days), WAS, ON).may_show is shown


def test_the_reasons_say_what_is_lacking() -> None:
    """All faults at once, with the figures; not to be above the present price is one of them."""
    found = judge_former_price("JP", history({20: [WAS], 1: [LOW]}), WAS, ON, present=D(2100))
    assert [reason.code for reason in found.reasons] == [
        "not_above",
        "no_majority",
        "too_few_days",
        "too_long_ago",
    ]
    assert found.days_since == 20
    assert found.last_day == ON - 20 * DAY
    with pytest.raises(ValueError, match="no standard"):
        judge_former_price("DE", history({}), WAS, ON)


def test_the_day_itself_and_later_ones_prove_nothing() -> None:
    """What is shown on the day in question or after it is not the past."""
    future = history({-n: [WAS] for n in range(60)})
    found = judge_former_price("JP", future, WAS, ON)
    assert (found.counted, found.sold, found.may_show) == ((), (), False)


@pytest.mark.parametrize(
    ("plan", "codes"),
    [
        (None, ["no_plan"]),
        (FuturePrice(WAS, ON + 7 * DAY, None), []),
        (FuturePrice(WAS, ON + DAY, ON + 14 * DAY), []),
        (FuturePrice(WAS, ON + DAY, ON + 13 * DAY), ["too_short"]),
        (FuturePrice(WAS, ON, None), ["not_future"]),
        (FuturePrice(WAS, ON + 13 * DAY, None), ["too_late"]),
        (FuturePrice(WAS, ON + 12 * DAY, None), []),
        (FuturePrice(LOW, ON + DAY, None), ["other_price"]),
    ],
)
def test_a_future_price_needs_a_real_plan(plan: FuturePrice | None, codes: list[str]) -> None:
    """That price, after the day, within a week of the sale's end, for two weeks."""
    found = judge_future_price(WAS, ON, plan, sale_ends_on=ON + 5 * DAY)
    assert [reason.code for reason in found] == codes
