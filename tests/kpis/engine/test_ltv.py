"""The lifetime models equal their published figures, and find again what made simulated customers."""

from __future__ import annotations

import numpy as np
import pytest

from kpis.engine.ltv import BGNBD, CannotFit, Customers, GammaGamma, fit, fit_amounts, fit_purchases

# Estimates of the papers from the CDNOW sample (2,357 customers, weeks).
CDNOW = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
CDNOW_AMOUNTS = GammaGamma(p=6.25, q=3.74, gamma=15.44)


def one(repeats: float, recency: float, age: float, amount: float = 0.0) -> Customers:
    """A single customer."""
    return Customers.of([(repeats, recency, age, amount)])


def test_expected_purchases_are_those_of_the_paper() -> None:
    """Fader, Hardie, Lee (2005), p. 281: x = 2, t_x = 30.43, T = 38.86 buys 1.226 times in 39 weeks."""
    assert CDNOW.expected_purchases(one(2, 30.43, 38.86), 39)[0] == pytest.approx(1.226, abs=5e-4)


def test_expected_amounts_are_those_of_the_note() -> None:
    """Fader, Hardie (2013): the population's mean is gamma·p / (q − 1) = 35.2; a customer's lies between it
    and their own mean, the nearer the more they bought."""
    assert CDNOW_AMOUNTS.expected_amount(one(0, 0, 10))[0] == pytest.approx(35.22, abs=0.01)
    once, often = (CDNOW_AMOUNTS.expected_amount(one(x, 5, 10, 22.35))[0] for x in (2, 40))
    assert once == pytest.approx(24.66, abs=0.01)
    assert 22.35 < often < once < 35.22


def test_a_likelihood_is_a_probability_density() -> None:
    """Without a repeat in T the likelihood is the probability of none: it falls with T and is 1 at 0."""
    found = [CDNOW.log_likelihood(one(0, 0, age)) for age in (0, 1, 10, 100)]
    assert found[0] == pytest.approx(0)
    assert found == sorted(found, reverse=True)


def test_a_customer_without_a_repeat_cannot_have_gone() -> None:
    """In this model customers go only after a repeat; silence makes the others ever less likely alive."""
    assert CDNOW.alive(one(0, 0, 200))[0] == 1
    chances = [CDNOW.alive(one(3, 10, age))[0] for age in (10, 20, 40, 80)]
    assert chances == sorted(chances, reverse=True)


def simulate(model: BGNBD, amounts: GammaGamma, n: int, seed: int) -> Customers:
    """Customers who behave exactly as the models say, first seen 10 to 60 weeks ago."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        rate, leaves = rng.gamma(model.r, 1 / model.alpha), rng.beta(model.a, model.b)
        age, now, last, repeats = rng.uniform(10, 60), 0.0, 0.0, 0
        while True:
            now += rng.exponential(1 / rate)
            if now > age:
                break
            repeats, last = repeats + 1, now
            if rng.random() < leaves:
                break
        scale = rng.gamma(amounts.q, 1 / amounts.gamma)
        paid = rng.gamma(amounts.p, 1 / scale, repeats).mean() if repeats else 0.0
        rows.append((repeats, last, age, paid))
    return Customers.of(rows)


def test_the_fit_finds_what_made_the_customers() -> None:
    """8,000 simulated customers: the population's behaviour comes back, and nothing is more likely."""
    true, amounts = BGNBD(0.8, 6.0, 0.9, 2.5), GammaGamma(6.0, 4.0, 15.0)
    customers = simulate(true, amounts, 8000, seed=3)
    found = fit(customers)
    assert found.purchases.r / found.purchases.alpha == pytest.approx(0.8 / 6, rel=0.08)
    assert found.purchases.a / (found.purchases.a + found.purchases.b) == pytest.approx(0.9 / 3.4, rel=0.1)
    mean = found.amounts.p * found.amounts.gamma / (found.amounts.q - 1)
    assert mean == pytest.approx(6 * 15 / 3, rel=0.03)
    assert found.purchases.log_likelihood(customers) >= true.log_likelihood(customers)
    assert found.amounts.log_likelihood(customers) >= amounts.log_likelihood(customers)


def test_expected_purchases_come_true() -> None:
    """What the model expects of the next weeks is what simulated customers then do, on average."""
    true = BGNBD(0.8, 6.0, 0.9, 2.5)
    rng = np.random.default_rng(8)
    rows, later = [], []
    for _ in range(20000):
        rate, leaves = rng.gamma(true.r, 1 / true.alpha), rng.beta(true.a, true.b)
        now, times = 0.0, []
        while now < 60:
            now += rng.exponential(1 / rate)
            if now >= 60:
                break
            times.append(now)
            if rng.random() < leaves:
                break
        seen = [time for time in times if time <= 30]
        rows.append((len(seen), seen[-1] if seen else 0.0, 30.0, 0.0))
        later.append(len(times) - len(seen))
    expected = true.expected_purchases(Customers.of(rows), 30)
    assert float(np.mean(expected)) == pytest.approx(float(np.mean(later)), rel=0.03)


def test_the_unit_of_time_does_not_matter() -> None:
    """Days instead of weeks: alpha is seven times as large, nothing else changes."""
    customers = simulate(BGNBD(0.8, 6.0, 0.9, 2.5), CDNOW_AMOUNTS, 1500, seed=5)
    days = Customers(customers.repeats, customers.recency * 7, customers.age * 7, customers.mean_amount)
    weekly, daily = fit_purchases(customers), fit_purchases(days)
    assert daily.alpha == pytest.approx(weekly.alpha * 7, rel=1e-3)
    assert (daily.r, daily.a, daily.b) == pytest.approx((weekly.r, weekly.a, weekly.b), rel=1e-3)


def test_too_little_to_go_by_is_said() -> None:
    """A handful of customers, or none who came back, gives a reason and no numbers."""
    with pytest.raises(CannotFit, match="too_few_customers"):
        fit(Customers.of([(1, 2.0, 3.0, 4.0)] * 10))
    with pytest.raises(CannotFit, match="too_few_customers"):
        fit_amounts(Customers.of([(0, 0.0, 3.0, 0.0)] * 100))
