"""`manage.py explain_cases`: the reference's numeric cases come out as they stand, and bad files say why."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from kpis.engine.decompose.cases import INPUTS

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "method_cases.json").read_text(encoding="utf-8"))


def explained(tmp_path: Path, document: Any) -> Any:
    """What the command prints for a document."""
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    out = io.StringIO()
    call_command("explain_cases", str(file), stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def inputs() -> dict[str, Any]:
    """The reference's cases without their results."""
    return {
        name: {key: CASES[name][key] for key in keys if key in CASES[name]} for name, keys in INPUTS.items()
    }


def matches(found: Any, expected: Any) -> None:
    """Equal, keys and their order too; floats to 12 digits (the reference took logarithms in double)."""
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for key, value in expected.items():
            matches(found[key], value)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-12, abs=0)
    else:
        assert found == expected


def test_every_case_of_the_reference_comes_out(tmp_path: Path) -> None:
    """With nothing but the inputs given, the answers are those of the reference, in the same shape."""
    found = explained(tmp_path, inputs())
    for name in INPUTS:
        matches(found[name], CASES[name])


def test_former_results_play_no_part(tmp_path: Path) -> None:
    """Wrong results beside the inputs are overwritten, foreign sections are passed over."""
    wrong = {
        name: {**body, "sum": 1, "M0": 2} for name, body in inputs().items() if name != "shapley_product"
    }
    found = explained(tmp_path, {**wrong, "charm": [1]})
    assert set(found) == set(INPUTS)
    assert found["pvm"]["M0"] == 1300
    assert found["shapley_product"] == CASES["shapley_product"]


def test_other_names_several_cases_and_zeros(tmp_path: Path) -> None:
    """Suffixes, lists, a list of documents, factors of any name and number, a case of Shapley's own."""
    own = {"f0": {"u": 2, "p": 0, "r": 1}, "f1": {"u": 3, "p": -5, "r": 1}}
    found = explained(
        tmp_path,
        [
            {"lmdi_2": {"f0": {"x": 0, "y": 2}, "f1": {"x": 4, "y": 2}}, "shapley_product": own},
            {"margin_walk": [{"p0": {"N": 10, "rent": 1}, "p1": {"N": 20, "rent": 1}}]},
            {"aggregation": {"stores": [{"orders": 1, "visits": 10}, {"orders": 3, "visits": 10}]}},
            {
                "pvm": {
                    "period0": [["A", 10, 100, 5, 0.5]],
                    "period1": [["A", 10, 100, 5, 0.6], ["B", 1, 9, 4]],
                }
            },
        ],
    )
    assert found[0]["lmdi_2"]["contrib"] == {"x": 8, "y": 0}
    assert found[0]["shapley_product"] == {**own, "u": -2.5, "p": -12.5, "r": 0}
    assert found[0]["shapley_product_2"] == {"x": 8, "y": 0}
    assert found[1]["margin_walk"][0]["pp"] == {"rent": 0.05}
    assert found[2]["aggregation"]["ratio_of_sums"] == 0.2
    split = found[3]["pvm"]
    assert split["fx"] == 100
    assert split["sum"] == split["M1"] - split["M0"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"lmdi": {"f0": {"a": 1}}}, "lmdi: the input f1 is missing"),
        ({"lmdi": {"f0": {"a": 1, "b": 2}, "f1": {"a": 1}}}, "lmdi: f1 lacks b"),
        ({"lmdi": {"f0": {"a": "x"}, "f1": {"a": 1}}}, "lmdi: f0.a must be a number"),
        ({"lmdi": {"f0": {"a": 1}, "f1": {"a": -1}}}, "lmdi: a changes its sign"),
        ({"shapley_product": {}}, "shapley_product: needs f0 and f1"),
        ({"margin_walk": {"p0": {"N": 0, "x": 1}, "p1": {"N": 1, "x": 1}}}, "margin_walk: without net sales"),
        ({"margin_walk": {"p0": {"x": 1}, "p1": {"x": 1}}}, "margin_walk: p0 and p1 need N"),
        ({"aggregation": {"stores": []}}, "aggregation: stores must be a list"),
        ({"aggregation": {"stores": [{"spend": 1}]}}, "stores.0. lacks sales"),
        ({"pvm": {"period0": [["A", 1]], "period1": []}}, "pvm: period0.0. must be"),
        ({"pvm": {"period0": [["A", 1, 2, 1], ["A", 1, 2, 1]], "period1": []}}, "A is there twice"),
        ({"mix_rate": {"s0": {"US": [1]}, "s1": {}}}, "mix_rate: s0.US must be"),
        ({"charm": []}, "no section is one of"),
        ([{"mix_rate": {}}, {"lmdi": 3}], "mix_rate: the input s0 is missing"),
        (7, "the file must hold an object"),
    ],
)
def test_a_bad_file_names_the_place(tmp_path: Path, document: Any, message: str) -> None:
    """Nothing is printed and the command fails."""
    with pytest.raises(CommandError, match=message):
        explained(tmp_path, document)


@pytest.mark.parametrize(
    ("text", "message"), [('{"lmdi": NaN}', "NaN"), ("{", "not JSON"), ('{"a":1,"a":2}', "twice")]
)
def test_a_file_that_is_not_json_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Also what some readers let pass: NaN and doubled keys."""
    file = tmp_path / "cases.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=message):
        call_command("explain_cases", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("explain_cases", str(tmp_path / "nothing"))
