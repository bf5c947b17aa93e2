"""Are records that are made quickly the records that the dataclass makes?"""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, fields
from typing import Any

import pytest

from connectors.engine.records import quick, rows_of
from connectors.services.tables import TABLES


@dataclass(frozen=True, slots=True)
class _Checked:
    """A record that looks at its own field."""

    number: int

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(self.number)


@pytest.mark.parametrize("record", TABLES)
def test_a_quick_record_is_the_record(record: Any) -> None:
    """Equal, of the same class, hashable and frozen, for every class of records."""
    values = [f"value {number}" for number, _ in enumerate(fields(record))]
    made, usual = quick(record)(*values), record(*values)
    assert (made, type(made), hash(made), repr(made)) == (usual, record, hash(usual), repr(usual))
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(record)[0].name, "other")


@pytest.mark.parametrize("record", TABLES)
def test_rows_hold_every_field_in_its_place(record: Any) -> None:
    """One tuple for each record, in the order of the fields."""
    values = tuple(f"value {number}" for number, _ in enumerate(fields(record)))
    assert rows_of(record)([record(*values), record(*values[::-1])]) == [values, values[::-1]]
    assert rows_of(record)([]) == []


def test_a_record_that_checks_itself_is_not_made_quickly() -> None:
    """Its check would be left out."""
    with pytest.raises(TypeError):
        quick(_Checked)
