"""`manage.py price_cases`: the 31 worked examples to the unit, the cases they leave out, and bad files."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

# The reference's worked examples as they stand (domain reference, worked_examples.json of 2026-11-21).
WORKED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "cases" / "worked_examples.json").read_text(encoding="utf-8")
)


def run(tmp_path: Path, document: Any) -> Any:
    """What the command prints for a document."""
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    out = io.StringIO()
    call_command("price_cases", str(file), stdout=out)
    return json.loads(out.getvalue())


def inputs(case: dict[str, Any]) -> dict[str, Any]:
    """A case without its answer."""
    return {key: value for key, value in case.items() if key != "expected"}


def like(name: str, **changes: Any) -> dict[str, Any]:
    """A worked example with other inputs."""
    return {**inputs(next(case for case in WORKED if case["id"] == name)), **changes}


def test_every_worked_example_comes_out_to_the_unit(tmp_path: Path) -> None:
    """Values, texts and the order of the keys, from the inputs alone."""
    found = run(tmp_path, [inputs(case) for case in WORKED])
    assert len(found) == 31
    for case, answer in zip(WORKED, found, strict=True):
        assert answer == {"id": case["id"], **case["expected"]}
        assert list(answer) == ["id", *case["expected"]]


def test_former_answers_and_titles_play_no_part(tmp_path: Path) -> None:
    """A wrong `expected` and another title change nothing."""
    changed = {**WORKED[0], "expected": {"floor_min": "1"}, "title": "another"}
    assert run(tmp_path, [changed])[0] == {"id": "JP01", **WORKED[0]["expected"]}


def test_where_no_price_will_do_the_shares_say_why(tmp_path: Path) -> None:
    """Rates that take more than all: nothing but the table, whose shares and rest add up to one."""
    greedy = {"name": "affiliate", "kind": "rate", "mode": "flat", "tiers": [[None, "0.90"]]}
    case = like("US01")
    answer = run(tmp_path, [{**case, "fees": [*case["fees"], greedy]}])[0]
    assert list(answer) == ["id", "infeasible"]
    told = answer["infeasible"]
    assert told["of"] == ["floor", "target"]
    assert told["exact"] == {"floor": None, "target": None}
    assert told["at_price"] == "200.00"
    assert told["shares"]["referral"] == "0.150000"
    assert told["shares"]["affiliate"] == "0.900000"
    assert sum(float(share) for share in told["shares"].values()) == pytest.approx(1, abs=1e-5)
    assert told["limit"] == "-0.050000"
    assert told["denominators"] == {"floor": "-0.050000", "target": "-0.300000"}


def test_a_target_out_of_reach_leaves_the_floor(tmp_path: Path) -> None:
    """The floor is told as ever, the target's keys are null, and the table is that of the target."""
    answer = run(tmp_path, [like("US01", target="0.90")])[0]
    expected = next(case["expected"] for case in WORKED if case["id"] == "US01")
    assert answer["floor_min"] == expected["floor_min"]
    assert answer["dead_zones"] == expected["dead_zones"]
    for key in ("min", "safe", "exact", "contribution", "margin_actual", "lines"):
        assert answer[f"target_{key}"] is None
    assert answer["infeasible"]["of"] == ["target"]
    assert "not enough for the margin 0.90" in answer["infeasible"]["reason"]


def test_a_target_beyond_the_highest_price_is_told_apart(tmp_path: Path) -> None:
    """With a highest price of 20 the target of 21.27 has no tick, but its exact price is known."""
    answer = run(tmp_path, [like("US01", pmax="20")])[0]
    assert answer["floor_min"] == answer["floor_safe"] == "15.01"
    assert answer["target_min"] is None
    assert answer["target_exact"] == "21.268333"
    assert answer["infeasible"]["denominators"] == {"target": "0.600000"}
    assert "no tick up to 20.00" in answer["infeasible"]["reason"]


def test_a_highest_price_in_a_dead_zone_has_no_safe_price(tmp_path: Path) -> None:
    """MX02 is searched up to 310, where the cliff of 299 has not been made up for: the zone has no end."""
    answer = run(tmp_path, [like("MX02", pmax="310", target="0")])[0]
    assert (answer["floor_min"], answer["floor_safe"]) == ("289.58", None)
    assert answer["dead_zones"][-1] == ["298.99", None, "6.77"]


