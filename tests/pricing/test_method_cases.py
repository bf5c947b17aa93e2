"""`manage.py method_cases`: the reference's numeric cases come out as they stand, and bad files say why."""

from __future__ import annotations

import io
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

# The sections on price of the domain reference's method_examples.json of 2026-11-21, as they stand.
CASES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "cases" / "method_examples.json").read_text(encoding="utf-8")
)
RESULTS = (
    "expect",
    "p_star",
    "slope",
    "margin0",
    "margin1",
    "ab_sessions_per_arm",
    "periods_per_arm",
    "inflated_periods_per_arm",
)


def run(tmp_path: Path, document: Any) -> Any:
    """What the command prints for a document."""
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    out = io.StringIO()
    call_command("method_cases", str(file), stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def inputs(value: Any) -> Any:
    """The cases without their results."""
    if isinstance(value, dict):
        return {key: inputs(each) for key, each in value.items() if key not in RESULTS}
    return [inputs(each) for each in value] if isinstance(value, list) else value


def spoilt(value: Any) -> Any:
    """The cases with wrong results."""
    if isinstance(value, dict):
        return {key: -7 if key in RESULTS else spoilt(each) for key, each in value.items()}
    return [spoilt(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("given", [inputs, spoilt, deepcopy], ids=["none", "wrong", "right"])
def test_every_case_of_the_reference_comes_out(tmp_path: Path, given: Any) -> None:
    """Without results, with wrong ones and with the right ones: the answers are those of the reference."""
    assert run(tmp_path, given(CASES)) == CASES


def test_rules_at_their_edges(tmp_path: Path) -> None:
    """A competitor a cent above 95 %, a clamp to the price that keeps 20 %, a change 3.9 hours ago."""
    usual = {"price": 30, "competitor": 28.5, "bsr": 8, "price_at_20pct": 25, "hours_since_change": 6}
    changes = ({"competitor": 28.51}, {"price_at_20pct": 29.5}, {"hours_since_change": 3.9}, {"bsr": 10})
    found = run(tmp_path, {"rule": [{"inp": {**usual, **change}} for change in changes]})["rule"]
    told = [(each["expect"]["action"], each["expect"]["price"]) for each in found]
    assert told == [("hold", 30), ("suggest", 29.5), ("hold", 30), ("suggest", 29.1)]


def test_other_inputs_have_other_answers(tmp_path: Path) -> None:
    """Nothing is looked up: half the lift needs about four times the sessions, a tax lowers what is kept."""
    found = run(
        tmp_path,
        {
            "sample_size": [
                {"baseline": 0.12, "rel_lift": 0.05},
                {"switchback_daily_profit": {"sd": 10, "min_detectable": 5}},
            ],
            "optimal_price": {"elasticity": 2.0, "rate_fee": "0.15", "unit_cost": 10, "tax_rate": "0.25"},
            "elasticity_ols": {"prices": [10, 20], "units": [100, 50]},
            "fx": {"price": 900, "cost_cny": "10", "rate0": "20", "rate1": "20"},
        },
    )
    assert found["sample_size"][0]["ab_sessions_per_arm"] == 47_036
    assert found["sample_size"][1]["switchback_daily_profit"]["periods_per_arm"] == 63
    assert found["optimal_price"]["p_star"] == pytest.approx(2 * 10 / 0.65, abs=5e-5)
    assert found["elasticity_ols"]["slope"] == -1
    # 900 yen: R = 818.18, fees (138.6 + 368) / 1.1 = 460.55, cost 200.
    assert found["fx"]["margin0"] == found["fx"]["margin1"] == pytest.approx(157.6364 / 818.1818, abs=1e-6)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "must hold an object"),
        ({"pvm": {}}, "no section is one of charm, rule"),
        (
            {"charm": [{"market": "US", "target": 1, "floor": 1}, {"market": "FR", "target": 1, "floor": 1}]},
            r"charm\[1\]: market",
        ),
        ({"charm": [{"market": "US", "target": 1}]}, r"charm\[0\]: floor must be a number"),
        ({"rule": [{"inp": {"price": 1}}]}, r"rule\[0\].inp: competitor must be a number"),
        ({"rule": [{}]}, r"rule\[0\].inp: must be an object"),
        ({"elasticity_ols": {"prices": [1, 1], "units": [2, 3]}}, "at least two different prices"),
        ({"elasticity_ols": {"prices": [1, 2], "units": [2, 0]}}, "all above 0"),
        ({"sample_size": {"baseline": 0.9, "rel_lift": 0.5}}, "must lie between 0 and 1"),
        ({"fx": {"price": 1, "cost_cny": "x", "rate0": 1, "rate1": 1}}, "fx: cost_cny must be a number"),
    ],
)
def test_a_bad_file_names_the_place(tmp_path: Path, document: Any, message: str) -> None:
    """Nothing is printed and the command fails."""
    with pytest.raises(CommandError, match=message):
        run(tmp_path, document)
