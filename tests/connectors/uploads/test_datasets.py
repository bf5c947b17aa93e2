"""Does every dataset take the row of its own reference, and refuse each wrong cell by name?"""

from __future__ import annotations

from dataclasses import fields

import pytest

from connectors.platforms.csv_upload.datasets import DATASETS
from connectors.platforms.csv_upload.fields import Dataset, Field, Kind, Sink
from connectors.services.tables import TABLES
from tests.connectors.uploads.files import csv_of, example_row, mapped

DATA = pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda dataset: dataset.key)
WRONG = {
    Kind.COUNT: "many",
    Kind.NUMBER: "some",
    Kind.AMOUNT: "12,3,4",
    Kind.RATE: "half",
    Kind.DAY: "yesterday",
    Kind.INSTANT: "31.31.2026",
    Kind.FLAG: "maybe",
    Kind.CHOICE: "nonsense",
    Kind.CURRENCY: "US$",
    Kind.ID: "4.9E+12",
}
CELLS = [(dataset, each) for dataset in DATASETS.values() for each in dataset.fields if each.kind in WRONG]


@DATA
def test_the_reference_row_is_taken(dataset: Dataset) -> None:
    """The examples of the reference are a valid row, and every column of the record is filled."""
    row = example_row(dataset)
    result = mapped(csv_of(list(row), list(row.values())), f"template_{dataset.key}")
    assert result.faults == []
    assert result.rows_read == len(result.rows) == 1
    assert (result.rows[0].record is not None) == (dataset.sink is Sink.FACTS)


@DATA
def test_required_columns_alone_are_enough_or_say_what_else(dataset: Dataset) -> None:
    """A row of the required cells is taken, or the fault names the field that is needed beside them."""
    row = {each.name: each.example for each in dataset.fields if each.required}
    result = mapped(csv_of(list(row), list(row.values())), f"template_{dataset.key}")
    assert all(fault.field and fault.row == 2 for fault in result.faults)
    assert len(result.rows) + len(result.rejected) == 1


@DATA
def test_a_missing_required_column_is_named(dataset: Dataset) -> None:
    """The file is not read further."""
    for each in (each for each in dataset.fields if each.required):
        row = example_row(dataset)
        row.pop(each.name)
        result = mapped(csv_of(list(row), list(row.values())), f"template_{dataset.key}")
        assert [(fault.code, fault.field) for fault in result.faults] == [("column_missing", each.name)]
        assert result.rows == []


@pytest.mark.parametrize(
    ("dataset", "wrong"), CELLS, ids=lambda each: getattr(each, "name", None) or each.key
)
def test_a_wrong_cell_is_named_by_row_and_column(dataset: Dataset, wrong: Field) -> None:
    """And what stood there is not repeated."""
    row = example_row(dataset) | {wrong.name: WRONG[wrong.kind]}
    result = mapped(csv_of(list(row), list(row.values())), f"template_{dataset.key}")
    assert [(fault.row, fault.column, fault.field) for fault in result.faults] == [
        (2, wrong.name, wrong.name)
    ]
    assert WRONG[wrong.kind] not in result.faults[0].detail or wrong.kind is Kind.COUNT


@DATA
def test_a_dataset_knows_its_table(dataset: Dataset) -> None:
    """Natural key and shop day are those by which the facts are stored."""
    if dataset.record is None:
        assert dataset.sink is not Sink.FACTS
        return
    spec = TABLES[dataset.record]
    assert dataset.natural_key == spec.key
    assert dataset.day == (spec.days[0] if spec.days else "")
    assert dataset.streams
    names = {each.name for each in fields(dataset.record)}
    assert set(dataset.defaults) <= names
    lengths = {
        each.name: each.max_length for each in spec.model._meta.get_fields() if hasattr(each, "max_length")
    }
    for each in dataset.fields:
        if each.max_length and lengths.get(each.name):
            assert each.max_length <= (lengths[each.name] or 0), each.name


def test_every_record_class_can_be_uploaded() -> None:
    """A class of facts without a dataset could not be handed in by a client without an API."""
    assert {dataset.record for dataset in DATASETS.values()} - {None} == set(TABLES)
