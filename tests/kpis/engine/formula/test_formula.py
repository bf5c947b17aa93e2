"""Formulas of a client's own making: every mistake is told at once, and what is sound computes as written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpis.catalog import CATALOG, MEASURES
from kpis.engine.definitions import Names
from kpis.engine.formula.check import check
from kpis.engine.formula.compute import compute
from kpis.engine.formula.graph import find_cycle, in_order
from kpis.engine.formula.kpi import FormulaText, make_formula
from kpis.engine.formula.parser import parse
from kpis.engine.formula.scope import Scope
from kpis.engine.formula.syntax import names_in
from kpis.engine.totals import MissingInput, StoreTotals, Total, Window
from kpis.types import Direction, Reason, Unit

SCOPE = Scope(MEASURES, CATALOG)


def window(days: int = 7, **totals: str) -> Window:
    """One store whose measures sum up to these; others have no row."""
    values = {key: Total(Decimal(value), Decimal(value), days) for key, value in totals.items()}
    return Window(MEASURES, {1: StoreTotals(values)}, days, in_reporting=False)


def faults(text: str, unit: Unit = Unit.FRACTION) -> list[tuple[str, int]]:
    """The codes and places of everything wrong with a formula, whatever found it."""
    node, found = parse(text)
    if node is not None:
        found = check(node, SCOPE, unit)
    return [(fault.code, fault.at.start) for fault in found]


def value(text: str, now: Window, before: Window | None = None, unit: Unit = Unit.FRACTION) -> Decimal:
    """The number of a sound formula."""
    node, found = parse(text)
    assert node is not None
    assert not found
    assert not check(node, SCOPE, unit)
    return compute(node, SCOPE, now, before)


def reason(text: str, now: Window, before: Window | None = None, unit: Unit = Unit.FRACTION) -> Reason:
    """Why a formula has no number."""
    with pytest.raises(MissingInput) as missing:
        value(text, now, before, unit)
    return missing.value.reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("8 / 4 / 2", "1"),
        ("10 - 3 - 2", "5"),
        ("-2 * -3", "6"),
        ("2 - -3", "5"),
        ("50 % * 8", "4"),
        (".5 × 4 − 1", "1.0"),
        ("min(3, 1, 2) + max(3, 4)", "5"),
        ("abs(1 - 3)", "2"),
        ("if(2 >= 2, 10, 20)", "10"),
        ("if(1 != 1, 10, 20)", "20"),
    ],
)
def test_arithmetic_is_that_of_school(text: str, expected: str) -> None:
    """Precedence, associativity, signs, percents and the functions mean what they mean everywhere."""
    assert value(text, window()) == Decimal(expected)


def test_a_name_is_a_sum_and_a_kpi_is_a_ratio_of_sums() -> None:
    """Two stores' ratios are not averaged: 1,000 of 3,000 is a third (domain rule 2)."""
    totals = [
        {"ad_spend": Total(Decimal(spend), None, 7), "ad_sales": Total(Decimal(sales), None, 7)}
        for spend, sales in ((100, 1000), (900, 2000))
    ]
    both = Window(MEASURES, {n: StoreTotals(found) for n, found in enumerate(totals)}, 7, in_reporting=False)
    assert round(value("acos * 3", both), 12) == 1
    assert value("ad_spend / ad_sales", both) == value("acos", both)


def test_every_mistake_of_form_is_told_at_once_with_its_place() -> None:
    """One look shows all: a stray sign, a missing operand, a bracket that is never closed."""
    found = faults("(orders + ) * units $ + max(1,")
    assert [code for code, _ in found] == [
        "operand_missing",
        "stray_character",
        "bracket_open",
        "operand_missing",
    ]
    assert [place for _, place in found] == [10, 20, 27, 30]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "orders units", "orders +", "* 2", "max(1 2)", "(orders", "orders)", "5 % %", "orders %"],
)
def test_a_broken_form_is_refused(text: str) -> None:
    """None of these is guessed at."""
    assert faults(text)


def test_every_mistake_of_meaning_is_told_at_once() -> None:
    """An unknown name, money plus pieces and an unknown function; the near miss is suggested."""
    node, _ = parse("gmv_orderd / units + (ad_spend + orders) / net_sales + avg(units)")
    assert node is not None
    found = check(node, SCOPE, Unit.MONEY)
    assert [fault.code for fault in found] == ["unknown_name", "units_differ", "unknown_function"]
    assert "gmv_ordered" in found[0].remedy


