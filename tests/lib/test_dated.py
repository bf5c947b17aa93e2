"""Dated values: the value in force, and definition files without YAML's traps."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.dated import BadDefinition, Dated, NotInForce, check_keys, load_yaml, read_dated

TAX = Dated.of({date(2014, 4, 1): Decimal("0.08"), date(2019, 10, 1): Decimal("0.10")})


def test_a_value_holds_until_the_next_one() -> None:
    """The rate changes on the very day it says."""
    assert TAX.at(date(2019, 9, 30)) == Decimal("0.08")
    assert TAX.at(date(2019, 10, 1)) == Decimal("0.10")
    assert TAX.at(date(2100, 1, 1)) == Decimal("0.10")
    with pytest.raises(NotInForce):
        TAX.at(date(2014, 3, 31))


@given(st.sets(st.dates(date(2000, 1, 1), date(2040, 1, 1)), min_size=1, max_size=8), st.dates())
def test_the_value_in_force_is_the_last_one_that_began(days: set[date], day: date) -> None:
    """Compared with the plain reading of the rule."""
    dated = Dated.of({each: each for each in sorted(days)})
    begun = [each for each in days if each <= day]
    if begun:
        assert dated.at(day) == max(begun)
    else:
        with pytest.raises(NotInForce):
            dated.at(day)


def test_ranges_may_not_leave_gaps_or_overlap() -> None:
    """Each range begins the day after the one before; the last may stay open."""
    first, second = date(2026, 1, 1), date(2026, 7, 1)
    end = second - timedelta(days=1)
    dated = Dated.from_ranges([(first, end, "a"), (second, date(2026, 12, 31), "b")])
    assert (dated.at(end), dated.at(second)) == ("a", "b")
    with pytest.raises(NotInForce):
        dated.at(date(2027, 1, 1))
    with pytest.raises(BadDefinition, match="gap"):
        Dated.from_ranges([(first, end - timedelta(days=1), "a"), (second, None, "b")])
    with pytest.raises(BadDefinition, match="overlap"):
        Dated.from_ranges([(first, second, "a"), (second, None, "b")])
    with pytest.raises(BadDefinition, match="overlap"):
        Dated.from_ranges([(first, None, "a"), (second, None, "b")])
    for bad in ([], [(second, first, "a")]):
        with pytest.raises(BadDefinition):
            Dated.from_ranges(bad)


def test_dates_out_of_order_are_refused() -> None:
    """Order in the file is part of its meaning to a reviewer."""
    with pytest.raises(BadDefinition, match="ascend"):
        Dated.of({date(2019, 10, 1): 1, date(2014, 4, 1): 2})


def test_numbers_become_decimals_and_norway_stays_a_country() -> None:
    """0.08 is exactly 0.08, NO is not false."""
    found = load_yaml(
        "rate: 0.08\nunits: 30\nmarkets: [NO, yes, on]\nok: true\nday: 2026-11-21\nbig: 1.0e+3\n"
    )
    assert found == {
        "rate": Decimal("0.08"),
        "units": Decimal(30),
        "markets": ["NO", "yes", "on"],
        "ok": True,
        "day": date(2026, 11, 21),
        "big": Decimal(1000),
    }
    assert not any(isinstance(value, float) for value in found.values())


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2",
        "a: {b: 1, b: 2}",
        "2026-01-01: 1\n2026-01-01: 2",
        "a: &x 1\nb: *x",
        "a: &x {b: 1}\nc:\n  <<: *x",
        "a: .inf",
        "a: .nan",
        "a: 0x1F",
        "a: 1:30",
        "a: 1_000",
        "- 1",
        "",
        "a: !!python/object/apply:os.system [ls]",
        "? [1, 2]\n: 3",
        "a: [",
        "---\na: 1\n---\nb: 2",
    ],
)
def test_traps_of_yaml_are_refused(text: str) -> None:
    """Duplicates, anchors, infinities, odd numbers, objects, several documents: all named errors."""
    with pytest.raises(BadDefinition):
        load_yaml(text)


def test_faults_name_their_line() -> None:
    """Whoever wrote the file finds the place."""
    with pytest.raises(BadDefinition, match="line 3"):
        load_yaml("a: 1\nb: 2\na: 3\n")


def test_missing_and_unknown_keys_are_told_at_once() -> None:
    """One run shows every fault of a mapping."""
    with pytest.raises(BadDefinition) as caught:
        check_keys({"unit": 1, "refrence": 2}, required=["unit", "reference"], where="jp/tax")
    assert caught.value.detail == "jp/tax: reference is missing; refrence is not known"
    check_keys({"unit": 1, "note": 2}, required=["unit"], optional=["note"])


def _rate(raw: Any) -> Decimal:
    if not isinstance(raw, Decimal):
        raise BadDefinition(f"{raw!r} is no rate")
    return raw


def test_dated_values_are_read_from_both_forms() -> None:
    """The short form by date, the long form by range."""
    short = read_dated(load_yaml("r: {2014-04-01: 0.08, 2019-10-01: 0.10}")["r"], _rate)
    assert short == TAX
    long = load_yaml(
        "r:\n- {from: 2026-01-01, through: 2026-06-30, value: 1}\n- {from: 2026-07-01, value: 2}"
    )
    assert read_dated(long["r"], _rate).at(date(2026, 7, 1)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "r: {a: 1}",
        "r: {2026-01-01: x}",
        "r: {2026-01-01 10:00:00: 1}",
        "r: 5",
        "r: [1]",
        "r: {}",
        "r: [{from: 2026-01-01, value: 1, until: 2026-02-01}]",
        "r: {2026-02-01: 1, 2026-01-01: 2}",
    ],
)
def test_dated_faults_name_their_place(text: str) -> None:
    """Keys that are no dates, values that do not parse, unknown members."""
    with pytest.raises(BadDefinition, match="jp/tax: "):
        read_dated(load_yaml(text)["r"], _rate, where="jp/tax")
