"""Student's t for small samples: the probability of a value and the value of a probability."""

from __future__ import annotations

import math

_STEPS = 2_000


def t_two_sided(value: float, free: int) -> float:
    """P(|T| ≥ |value|) with `free` degrees of freedom, by Simpson's rule; good to six digits."""
    if free < 1:
        raise ValueError("Student's t needs a degree of freedom")
    # With x = √free·tan θ the density becomes cos^(free−1) θ: finite, smooth, nothing cut off.
    end = math.atan(abs(value) / math.sqrt(free))
    width = end / _STEPS
    inner = math.fsum((4 if n % 2 else 2) * math.cos(n * width) ** (free - 1) for n in range(1, _STEPS))
    area = width / 3 * (1 + inner + math.cos(end) ** (free - 1))
    scale = math.gamma((free + 1) / 2) / (math.sqrt(math.pi) * math.gamma(free / 2))
    return min(max(1 - 2 * scale * area, 0.0), 1.0)


def t_quantile(probability: float, free: int) -> float:
    """The value below which T lies with `probability` (above one half)."""
    if not 0.5 < probability < 1:
        raise ValueError("only the upper half is needed")
    low, high = 0.0, 1.0
    while t_two_sided(high, free) > 2 * (1 - probability):
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if t_two_sided(middle, free) > 2 * (1 - probability):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def wilson(successes: int, trials: int, z: float = 1.959964) -> tuple[float, float] | None:
    """The 95 % interval of a success rate after Wilson (JASA 1927); None without a trial."""
    if trials <= 0:
        return None
    rate = successes / trials
    base = 1 + z * z / trials
    centre = (rate + z * z / (2 * trials)) / base
    width = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials)) / base
    return max(0.0, centre - width), min(1.0, centre + width)
