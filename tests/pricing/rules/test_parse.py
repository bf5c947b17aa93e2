"""Documents of rule sets: every fault at once and at its place; the published schema says the same."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from config.lib.errors import Invalid
from pricing.rules.diff import diff
from pricing.rules.limits import GATES, PIPELINE
from pricing.rules.parse import dump_rule_set, parse_rule_set
from pricing.rules.presets import PRESETS
from pricing.rules.schema import json_schema
from pricing.rules.scope import parse_scope
from pricing.rules.syntax import AllOf, RuleSet
from tests.pricing.rules.worlds import rule_sets

_SCHEMA = Draft202012Validator(json_schema())
_ALWAYS = {"key": "r", "then": {"action": "hold"}}


def _faults(document: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        parse_rule_set(document)
    assert all(error.detail for error in refused.value.errors)
    return {error.pointer: error.code for error in refused.value.errors}


def _with(place: str, value: Any) -> dict[str, Any]:
    """The source document's rule set with one member set; `place` is a JSON pointer."""
    document: Any = deepcopy(PRESETS["source_document"].document)
    *path, last = place.strip("/").split("/")
    at = document
    for name in path:
        at = at[int(name)] if isinstance(at, list) else at.setdefault(name, {})
    at[int(last) if isinstance(at, list) else last] = value
    return dict(document)


def test_every_fault_is_told_at_once() -> None:
    """One document with a fault in every part of it."""
    document = {
        "nome": "x",
        "rules": [
            {"key": "a", "when": {"signal": "moon", "op": "ge", "value": 1}, "then": {"action": "percent"}},
            {"key": "a", "then": {"action": "match", "against": "cheapest", "offset": 1}},
            {"then": {"action": "percent", "by": "0"}, "until_margin": "1.5"},
            {"key": "b", "when": {"all": [], "any": []}, "then": {"action": "jump"}},
            {"key": "c", "then": {"action": "clearance_ladder", "steps": [["91", "0.1"], ["80", "0.2"]]}},
        ],
        "limits": {
            "cadence_hours": 3,
            "max_step": "2",
            "changes_per_day": "1.5",
            "lowest": "9",
            "highest": "8",
        },
        "ranges": {"tier": ["0", "1"], "rank": ["5", "1"]},
        "uses_endings": "yes",
    }
    assert _faults(document) == {
        "/nome": "unknown",
        "/name": "required",
        "/rules/0/when/signal": "choice",
        "/rules/0/then/by": "required",
        "/rules/1/then/against": "choice",
        "/rules/1/then/offset": "unknown",
        "/rules/2/key": "required",
        "/rules/2/then/by": "combination",
        "/rules/2/until_margin": "range",
        "/rules/3/when": "clause",
        "/rules/3/then/action": "choice",
        "/rules/4/then/steps/1": "order",
        "/limits/cadence_hours": "range",
        "/limits/max_step": "range",
        "/limits/changes_per_day": "type",
        "/limits/lowest": "order",
        "/ranges/tier": "choice",
        "/ranges/rank": "order",
        "/uses_endings": "type",
    }


@pytest.mark.parametrize(
    ("place", "value", "fault"),
    [
        ("/limits/cadence_hours", 4, None),
        ("/limits/cadence_hours", "3.9", "/limits/cadence_hours"),
        ("/limits/cadence_hours", 3, "/limits/cadence_hours"),
        ("/rules/0/then/by", "-0.5", None),
        ("/rules/0/then/by", "-0.51", "/rules/0/then/by"),
        ("/rules/0/then/by", -0.03, "/rules/0/then/by"),
        ("/rules/0/then/by", "NaN", "/rules/0/then/by"),
        ("/rules/0/then/by", "1e9999999", "/rules/0/then/by"),
        ("/rules/0/then/by", True, "/rules/0/then/by"),
        ("/rules/0/when", {"signal": "tier", "op": "in", "value": ["hero", "tail"]}, None),
        ("/rules/0/when", {"signal": "tier", "op": "in", "value": "hero"}, "/rules/0/when/value"),
        ("/rules/0/when", {"signal": "tier", "op": "ge", "value": "hero"}, "/rules/0/when/op"),
        ("/rules/0/when", {"signal": "tier", "op": "eq", "value": "star"}, "/rules/0/when/value"),
        ("/rules/0/when", {"signal": "event", "op": "eq", "value": "black_friday"}, None),
        ("/rules/0/when", {"signal": "own_featured", "op": "eq", "value": "true"}, "/rules/0/when/value"),
        ("/rules/0/when", {"signal": "weekday", "op": "eq", "value": 8}, "/rules/0/when/value"),
        ("/rules/0/when", {"not": {"all": []}}, None),
        ("/rules/0/when", {"any": []}, "/rules/0/when/any"),
        ("/rules", [], "/rules"),
        ("/name", " ", "/name"),
    ],
)
def test_the_parser_knows_where_a_value_ends(place: str, value: Any, fault: str | None) -> None:
    """One value a time, at the edge of what is allowed."""
    document = _with(place, value)
    if fault is None:
        assert parse_rule_set(document) == parse_rule_set(dump_rule_set(parse_rule_set(document)))
    else:
        assert list(_faults(document)) == [fault]


