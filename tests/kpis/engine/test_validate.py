"""The catalogue's rules: the shipped one keeps them all; each broken rule is found, all of them at once."""

from __future__ import annotations

import csv
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from config.lib.dated import BadDefinition
from kpis.catalog import ALL_KPIS, ALL_MEASURES, CATALOG, MEASURES, SOURCES
from kpis.catalog.templates import FOLDER, TEMPLATES, choose_template, read_template
from kpis.engine.definitions import Names, Ratio, Simple
from kpis.engine.linear import measure
from kpis.engine.rollup_sql import rollup_statement
from kpis.engine.validate import validate_catalogue, validate_templates
from kpis.types import LineRole, Unit


def test_the_shipped_catalogue_and_templates_keep_every_rule() -> None:
    """What `manage.py check` runs finds nothing."""
    assert validate_catalogue(CATALOG, MEASURES, SOURCES) == []
    assert validate_templates(TEMPLATES, CATALOG) == []
    assert len(CATALOG) == len(ALL_KPIS)
    assert len(MEASURES) == len(ALL_MEASURES)


def broken(which: str, **changes: Any) -> list[str]:
    """The violations of the catalogue with one KPI changed."""
    catalogue = {**CATALOG, which: replace(CATALOG[which], **changes)}
    return [str(v) for v in validate_catalogue(catalogue, MEASURES, SOURCES)]


@pytest.mark.parametrize(
    ("key", "changes", "part"),
    [
        ("acos", {"names": Names("", "ACoS", "ACoS", "ACoS")}, "the name in zh is missing"),
        ("acos", {"formula": ""}, "formula and source must be written"),
        ("acos", {"needs": (("ads",),)}, "there is no stream 'ads'"),
        ("acos", {"settles_after_days": -1}, "settles_after_days cannot be negative"),
        ("acos", {"numerator": measure("nothing")}, "unknown measures: nothing"),
        ("acos", {"denominator": measure("orders")}, "the unit does not follow"),
        ("acos", {"numerator": measure("ad_spend") + measure("orders")}, "each be of one unit"),
        ("acos", {"numerator": measure("aged_90_cost")}, "snapshots and sums cannot be mixed"),
        ("units", {"total": measure("live_sales")}, "a sum must have the unit of its measures"),
        ("units", {"total": measure("aged_180_units")}, "levels do not add up over days"),
        ("acos", {"key": "ACoS"}, "the key must be its own, in snake_case"),
    ],
)
def test_each_broken_rule_is_found(key: str, changes: dict[str, Any], part: str) -> None:
    """A wrong definition does not pass the checks."""
    assert any(part in violation for violation in broken(key, **changes))


def test_all_violations_come_at_once() -> None:
    """Nobody mends a catalogue one error at a time."""
    assert len(broken("acos", formula="", needs=(("ads",),), settles_after_days=-1)) == 3


def test_measures_have_rules_too() -> None:
    """Money that is not converted, costs that are not loaded, sources that do not exist."""
    raw = replace(MEASURES["ad_spend"], expression="sum(cost_amount)")
    lost = replace(MEASURES["ad_sales"], source="nowhere")
    free = replace(MEASURES["ad_clicks"], expression="sum(unit_landed)")
    measures = {**MEASURES, "ad_spend": raw, "ad_sales": lost, "ad_clicks": free}
    texts = "\n".join(str(v) for v in validate_catalogue(CATALOG, measures, SOURCES))
    assert "else currencies mix" in texts
    assert "there is no source 'nowhere'" in texts
    assert "ads does not load them" in texts


