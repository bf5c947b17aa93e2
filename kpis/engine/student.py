"""Student's t for small samples: the probability of a value and the value of a probability.

SciPy is loaded when it is needed: every process would pay for it at its start, and few ever ask.
"""

from __future__ import annotations


def t_two_sided(value: float, free: int) -> float:
    """P(|T| ≥ |value|) with `free` degrees of freedom."""
    from scipy.special import stdtr

    if free < 1:
        raise ValueError("Student's t needs a degree of freedom")
    return float(2 * stdtr(free, -abs(value)))


def t_quantile(probability: float, free: int) -> float:
    """The value below which T lies with `probability` (above one half)."""
    from scipy.special import stdtrit

    if not 0.5 < probability < 1:
        raise ValueError("only the upper half is needed")
    return float(stdtrit(free, probability))