@pytest.mark.parametrize(
    "document", [None, [], "x", {}, {"name": "x", "rules": None}, {"name": 1, "rules": {}}]
)
def test_what_is_no_rule_set_is_refused_and_not_stumbled_over(document: Any) -> None:
    """Anything that JSON can hold gives faults, never another error."""
    assert _faults(document)


def test_conditions_are_not_nested_without_end() -> None:
    """Depth is limited, so that no document exhausts the stack."""
    clause: dict[str, Any] = {"signal": "rank", "op": "le", "value": 1}
    for _ in range(500):
        clause = {"not": clause}
    document = {"name": "deep", "rules": [{**_ALWAYS, "when": clause}]}
    assert set(_faults(document).values()) == {"depth"}


def test_what_is_left_out_has_the_ordinary_meaning() -> None:
    """No condition is always; limits are those of the syntax; endings are used."""
    found = parse_rule_set({"name": "x", "rules": [_ALWAYS]})
    assert found.rules[0].when == AllOf(())
    assert (found.limits.cadence_hours, found.limits.max_step) == (4, Decimal("0.10"))
    assert found.uses_endings


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules=rule_sets())
def test_what_the_parser_writes_the_schema_takes(rules: RuleSet) -> None:
    """Any rule set as a document is valid by the published schema."""
    assert [error.message for error in _SCHEMA.iter_errors(dump_rule_set(rules))] == []


@pytest.mark.parametrize("key", sorted(PRESETS))
def test_the_library_is_valid(key: str) -> None:
    """Every preset by parser and schema, and its copy does not change the library."""
    document = PRESETS[key].document
    parse_rule_set(document)
    assert _SCHEMA.is_valid(document)
    document["rules"].clear()
    assert PRESETS[key].document["rules"]


@pytest.mark.parametrize(
    "place",
    ["/rules/0/then/action", "/rules/0/when/all/0/op", "/limits/keeps_map", "/uses_endings", "/extra"],
)
def test_the_schema_refuses_what_the_parser_refuses(place: str) -> None:
    """A wrong word at the places where JSON Schema can tell."""
    document = _with(place, "wrong")
    assert _faults(document)
    assert not _SCHEMA.is_valid(document)


def test_the_floor_is_the_last_that_sets_a_price() -> None:
    """Gates come before rules; after the floor only the check of the least move is left."""
    assert [limit.key for limit in PIPELINE][-2:] == ["floor", "least_move"]
    keys = [gate.key for gate in GATES] + [limit.key for limit in PIPELINE]
    assert len(set(keys)) == len(keys)


def test_a_difference_is_told_by_the_keys_of_rules() -> None:
    """A rule that moved is moved, not changed twice; members are told by their places."""
    a, b = {"key": "a", "then": {"action": "hold"}}, {"key": "b", "then": {"action": "hold"}}
    c = {"key": "c", "then": {"action": "hold"}}
    before = dump_rule_set(parse_rule_set({"name": "x", "rules": [a, b]}))
    after = dump_rule_set(parse_rule_set({"name": "y", "rules": [b, a, c]}))
    assert [(each.pointer, each.kind) for each in diff(before, after)] == [
        ("/name", "changed"),
        ("/rules", "moved"),
        ("/rules/c", "added"),
    ]
    assert diff(before, before) == []


def test_a_scope_with_faults_names_them_all() -> None:
    """Unknown members, markets, tiers and store ids that are none."""
    with pytest.raises(Invalid) as refused:
        parse_scope({"stores": [0, "1"], "markets": ["FR"], "tiers": ["star"], "skus": [""], "who": []})
    assert [error.pointer for error in refused.value.errors] == [
        *("/scope/who", "/scope/stores/0", "/scope/stores/1"),
        *("/scope/markets/0", "/scope/tiers/0", "/scope/skus/0"),
    ]
