"""Every detector's parameters: defaults hold, what is unknown or wrong is refused with all faults at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from alerts.detectors import DETECTORS
from alerts.detectors.library import LIBRARY
from alerts.engine import parameters as forms
from config.lib.errors import Invalid

# What has no default must be given.
NEEDED: dict[str, dict[str, Any]] = {
    "kpi_threshold": {"kpi": "stockout_rate", "against": "absolute", "limit": "0.05"},
    "kpi_change": {"kpi": "net_sales"},
    "anomaly": {"kpi": "orders"},
}


@pytest.mark.parametrize("key", DETECTORS.keys())
def test_what_is_read_can_be_written_and_read_again(key: str) -> None:
    """`write` and `read` are inverse, so that a stored rule says what it said when it was saved."""
    detector = DETECTORS.get(key)
    read = detector.read(NEEDED.get(key, {}))
    stored = forms.write(read)
    assert detector.read(stored) == read
    assert set(stored) == set(forms.schema(detector.parameters)["properties"])


@pytest.mark.parametrize("key", DETECTORS.keys())
def test_an_unknown_parameter_is_refused(key: str) -> None:
    """A mistyped name would otherwise leave a limit at its default, unnoticed."""
    with pytest.raises(Invalid) as refused:
        DETECTORS.get(key).read({**NEEDED.get(key, {}), "no_such": 1})
    assert [error.pointer for error in refused.value.errors] == ["/parameters/no_such"]


@pytest.mark.parametrize("key", DETECTORS.keys())
def test_every_schema_tells_bounds_and_defaults(key: str) -> None:
    """What may be set can be learnt from the schema alone: each parameter says what it means."""
    schema = forms.schema(DETECTORS.get(key).parameters)
    assert schema["additionalProperties"] is False
    for name, each in schema["properties"].items():
        assert each["description"], name
        assert "default" in each or name in schema["required"]


def test_all_faults_are_told_at_once() -> None:
    """A missing KPI, a wrong choice, a number as a float, a window out of range and an unknown name: five."""
    wrong: Mapping[str, Any] = {"against": "moon", "limit": 0.5, "window_days": 0, "stores": [1]}
    with pytest.raises(Invalid) as refused:
        DETECTORS.get("kpi_threshold").read(wrong)
    found = {error.pointer: error.code for error in refused.value.errors}
    assert found == {
        "/parameters/kpi": "required",
        "/parameters/against": "choice",
        "/parameters/limit": "type",
        "/parameters/window_days": "range",
        "/parameters/stores": "unknown",
    }


@pytest.mark.parametrize(
    ("key", "document", "pointer"),
    [
        ("kpi_threshold", {"kpi": "acos", "against": "absolute"}, "limit"),
        (
            "kpi_threshold",
            {"kpi": "acos", "against": "absolute", "side": "above", "limit": "0.2", "clear_limit": "0.3"},
            "clear_limit",
        ),
        ("kpi_threshold", {"kpi": "acos", "entity": "sku", "against": "baseline"}, "against"),
        ("kpi_change", {"kpi": "acos", "share": "0.1", "clear_share": "0.2"}, "clear_share"),
        ("anomaly", {"kpi": "orders", "score": "2", "clear_score": "3"}, "clear_score"),
        ("over_stock", {"cover_days": 30, "clear_days": 40}, "clear_days"),
        ("price_deviation", {"days": 7, "least_days": 9}, "least_days"),
        ("hedge_expiry", {"hedges": ["JPY tomorrow"]}, "hedges"),
        ("credential_expiry", {"ends": ["soon"]}, "ends"),
        ("fx_move", {"currencies": ["yen"]}, "currencies"),
        ("bad_reviews", {"count": 1, "clear_count": 2}, "clear_count"),
        ("account_performance", {"near_share": "0.5", "clear_share": "0.1"}, "clear_share"),
    ],
)
def test_contradictions_are_refused(key: str, document: dict[str, Any], pointer: str) -> None:
    """What each value alone allows but together makes no sense is told at the parameter that is wrong."""
    with pytest.raises(Invalid) as refused:
        DETECTORS.get(key).read(document)
    assert [error.pointer for error in refused.value.errors] == [f"/parameters/{pointer}"]


def test_every_rule_of_the_library_is_sound() -> None:
    """Each names a detector, its parameters can be read, no key twice; three of them must reach somebody."""
    for rule in LIBRARY:
        DETECTORS.get(rule.detector).read(rule.parameters)
    keys = [rule.key for rule in LIBRARY]
    assert len(keys) == len(set(keys))
    assert {rule.key for rule in LIBRARY if rule.is_required} == {
        "connection-lost",
        "data-late",
        "account-performance",
    }


@pytest.mark.parametrize("key", DETECTORS.keys())
def test_a_detector_says_of_itself_what_it_is(key: str) -> None:
    """The key in the table is its own; title and meaning are there; one that cannot look back says why."""
    detector = DETECTORS.get(key)
    assert detector.key == key
    assert detector.title
    assert detector.meaning
    assert detector.can_look_back or detector.why_not_back
