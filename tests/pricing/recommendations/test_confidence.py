"""The confidence of a suggestion: every weakness takes away, and is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from pricing.engine.confidence import score
from pricing.types import Confidence, InputAge, PricingContext, RivalView, Truth, UsedLine
from tests.pricing.recommendations.listings import AT, ON, context

SURE = context(
    elasticity=D("2.0"),
    lines=(UsedLine("purchase", D(8), None, Truth.CHARGED, "", ON, Confidence.A),),
    ages=(InputAge("costs", AT - timedelta(hours=1), 48, True),),
)


def with_line(truth: Truth, confidence: Confidence | None = None) -> PricingContext:
    """The same with one line more."""
    return replace(SURE, lines=(*SURE.lines, UsedLine("duty", D(1), None, truth, "", ON, confidence)))


def test_what_is_surely_known_is_worth_one() -> None:
    """New data, charged costs, official parameters, a measured elasticity, sales and rivals."""
    assert (score(SURE, uses_rivals=True).value, score(SURE, uses_rivals=True).reasons) == (D("1.000"), ())


@pytest.mark.parametrize(
    ("given", "value", "code"),
    [
        (replace(SURE, elasticity=None), "0.850", "elasticity_unknown"),
        (replace(SURE, units_per_day=None), "0.900", "no_sales"),
        (replace(SURE, rivals=RivalView(D(9), None, D(9), None, 2, AT)), "0.900", "few_rivals"),
        (with_line(Truth.TABLE), "0.880", "weak_source"),
        (replace(with_line(Truth.MISSING), missing=("duty",)), "0.500", "weak_source"),
        (with_line(Truth.MISSING), "0.950", "unstated_lines"),
        (with_line(Truth.CHARGED, Confidence.X), "0.600", "weak_parameter"),
        (replace(SURE, ages=(InputAge("fx", AT - timedelta(hours=36), 48, True),)), "0.900", "old_input"),
        (replace(SURE, ages=(InputAge("fx", AT - timedelta(days=9), 48, False),)), "0.800", "old_input"),
    ],
)
def test_each_weakness_takes_its_part(given: PricingContext, value: str, code: str) -> None:
    """One weakness at a time: its factor is the score, and its reason the only one."""
    found = score(given, uses_rivals=True)
    assert found.value == D(value)
    assert [reason.code for reason in found.reasons] == [code]
    assert found.reasons[0].values["factor"] == value


def test_few_rivals_weaken_only_what_rests_on_them() -> None:
    """A price that follows from costs is as sure with one rival as with ten."""
    alone: Any = replace(SURE, rivals=RivalView(D(9), None, D(9), None, 1, AT))
    assert score(alone, uses_rivals=False).value == D(1)
