"""What customers will buy: BG/NBD for how often, Gamma-Gamma for how much. Published models, no invention.

Fader, Hardie, Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2): while a customer
is alive, purchases are Poisson with a gamma-distributed rate (r, alpha); after each purchase a customer goes
for good with a beta-distributed probability (a, b). Fader, Hardie (2013), The Gamma-Gamma model of monetary
value: mean amounts per purchase vary between customers by a gamma with parameters p, q, gamma, independently
of how often they buy.

Time is in any unit that is used throughout (here: weeks). Estimates are maximum likelihood; floats are right
here, because these are estimates and never booked money.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

Array = NDArray[np.float64]

# Parameters are sought between e^-8 and e^8: beyond it a distribution is a point for all purposes.
_BOUND = 8.0
_TINY = 1e-12
LEAST_CUSTOMERS, LEAST_REPEATERS = 50, 20


@dataclass(frozen=True, slots=True)
class Customers:
    """Buyers as the models see them, one element each.

    `repeats` (x): purchases after the first; `recency` (t_x): time from the first to the last one, 0 without
    a repeat; `age` (T): time from the first purchase to now; `mean_amount`: mean of the repeats' amounts
    (0 without one).
    """

    repeats: Array
    recency: Array
    age: Array
    mean_amount: Array

    @classmethod
    def of(cls, rows: Sequence[tuple[float, float, float, float]]) -> Customers:
        """From (repeats, recency, age, mean amount) of each customer."""
        table = np.array(rows, dtype=np.float64).reshape(-1, 4)
        return cls(*(table[:, n] for n in range(4)))


class CannotFit(Exception):
    """There is too little to estimate from, or no maximum was found; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class BGNBD:
    """Estimates of the BG/NBD model."""

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, customers: Customers) -> float:
        """Equation 6 of the paper, summed over the customers."""
        return float(np.sum(self.log_likelihoods(customers)))

    def log_likelihoods(self, customers: Customers) -> Array:
        """The same of each customer: alive until now, or gone right after the last purchase (only those who
        came back can have gone)."""
        x, t_x, age = customers.repeats, customers.recency, customers.age
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        base = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
        alive = betaln(a, b + x) - (r + x) * np.log(alpha + age)
        gone = betaln(a + 1, np.maximum(b + x - 1, _TINY)) - (r + x) * np.log(alpha + t_x)
        return np.asarray(base + np.logaddexp(alive, np.where(x > 0, gone, -np.inf)))

    def expected_purchases(self, customers: Customers, horizon: float) -> Array:
        """E[Y(t) | x, t_x, T]: purchases of each customer in the next `horizon` (equation 10)."""
        x, t_x, age = customers.repeats, customers.recency, customers.age
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        total = alpha + age + horizon
        hyper = hyp2f1(r + x, b + x, a + b + x - 1, horizon / total)
        above = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / total) ** (r + x) * hyper)
        return np.asarray(above / (1 + self._odds_gone(x, t_x, age)))

    def alive(self, customers: Customers) -> Array:
        """The probability that each customer has not gone for good."""
        odds = self._odds_gone(customers.repeats, customers.recency, customers.age)
        return np.asarray(1 / (1 + odds))

    def _odds_gone(self, x: Array, t_x: Array, age: Array) -> Array:
        ratio = ((self.alpha + age) / (self.alpha + t_x)) ** (self.r + x)
        return np.where(x > 0, self.a / np.maximum(self.b + x - 1, _TINY) * ratio, 0.0)


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Estimates of the Gamma-Gamma model; `gamma` is in the money of the amounts."""

    p: float
    q: float
    gamma: float

    def log_likelihood(self, customers: Customers) -> float:
        """Equation 1a of the note, summed over the customers who came back."""
        x, mean = _repeated(customers)
        p, q, gamma = self.p, self.q, self.gamma
        parts = (
            gammaln(p * x + q)
            - gammaln(p * x)
            - gammaln(q)
            + q * np.log(gamma)
            + (p * x - 1) * np.log(mean)
            + p * x * np.log(x)
            - (p * x + q) * np.log(gamma + mean * x)
        )
        return float(np.sum(parts))

    def expected_amount(self, customers: Customers) -> Array:
        """E[M | m, x]: the mean amount of each customer's future purchases (equation 5); without a repeat
        that of the whole population."""
        x, mean = customers.repeats, customers.mean_amount
        return np.asarray((self.gamma + mean * x) * self.p / (self.p * x + self.q - 1))


@dataclass(frozen=True, slots=True)
class Fit:
    """Both models with the size of what they were estimated from."""

    purchases: BGNBD
    amounts: GammaGamma
    customers: int
    repeaters: int

    def expected_value(self, customers: Customers, horizon: float) -> Array:
        """Sales of each customer expected in the next `horizon`, not discounted."""
        often = self.purchases.expected_purchases(customers, horizon)
        return np.asarray(often * self.amounts.expected_amount(customers))


def fit(customers: Customers) -> Fit:
    """Estimate both models; `CannotFit` for too few customers or where no sound maximum is found."""
    repeated, _ = _repeated(customers)
    if len(customers.repeats) < LEAST_CUSTOMERS or len(repeated) < LEAST_REPEATERS:
        raise CannotFit("too_few_customers")
    return Fit(fit_purchases(customers), fit_amounts(customers), len(customers.repeats), len(repeated))


def fit_purchases(customers: Customers) -> BGNBD:
    """Maximum likelihood of the BG/NBD model."""
    # The scale of time is taken out, so that days and weeks start from the same place.
    scale = float(np.mean(customers.age)) or 1.0
    scaled = Customers(
        customers.repeats, customers.recency / scale, customers.age / scale, customers.mean_amount
    )
    table = np.column_stack([scaled.repeats, scaled.recency, scaled.age])
    rows, counts = np.unique(table, axis=0, return_counts=True)
    grouped = Customers(rows[:, 0], rows[:, 1], rows[:, 2], np.zeros(len(rows)))

    def loss(logs: Array) -> float:
        per_row = BGNBD(*np.exp(logs)).log_likelihoods(grouped)
        return -float(np.sum(per_row * counts)) / len(customers.repeats)

    r, alpha, a, b = _minimise(loss, 4)
    return BGNBD(r, alpha * scale, a, b)


def fit_amounts(customers: Customers) -> GammaGamma:
    """Maximum likelihood of the Gamma-Gamma model over those who came back."""
    x, mean = _repeated(customers)
    if not len(x):
        raise CannotFit("too_few_customers")
    scale = float(np.mean(mean))
    scaled = Customers(x, x, x, mean / scale)

    def loss(logs: Array) -> float:
        p, q, gamma = np.exp(logs)
        return -GammaGamma(p, q, gamma).log_likelihood(scaled) / len(x)

    p, q, gamma = _minimise(loss, 3)
    if q <= 1:
        raise CannotFit("amounts_without_a_mean")
    return GammaGamma(p, q, gamma * scale)


def _minimise(loss: Callable[[Array], float], size: int) -> tuple[float, ...]:
    """The best of a few starts; the surface is flat in places, so one start is not trusted."""
    best = None
    for start in (0.0, -1.0, 1.0):
        found = minimize(
            loss, np.full(size, start), method="L-BFGS-B", bounds=[(-_BOUND, _BOUND)] * size, tol=1e-10
        )
        if np.isfinite(found.fun) and (best is None or found.fun < best.fun):
            best = found
    if best is None:
        raise CannotFit("no_maximum")
    return tuple(float(value) for value in np.exp(best.x))


def _repeated(customers: Customers) -> tuple[Array, Array]:
    """Repeats and mean amounts of those who came back and paid something."""
    chosen = (customers.repeats > 0) & (customers.mean_amount > 0)
    return customers.repeats[chosen], customers.mean_amount[chosen]