@pytest.mark.parametrize(
    ("text", "unit", "code"),
    [
        ("ad_spend / orders", Unit.FRACTION, "wrong_unit"),
        ("ad_spend + 5", Unit.MONEY, "units_differ"),
        ("ad_spend + orders", Unit.MONEY, "units_differ"),
        ("if(ad_spend > 100, 1, 2)", Unit.FRACTION, "units_differ"),
        ("if(acos, 1, 2)", Unit.FRACTION, "no_comparison"),
        ("(orders > 1) + 1", Unit.FRACTION, "no_number"),
        ("orders > 1", Unit.FRACTION, "wrong_unit"),
        ("orders / 0", Unit.COUNT, "division_by_zero"),
        ("abs(1, 2)", Unit.FRACTION, "arguments"),
        ("days(1)", Unit.DAYS, "arguments"),
        ("ad_spend * ad_spend", Unit.MONEY, "wrong_unit"),
        ("max", Unit.FRACTION, "unknown_name"),
    ],
)
def test_units_must_follow(text: str, unit: Unit, code: str) -> None:
    """Money is never added to pieces, nor compared with a number that has no currency."""
    assert code in [found for found, _ in faults(text, unit)]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("max(0, net_sales - ad_spend)", Unit.MONEY),
        ("(net_sales - ad_spend) / orders", Unit.MONEY),
        ("aov * 1.1", Unit.MONEY),
        ("net_sales / aov", Unit.COUNT),
        ("units / days()", Unit.COUNT),
        ("orders + 1", Unit.COUNT),
    ],
)
def test_units_that_follow_are_accepted(text: str, unit: Unit) -> None:
    """Zero is zero in every currency; money per piece is money; pieces per day are not pieces."""
    assert faults(text, unit) == ([("wrong_unit", 0)] if "days" in text else [])


def test_a_missing_part_makes_the_whole_missing_with_its_reason() -> None:
    """Null is neither zero nor an error (K2): division by zero, no snapshot, no period before."""
    now = window(ad_spend="5", orders="0", units="10")
    assert reason("ad_spend / orders", now, unit=Unit.MONEY) is Reason.DIVISION_BY_ZERO
    assert reason("acos + 1", now) is Reason.NO_AD_SALES
    assert reason("units / previous(units)", now) is Reason.NO_REFERENCE
    assert value("units / previous(units)", now, window(units="4")) == Decimal("2.5")


def test_coalesce_takes_the_first_part_that_has_a_value() -> None:
    """A fallback is asked for, never assumed; the branch not taken may be missing."""
    now = window(units="10")
    assert value("coalesce(acos, 12 %)", now) == Decimal("0.12")
    assert value("if(units > 5, 1, acos)", now) == 1
    assert reason("coalesce(acos, roas)", now) is Reason.NO_AD_SPEND


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is typed ends in a tree or in faults that lie within the text."""
    node, found = parse(text)
    assert (node is None) == bool(found)
    assert all(0 <= fault.at.start <= len(text) for fault in found)


_LEAVES = st.one_of(st.integers(0, 99).map(str), st.sampled_from(["units", "orders"]))
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
    max_leaves=12,
)


@given(_TREES, st.integers(0, 50), st.integers(0, 50))
def test_it_computes_what_python_computes(text: str, units: int, orders: int) -> None:
    """Python's own reading of the same text is the oracle (numbers and brackets only: eval is safe)."""
    node, found = parse(text)
    assert node is not None
    assert not found
    got = compute(node, SCOPE, window(units=str(units), orders=str(orders)), None)
    assert got == eval(text, {}, {"units": units, "orders": orders})


def test_a_formula_that_is_too_large_is_refused() -> None:
    """Neither long texts nor deep brackets reach the computer."""
    assert [code for code, _ in faults("1" + "+1" * 1000)] == ["too_large"]
    assert "too_large" in [code for code, _ in faults("(" * 60 + "1" + ")" * 60)]
    assert "too_large" in [code for code, _ in faults("-" * 60 + "1")]


def test_a_formula_needs_what_its_parts_need() -> None:
    """Streams, costs and finality are those of the parts, so a formula is never greener than they are."""
    node, _ = parse("gross_margin_pct - acos")
    assert node is not None
    kpi = make_formula(
        FormulaText("own", Names("a", "a", "a", "a"), Unit.FRACTION, Direction.UP, "…", 1, "test"),
        node,
        SCOPE,
    )
    margin, acos = CATALOG["gross_margin_pct"], CATALOG["acos"]
    assert kpi.measures == margin.measures | acos.measures
    assert set(kpi.needs) == {*margin.needs, *acos.needs}
    assert kpi.needs_costs == margin.needs_costs
    assert kpi.settles_after_days == max(margin.settles_after_days, acos.settles_after_days)


def test_a_bare_measure_of_cost_needs_its_costs() -> None:
    """A cost that is half unknown must not look like a low one."""
    node, _ = parse("cogs_sold / units")
    assert node is not None
    kpi = make_formula(
        FormulaText("own", Names("a", "a", "a", "a"), Unit.MONEY, Direction.DOWN, "…", 1, "test"), node, SCOPE
    )
    assert kpi.needs_costs
    assert kpi.needs


def test_cycles_are_found_with_their_way() -> None:
    """The way round is named, so that a person knows where to cut."""
    edges = {
        "a": frozenset({"b"}),
        "b": frozenset({"c", "orders"}),
        "c": frozenset({"a"}),
        "d": frozenset({"a"}),
    }
    assert find_cycle("a", edges) == ("a", "b", "c", "a")
    assert find_cycle("d", edges) == ()
    assert find_cycle("x", {"x": frozenset({"x"})}) == ("x", "x")
    assert in_order(edges) == []
    assert in_order({"a": frozenset({"b"}), "b": frozenset({"orders"})}) == ["b", "a"]


def test_names_are_collected_once() -> None:
    """Dependencies are a set of keys."""
    node, _ = parse("orders / units + orders")
    assert node is not None
    assert names_in(node) == {"orders", "units"}