def test_template_rules() -> None:
    """A sixth core KPI, weights that are not 100, and data where none is available are refused."""
    good = TEMPLATES["us_fba_mature"]
    lines = [replace(line, role=LineRole.CORE) for line in good.lines]
    crowded = replace(good, lines=(*lines[:6], replace(good.lines[6], weight=Decimal(1), unavailable="why")))
    texts = "\n".join(str(v) for v in validate_templates({"x": crowded}, CATALOG))
    assert "it has 6 core KPIs" in texts
    assert "not to 100" in texts
    assert "exactly where no stream feeds" in texts


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("  acoss: {role: core, weight: 1, source: x}", "there is no such KPI"),
        ("  acos: {role: core, weight: 1, source: x, goal: 3}", "goal is not known"),
        ("  acos: {role: core, weight: 1}", "source is missing"),
    ],
)
def test_templates_are_read_strictly(line: str, part: str) -> None:
    """A misspelt key or KPI stops the start instead of being ignored."""
    text = f"version: 1\nmarket: US\nmodel: fba\nstage: mature\ntitle: t\nsource: s\nkpis:\n{line}\n"
    with pytest.raises(BadDefinition, match=part):
        read_template("x", text)


def test_templates_have_the_core_of_the_domain_reference() -> None:
    """The twelve of the reference have its market, model, stage and core; every KPI of theirs is fed."""
    with (FOLDER / "reference.csv").open(encoding="utf-8", newline="") as file:
        expected = {
            row["template"]: (row["market"], row["model"], row["stage"], tuple(row["core_kpis"].split(";")))
            for row in csv.DictReader(file)
        }
    assert len(expected) == 12
    found = {key: (t.market, t.model, t.stage, t.core) for key, t in TEMPLATES.items() if key in expected}
    assert found == expected
    # What the reference has no template for is proposed, in stages that it only describes.
    assert {TEMPLATES[key].stage for key in TEMPLATES.keys() - expected.keys()} == {"growth", "clearance"}
    assert not [line.kpi for t in TEMPLATES.values() for line in t.lines if line.unavailable]


@pytest.mark.parametrize(
    ("market", "model", "stage", "platform", "expected"),
    [
        ("US", "fba", "new", "amazon_sp", "us_fba_new"),
        ("US", "fba", "growth", "amazon_sp", "us_fba_growth"),
        ("US", "overseas_wh", "mature", "walmart", "us_walmart"),
        ("US", "overseas_wh", "mature", "ebay", "us_overseas_wh"),
        ("US", "overseas_wh", "new", "ebay", "us_overseas_wh"),
        ("MX", "overseas_wh", "new", "mercado_libre", "mx_new"),
        ("MX", "fba", "new", "amazon_sp", "mx_new"),
        ("MX", "overseas_wh", "mature", "other", None),
        ("JP", "overseas_wh", "mature", "rakuten", "jp_rakuten_yahoo"),
        ("DE", "fba", "mature", "amazon_sp", None),
    ],
)
def test_a_template_is_chosen_by_market_model_stage_and_platform(
    market: str, model: str, stage: str, platform: str, expected: str | None
) -> None:
    """The platform's own first; the mature one stands in for a stage without one; none where none fits."""
    chosen = choose_template(market, model, stage, platform)
    assert (chosen.key if chosen else None) == expected


def test_a_stage_without_profit_targets_has_none() -> None:
    """Domain rule 7: a new store and one that clears out are not judged by margin or ROI."""
    for template in TEMPLATES.values():
        if template.stage in {"new", "clearance"}:
            judged = {line.kpi for line in template.lines if line.goal.is_set}
            assert not judged & {"gross_margin_pct", "roi", "cm3_pct"}, template.key


def test_one_statement_per_source_names_every_measure() -> None:
    """The roll-up's SQL is made of the definitions: a new measure appears in it by itself."""
    for key, source in SOURCES.items():
        measures = [m for m in ALL_MEASURES if m.source == key]
        statement = rollup_statement(source, measures)
        assert all(f"'{m.key}'" in statement for m in measures)
        assert statement.count("from kpis_daily_measure") == 1


def test_kinds_are_what_they_say() -> None:
    """Additive KPIs are flows (their months compare per day), ratios are not."""
    for kpi in ALL_KPIS:
        assert kpi.is_flow == isinstance(kpi, Simple)
        if isinstance(kpi, Ratio):
            assert kpi.unit is not Unit.COUNT
