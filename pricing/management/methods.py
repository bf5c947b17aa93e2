"""Worked cases of the pricing methods in and out: plain JSON values, answered by the product's functions.

A section per method, each a case or a list of cases; the answer repeats the inputs and adds the results, and
whatever results a case brought are computed anew. Sections of other names are none of ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pricing.engine.elasticity import slope
from pricing.engine.exact import stretch_at
from pricing.engine.optimum import constant_elasticity_price
from pricing.engine.power import periods_per_arm, sessions_per_arm
from pricing.engine.rounding import to_places
from pricing.rules.cases import charm_case, rule_case
from pricing.structure import Band, BandFee, Cost, CostStructure, FeeTax, RateFee, Tier, TierMode

Case = dict[str, Any]

D = Decimal
_MARKETS = ("US", "JP", "MX")
_RATE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)", re.ASCII)


class BadCase(ValueError):
    """A case that cannot be read or has no answer; the message names its place."""


@dataclass
class Told:
    """The answers, what could not be answered, and the names of the sections that are none of ours."""

    answers: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)


def answer(document: Any) -> Told:
    """Answer every section of a decoded file; every problem is collected."""
    told = Told()
    if not isinstance(document, dict):
        told.problems.append("the file must hold an object with a section per method")
        return told
    for name, body in document.items():
        method = METHODS.get(name)
        if method is None:
            told.passed_over.append(name)
            continue
        is_list = isinstance(body, list)
        found = []
        for number, case in enumerate(body if is_list else [body]):
            place = f"{name}[{number}]" if is_list else name
            try:
                found.append(method(_object(case, place), place))
            except BadCase as problem:
                told.problems.append(str(problem))
            except ValueError as problem:
                told.problems.append(f"{place}: {problem}")
        told.answers[name] = found if is_list else found[0] if found else None
    if not told.answers and not told.problems:
        told.problems.append(f"no section is one of {', '.join(METHODS)}")
    return told


def _charm(case: Case, place: str) -> Case:
    _number(case, "target", place)
    _number(case, "floor", place)
    if case.get("market") not in _MARKETS:
        raise BadCase(f"{place}: market must be one of {', '.join(_MARKETS)}")
    return {**case, "expect": charm_case(case)}


def _rule(case: Case, place: str) -> Case:
    inputs = _object(case.get("inp"), f"{place}.inp")
    for key in ("price", "competitor", "bsr", "price_at_20pct", "hours_since_change"):
        _number(inputs, key, f"{place}.inp")
    return {**case, "expect": rule_case(inputs)}


def _optimal_price(case: Case, place: str) -> Case:
    """p = e / (e − 1) × F / (κ − a); `tax_rate` (0 where absent) gives κ = 1 / (1 + t)."""
    tax = _number(case, "tax_rate", place) if "tax_rate" in case else D(0)
    kept = 1 / (1 + Fraction(tax)) - Fraction(_number(case, "rate_fee", place))
    share = D(kept.numerator) / D(kept.denominator)
    # The reference writes the elasticity with and without its sign.
    elasticity = -abs(_number(case, "elasticity", place))
    price = constant_elasticity_price(elasticity, _number(case, "unit_cost", place), share)
    return {**case, "p_star": None if price is None else _rounded(price, 4)}


def _elasticity(case: Case, place: str) -> Case:
    prices, units = (_numbers(case, key, place) for key in ("prices", "units"))
    return {**case, "slope": _rounded(slope(prices, units), 3)}


def _fx(case: Case, place: str) -> Case:
    """The unrounded margin at both rates, on the listing of worked example JP01 with another landed cost."""
    price, cost = _number(case, "price", place), _number(case, "cost_cny", place)
    found = dict(case)
    for number in ("0", "1"):
        listing = _amazon_japan_home(cost * _number(case, f"rate{number}", place))
        stretch = stretch_at(listing, Fraction(price))
        left, base = (each[0] * Fraction(price) + each[1] for each in (stretch.left, stretch.base))
        found[f"margin{number}"] = to_places(left / base, 6)
    return found


def _amazon_japan_home(landed: Decimal) -> CostStructure:
    return CostStructure(
        currency="JPY",
        tax_rate=D("0.10"),
        tick=D(1),
        billing_unit=D(1),
        highest=D(1_000_000),
        fees=(
            RateFee(
                "referral",
                (Tier(D(750), D("0.05")), Tier(None, D("0.154"))),
                mode=TierMode.WHOLE,
                minimum=D(30),
                tax=FeeTax.INCLUDED_CREDITABLE,
            ),
            BandFee(
                "fba",
                (Band(D(1000), True, D(368)), Band(None, True, D(434))),
                tax=FeeTax.INCLUDED_CREDITABLE,
            ),
        ),
        costs=(Cost("landed", landed),),
    )


def _sample_size(case: Case, place: str) -> Case:
    found = dict(case)
    if "baseline" in case or "rel_lift" in case:
        rates = (float(_number(case, key, place)) for key in ("baseline", "rel_lift"))
        found["ab_sessions_per_arm"] = sessions_per_arm(*rates)
    if "switchback_daily_profit" in case:
        where = f"{place}.switchback_daily_profit"
        inner = _object(case["switchback_daily_profit"], where)
        noise, change = (float(_number(inner, key, where)) for key in ("sd", "min_detectable"))
        told = {**inner, "periods_per_arm": periods_per_arm(noise, change)}
        if "autocorr" in inner:
            alike = float(_number(inner, "autocorr", where))
            told["inflated_periods_per_arm"] = periods_per_arm(noise, change, autocorrelation=alike)
        found["switchback_daily_profit"] = told
    return found


def _object(value: Any, place: str) -> Case:
    if not isinstance(value, dict):
        raise BadCase(f"{place}: must be an object with the inputs of the method")
    return value


def _number(case: Mapping[str, Any], key: str, place: str) -> Decimal:
    """A number, or a text that begins with one ("21.0 JPY/CNY")."""
    value = case.get(key)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return D(value)
    if isinstance(value, str) and (number := _RATE.match(value)):
        return D(number.group(1))
    raise BadCase(f"{place}: {key} must be a number")


def _numbers(case: Mapping[str, Any], key: str, place: str) -> list[Decimal]:
    values = case.get(key)
    if not isinstance(values, list) or not values:
        raise BadCase(f"{place}: {key} must be a list of numbers")
    return [_number({key: each}, key, place) for each in values]


def _rounded(value: Decimal, places: int) -> Decimal:
    return to_places(Fraction(value), places)


METHODS: Mapping[str, Callable[[Case, str], Case]] = {
    "charm": _charm,
    "rule": _rule,
    "sample_size": _sample_size,
    "optimal_price": _optimal_price,
    "elasticity_ols": _elasticity,
    "fx": _fx,
}