def test_a_negative_target_can_have_a_price_where_the_floor_has_none(tmp_path: Path) -> None:
    """A loss of half the revenue is kept to up to 12; breaking even needs more than the highest price."""
    answer = run(tmp_path, [like("US01", target="-0.5", pmax="12")])[0]
    assert answer["floor_min"] is None
    assert answer["target_min"] is not None
    assert answer["infeasible"]["of"] == ["floor"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "case 'US01': unknown key 'colour'"),
        ({"target": 0.25}, 'target must be a decimal string: write "0.25"'),
        ({"pmax": 200}, 'pmax must be a decimal string: write "200"'),
        ({"target": "1e-1"}, "target must be a decimal string, not '1e-1'"),
        ({"costs": {"landed": None}}, "costs.landed must be a decimal string, not None"),
        ({"tick": "0"}, "tick must be above 0"),
        ({"pmax": "0.001"}, "the highest price is below the first tick"),
        ({"fees": [{"name": "x", "kind": "share"}]}, r"fees\[0\].kind must be one of rate, band"),
        (
            {"fees": [{"name": "x", "kind": "fixed", "amount": "1", "rat": "1"}]},
            r"unknown key 'rat' in fees\[0\]",
        ),
        ({"fees": [{"name": "x", "kind": "mult", "rate": "1", "of": "y"}]}, "fee 'x': 'y' is not an earlier"),
        ({"fees": [{"name": "x", "kind": "fixed"}]}, r"missing key 'amount' in fees\[0\]"),
        (
            {"fees": [{"name": "x", "kind": "fixed", "amount": "1", "vat": "ex"}]},
            "vat must be one of incl_cred",
        ),
        ({"fees": [{"name": "x", "kind": "fixed", "amount": "1"}] * 2}, "two fees are named 'x'"),
        ({"fees": [{"name": "x", "kind": "rate", "tiers": [["1", "0.1"]]}]}, "the last bound must be open"),
        (
            {"fees": [{"name": "x", "kind": "rate", "tiers": [["2", "0"], ["1", "0"], [None, "0"]]}]},
            "mode must be one of flat, whole, marginal",
        ),
        (
            {
                "fees": [
                    {
                        "name": "x",
                        "kind": "band",
                        "bands": [["2", True, "0"], ["1", True, "0"], [None, 0, "0"]],
                    }
                ]
            },
            "the bounds must ascend",
        ),
        (
            {"fees": [{"name": "x", "kind": "rate", "tiers": [[None, "0"]], "base_mult": "0"}]},
            "the base multiplier must be above 0",
        ),
        ({"ads": {"type": "cpc", "cpc": "1", "cvr": "0", "share": "1"}}, "conversion rate of advertising"),
        ({"returns": {"rate": "1"}}, "rate of returns must be at least 0 and below 1"),
        ({"returns": {"rate": "0.1", "kap": "5"}}, "unknown key 'kap' in returns"),
    ],
)
def test_a_bad_case_names_id_and_key(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    """Nothing is printed and the command fails."""
    with pytest.raises(CommandError, match=message) as failed:
        run(tmp_path, [like("JP01"), {**like("US01"), **change}])
    assert "case 'US01'" in str(failed.value)


def test_all_bad_cases_are_told_at_once(tmp_path: Path) -> None:
    """Two cases with a problem each, a third with the id of the first, one without an id."""
    case = like("US01")
    with pytest.raises(CommandError) as failed:
        run(
            tmp_path, [case, {**case, "id": "a", "x": "1"}, case, {"vat": "0"}, {**case, "id": "b", "vat": 0}]
        )
    assert str(failed.value).splitlines() == [
        "case 'a': unknown key 'x'",
        "case 'US01': another case has the same id",
        "case number 4: missing key 'id', 'tick', 'minor', 'fees', 'costs', 'target', 'pmax'",
        "case 'b': vat must be a decimal string: write \"0\", not 0",
    ]


@pytest.mark.parametrize(
    ("text", "message"), [("{}", "list of cases"), ("[", "not JSON"), ('[{"a":1,"a":2}]', "twice")]
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Not JSON, no list, a key twice, no file."""
    file = tmp_path / "cases.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match=message):
        call_command("price_cases", str(file))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("price_cases", str(tmp_path / "absent.json"))
