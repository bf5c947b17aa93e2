"""Every KPI of the domain reference is defined, under the same names, with the same unit and meaning."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from connectors.engine.evidence import METRICS, metric_of
from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.registry import PLATFORMS
from kpis.catalog import ALL_KPIS, CATALOG
from kpis.types import Direction, Unit

REFERENCE = Path(__file__).resolve().parents[2] / "kpis" / "catalog" / "reference.csv"
ROWS = {row["key"]: row for row in csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines())}
# What we have beyond the reference.
OWN = {"return_fee_rate", "other_unit_cost_rate", "seller_feedback_score"}
# A band around 1 is a range to us.
DIRECTIONS = {"target=1": Direction.RANGE}
UNITS = {"ratio": Unit.FRACTION, "x": Unit.MULTIPLE}


def _parts(text: str) -> tuple[str, ...]:
    """ "fba;dtc" as a tuple; empty where it is for all."""
    parts = tuple(text.split(";"))
    return () if "all" in parts else parts


def test_the_reference_is_defined_in_full() -> None:
    """No key is missing, and there is nothing beyond it but what is listed here."""
    assert len(ROWS) == 133
    assert set(CATALOG) == {*ROWS, *OWN}


@pytest.mark.parametrize("key", sorted(ROWS))
def test_a_definition_agrees_with_the_reference(key: str) -> None:
    """Names, family, unit, direction, owner, stages, models and windows are those of the reference."""
    kpi, row = CATALOG[key], ROWS[key]
    names = kpi.names
    assert (names.zh, names.en, names.ja, names.es) == (row["zh"], row["en"], row["ja"], row["es"])
    assert kpi.family == row["family"]
    assert kpi.unit is (UNITS.get(row["unit"]) or Unit(row["unit"]))
    assert kpi.direction is (DIRECTIONS.get(row["direction"]) or Direction(row["direction"]))
    assert kpi.position == row["role"].split(";")[0]
    assert kpi.stages == _parts(row["stage"])
    assert kpi.models == _parts(row["model"])
    assert kpi.window == row["window"]


def test_every_definition_is_told_from_the_others() -> None:
    """No name stands for two KPIs in one language, and every formula is written out."""
    for language in ("zh-hans", "en", "ja", "es"):
        named = [kpi.names.in_language(language) for kpi in ALL_KPIS]
        assert len(named) == len(set(named)), language
    assert all(len(kpi.formula) > 5 for kpi in ALL_KPIS)


def test_evidence_is_asked_of_checks_that_people_can_count() -> None:
    """Every `evidence.<metric>` that a KPI is judged by is a metric that people or the product count."""
    streams = {stream for kpi in ALL_KPIS for group in kpi.needs for stream in group}
    asked = {metric for stream in streams if (metric := metric_of(stream)) is not None}
    assert len(asked) > 10
    assert asked - set(METRICS) == set()


def test_every_stream_is_fed_by_something() -> None:
    """Whatever a KPI is judged by is the stream of a platform or a dataset that can be handed in."""
    streams = {stream for kpi in ALL_KPIS for group in kpi.needs for stream in group}
    fed = {key for spec in PLATFORMS.all().values() for key in spec.streams} | set(DATASETS)
    assert {stream for stream in streams - fed if metric_of(stream) is None} == set()
