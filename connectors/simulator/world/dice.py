"""Seeded chance: the same path of words always gives the same throws, whatever ran before."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Throws for one named part of the world, e.g. `Dice(7, "A1", "US", "orders")`."""

    def __init__(self, *path: object) -> None:
        # Not for secrets: a world has to be the same every time it is made from the same seed.
        self._random = random.Random("/".join(map(str, path)))  # noqa: S311

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self._random.random() < probability

    def uniform(self, low: float, high: float) -> float:
        """A number between the two."""
        return self._random.uniform(low, high)

    def integer(self, low: int, high: int) -> int:
        """A whole number between the two, both included."""
        return self._random.randint(low, high)

    def choice(self, options: Sequence[T]) -> T:
        """One of the options, all equally likely."""
        return self._random.choice(options)

    def weighted(self, options: Sequence[T], weights: Sequence[float]) -> T:
        """One of the options, as likely as its weight."""
        return self._random.choices(options, weights)[0]

    def shuffle(self, items: list[T]) -> None:
        """Shuffle a list in place."""
        self._random.shuffle(items)

    def normal(self, mean: float, deviation: float) -> float:
        """A normally distributed number."""
        return self._random.gauss(mean, deviation)

    def poisson(self, mean: float) -> int:
        """How often a rare thing happens when it happens `mean` times on average."""
        if mean <= 0:
            return 0
        if mean > 40:
            return max(0, round(self._random.gauss(mean, math.sqrt(mean))))
        limit, product, count = math.exp(-mean), self._random.random(), 0
        while product > limit:
            product *= self._random.random()
            count += 1
        return count

    def about(self, mean: float) -> int:
        """A count close to its mean: steadier than chance, so that causes show in a small shop."""
        return max(0, math.floor(mean * self._random.gauss(1, 0.2) + self._random.random()))

    def letters(self, length: int, alphabet: str = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") -> str:
        """A word of that many letters, as in a seller's or a product's identifier."""
        return "".join(self._random.choices(alphabet, k=length))

    def digits(self, length: int) -> str:
        """A number of exactly that many digits, not starting with zero."""
        return self._random.choice("123456789") + "".join(self._random.choices("0123456789", k=length - 1))
