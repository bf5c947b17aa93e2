"""Does the one table of table specs agree with the records, the models and their constraints?"""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

import pytest

from connectors.services.tables import TABLES, TableSpec
from connectors.types import Record

SPECS = pytest.mark.parametrize("spec", TABLES.values(), ids=lambda spec: spec.table)


def test_every_record_has_its_table() -> None:
    """A record without a table would be refused when it arrives."""
    assert set(TABLES) == set(get_args(Record))


@SPECS
def test_every_field_has_its_column(spec: TableSpec) -> None:
    """A record fills every column of its table but those that ingest fills, and no other."""
    columns = {field.name for field in spec.model._meta.get_fields()}
    filled = {field.name for field in fields(spec.record)}
    own = {"id", "store_id", "run_id", "ingested_at"} | ({"cohort_on"} if spec.has_cohort else set())
    assert columns - own == filled


@SPECS
def test_the_key_is_the_tables_natural_key(spec: TableSpec) -> None:
    """ON CONFLICT names the columns of the unique constraint."""
    unique = [set(c.fields) for c in spec.model._meta.constraints if hasattr(c, "fields")]
    assert {"store_id", *spec.key} in unique


@SPECS
def test_scope_and_days_are_columns(spec: TableSpec) -> None:
    """What the statements name exists."""
    columns = {field.name for field in spec.model._meta.get_fields()}
    assert set(spec.days) <= columns
    assert spec.replace_scope in {"", spec.key[0]}
